"""What every command shares: settings, connections, and how an error leaves the program.

Wrong input ends with 2 and names the field, a refusal or silence ends with 1.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from shlex import quote
from typing import Any, TypeVar

import click
from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError

from client.errors import HomewardError, InvalidInput, UnknownReturn
from gateways.database.engine import Database, WrongSchema
from gateways.database.returns.listing import newest_ids
from gateways.errors import GatewayError, Unavailable
from lifecycle.contract.errors import InvalidRequest
from lifecycle.contract.request import problems
from starter.shared.connect import Connected, connected, database
from workers.deployment.build import Build, this_build
from workers.settings import Settings, SettingsError, load_settings

T = TypeVar("T")
#: Temporal's runtime may abort the process when it ends right after a call (sdk-python issue 300).
_SETTLES_IN = 0.05
#: The newest returns whose ids are compared with one that nobody knows.
_LOOKED_THROUGH = 2000


class Failed(click.ClickException):
    """Refused by the return, or nobody answered: exit code 1."""


class WrongInput(click.ClickException):
    """The input is wrong, each line names a field: exit code 2."""

    exit_code = 2

    def __init__(self, found: Sequence[tuple[str, str]]) -> None:
        super().__init__("\n".join(f"{field}: {text}" for field, text in found))


def settings_or_exit() -> Settings:
    """The environment's settings; a bad one ends the program with 2, naming the variable."""
    try:
        return load_settings()
    except SettingsError as error:
        raise WrongInput([_split(str(error))]) from None


def build_or_exit() -> Build:
    """This version as the environment names it; a bad name ends the program with 2, naming the variable."""
    try:
        return this_build()
    except SettingsError as error:
        raise WrongInput([_split(str(error))]) from None


def _split(text: str) -> tuple[str, str]:
    field, _, rest = text.partition(": ")
    return field, rest


@contextmanager
def wrong_input_named() -> Iterator[None]:
    """Have what is wrong with an input leave the program as ``WrongInput``."""
    try:
        yield
    except (InvalidInput, InvalidRequest) as error:
        raise WrongInput(error.problems) from None
    except ValidationError as error:
        raise WrongInput(problems(error)) from None
    except SettingsError as error:
        raise WrongInput([_split(str(error))]) from None


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run to the end, leave Temporal's runtime the moment it needs, and convert the errors."""

    async def settled() -> T:
        try:
            return await coroutine
        finally:
            await asyncio.sleep(_SETTLES_IN)

    try:
        with wrong_input_named():
            return asyncio.run(settled())
    except Unavailable as error:
        raise Failed(f"{error}; `homeward db upgrade` makes one that is not there yet") from None
    except SQLAlchemyError as error:
        raise Failed(f"the database refuses ({type(error).__name__}); try `homeward db upgrade`") from None
    except (HomewardError, GatewayError, WrongSchema, OSError) as error:
        raise Failed(str(error)) from None


def with_homeward(action: Callable[[Connected], Awaitable[T]]) -> T:
    """Do something with Temporal and the database."""
    settings = settings_or_exit()

    async def act() -> T:
        async with connected(settings) as there:
            try:
                return await action(there)
            except UnknownReturn as error:
                raise Failed(f"{error}{await _meant(there.db, error.return_id)}") from None

    return run(act())


async def _meant(db: Database, typed: str) -> str:
    """What may have been meant by an id that no return has."""
    like = get_close_matches(typed, await newest_ids(db, _LOOKED_THROUGH), 3, 0.8)
    if like:
        return f"; did you mean {' or '.join(like)}?"
    return f"; `homeward find {quote(typed)}` looks for it by name, order, code or SKU" if typed.strip() else ""


def with_database(action: Callable[[Database], Awaitable[T]]) -> T:
    """Do something with the database alone."""
    settings = settings_or_exit()

    async def act() -> T:
        async with database(settings) as db:
            return await action(db)

    return run(act())
