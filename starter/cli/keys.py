"""Keys of the HTTP API, made, changed and taken away while the shop runs."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import click
from pydantic import TypeAdapter, ValidationError

from gateways.database import api_keys
from gateways.database.api_keys import MadeKey, NameTakenError, NoSuchKeyError
from gateways.database.engine import Database
from lifecycle.contract.request import problems
from starter.cli.shared import options, render
from starter.cli.shared.session import WrongInput, settings_or_exit, with_database
from workers.setting_values import KeyName, Scope

_COLUMNS = ("name", "number", "state", "scopes", "made_at", "ends_at", "used_at")
_NAME: TypeAdapter[str] = TypeAdapter(KeyName)
_name = click.argument("name")
_expires = click.option("--expires", type=options.LENGTH, help="From when on it opens nothing: 90d from now.")


def _show(rows: list[dict[str, Any]]) -> None:
    told = [row | {"scopes": ", ".join(row["scopes"])} for row in rows]
    render.records("keys", _COLUMNS, told)


@click.group(invoke_without_command=True)
@render.json_option
@click.pass_context
def keys(context: click.Context, *, as_json: bool) -> None:
    """Show the API keys that are kept in the database: what they open, until when, and when they were last used."""
    if context.invoked_subcommand is None:
        render.answer(with_database(_all_of_them), _show, as_json=as_json)


async def _all_of_them(db: Database) -> list[dict[str, Any]]:
    now = datetime.now(UTC)
    return [_row(key, now) for key in await api_keys.all_keys(db)]


def _row(key: dict[str, Any], now: datetime) -> dict[str, Any]:
    ended = key["ends_at"] is not None and key["ends_at"] <= now
    state = "revoked" if key["revoked_at"] else "ended" if ended else "in force"
    return {name: key.get(name, state) for name in _COLUMNS} | {"revoked_at": key["revoked_at"]}


def _show_made(made: dict[str, Any]) -> None:
    until = f", until {render.printable(made['ends_at'])}" if made["ends_at"] else ""
    render.line(made["key"])
    click.echo(f"key {made['name']} opens {', '.join(made['scopes'])}{until}; it is not shown again", err=True)


def _show_revoked(done: dict[str, Any]) -> None:
    render.line(f"{done['revoked']} keys called {done['name']} open nothing any more")


@keys.command()
@_name
@click.option("--scope", "scopes", type=click.Choice(get_args(Scope)), multiple=True, required=True, help="Repeatable.")
@_expires
@render.answers(_show_made)
def create(name: str, scopes: tuple[str, ...], expires: float | None) -> dict[str, Any]:
    """Make a key called NAME, and print it, once."""
    _check(name)
    now = datetime.now(UTC)
    return _made(lambda db: api_keys.create(db, name, sorted(set(scopes)), now, _after(now, expires)))


@keys.command()
@_name
@click.option("--overlap", type=options.LENGTH, default="24h", show_default=True, help="While the old one opens too.")
@_expires
@render.answers(_show_made)
def rotate(name: str, overlap: float, expires: float | None) -> dict[str, Any]:
    """Make the next key called NAME, and print it, once; the one before ends after the overlap."""
    now = datetime.now(UTC)
    return _made(lambda db: api_keys.rotate(db, name, now, timedelta(seconds=overlap), _after(now, expires)))


@keys.command()
@_name
@render.answers(_show_revoked)
def revoke(name: str) -> dict[str, Any]:
    """End all keys called NAME; every process knows within seconds."""

    async def act(db: Database) -> dict[str, Any]:
        return {"name": name, "revoked": await api_keys.revoke(db, name, datetime.now(UTC))}

    return with_database(_telling(act))


def _check(name: str) -> None:
    try:
        _NAME.validate_python(name)
    except ValidationError as error:
        raise WrongInput([("NAME", problems(error)[0][1])]) from None
    if name in {key.label for key in settings_or_exit().api_keys}:
        raise WrongInput([("NAME", f"expected another name than {name}, which a key of HOMEWARD_API_KEYS has")])


def _after(now: datetime, expires: float | None) -> datetime | None:
    return None if expires is None else now + timedelta(seconds=expires)


def _made(make: Callable[[Database], Awaitable[MadeKey]]) -> dict[str, Any]:
    async def act(db: Database) -> dict[str, Any]:
        return asdict(await make(db))

    return with_database(_telling(act))


def _telling(act: Callable[[Database], Awaitable[dict[str, Any]]]) -> Callable[[Database], Awaitable[dict[str, Any]]]:
    async def telling(db: Database) -> dict[str, Any]:
        try:
            return await act(db)
        except NameTakenError as error:
            raise WrongInput([("NAME", f"expected another name than {error}: a key in force has it")]) from None
        except NoSuchKeyError as error:
            raise WrongInput([("NAME", f"expected the name of a key in force, got {error}")]) from None

    return telling
