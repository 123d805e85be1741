"""People who work at the shop: let in, given other roles, let in no more."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, Final, get_args

import click
from sqlalchemy import Connection

from gateways.database.engine import Database
from gateways.database.staff import accounts, acts, sessions
from gateways.database.staff.accounts import LoginTakenError, NoSuchStaffError
from gateways.database.staff.acts import Act, Did
from starter.cli.shared import render
from starter.cli.shared.session import WrongInput, settings_or_exit, with_database
from starter.shared.connect import staff_door
from starter.shared.passwords import Passwords, is_weak
from starter.shared.staff_links import link_for
from starter.shared.staff_names import is_login, is_name
from workers.setting_values import StaffRole

_COLUMNS = ("id", "login", "name", "roles", "state", "signed_in_at")
_login = click.argument("login")
_roles = click.option(
    "--role", "roles", type=click.Choice(get_args(StaffRole)), multiple=True, required=True, help="Repeatable."
)
_ask = click.option("--ask", is_flag=True, help="Ask for a password here instead of making a link.")
_WEAK: Final = "expected at least 12 characters, 6 of them different, without the sign-in name and the name"


def _show(rows: list[dict[str, Any]]) -> None:
    render.records("staff", _COLUMNS, [row | {"roles": ", ".join(row["roles"])} for row in rows])


def _show_let_in(done: dict[str, Any]) -> None:
    if link := done.get("link"):
        render.line(link)
        told = f"lets {done['login']} choose a password, once, until {render.printable(done['ends_at'])}"
        click.echo(f"{told}; it is not shown again", err=True)
    else:
        render.line(f"{done['login']} can sign in")


def _show_changed(done: dict[str, Any]) -> None:
    render.line(f"{done['login']}: {done['state']}")


@click.group()
def staff() -> None:
    """Let people who work at the shop into its pages, and out."""


@staff.command("list")
@render.answers(_show)
def list_staff() -> list[dict[str, Any]]:
    """Show who may sign in to the pages of staff, with what roles, and when they last did."""
    return with_database(_all_of_them)


async def _all_of_them(db: Database) -> list[dict[str, Any]]:
    return [_row(one) for one in await accounts.everybody(db)]


def _row(one: dict[str, Any]) -> dict[str, Any]:
    state = "disabled" if one["disabled_at"] else "waits for a password" if _has_no_way_in(one) else "may sign in"
    return {name: one.get(name, state) for name in _COLUMNS} | {"issuer": one["issuer"] or None}


def _has_no_way_in(one: dict[str, Any]) -> bool:
    return not one["issuer"] and one["password"] is None


@staff.command()
@_login
@click.option("--name", required=True, help="What timelines call them.")
@_roles
@_ask
@render.answers(_show_let_in)
def add(login: str, name: str, roles: tuple[str, ...], *, ask: bool) -> dict[str, Any]:
    """Let somebody in who signs in as LOGIN: prints a link that lets them choose a password, once."""
    _check(login, name)
    password = _asked(login, name) if ask else None
    told, now = sorted(set(roles)), datetime.now(UTC)

    def make(connection: Connection) -> int:
        staff_id = accounts.add(connection, login, name, told, now)
        acts.record(connection, staff_id, Act("added", acts.COMMAND, now, ", ".join(told)))
        return staff_id

    return _let_in(login, password, make)


@staff.command()
@_login
@_ask
@render.answers(_show_let_in)
def password(login: str, *, ask: bool) -> dict[str, Any]:
    """Give somebody a new password: prints a link; the old one, and where they are signed in, ends when it is used."""
    did: Did = "password" if ask else "link"

    def find(connection: Connection) -> int:
        staff_id = _id_of(connection, login)
        acts.record(connection, staff_id, Act(did, acts.COMMAND, datetime.now(UTC)))
        return staff_id

    return _let_in(login, _asked(login) if ask else None, find)


@staff.command()
@_login
@_roles
@render.answers(_show_changed)
def roles(login: str, roles: tuple[str, ...]) -> dict[str, Any]:
    """Give somebody these roles in place of theirs; it holds from their next page on."""
    told = sorted(set(roles))
    act = Act("roles", acts.COMMAND, datetime.now(UTC), ", ".join(told))
    _changed(lambda db: accounts.change(db, login, act, roles=told))
    return {"login": login, "roles": told, "state": ", ".join(told)}


@staff.command()
@_login
@render.answers(_show_changed)
def disable(login: str) -> dict[str, Any]:
    """Let somebody in no more, and sign them out everywhere."""
    ended = _changed(lambda db: accounts.disable(db, login, datetime.now(UTC)))
    return {"login": login, "sessions": ended, "state": f"disabled, and signed out in {ended} places"}


@staff.command()
@_login
@render.answers(_show_changed)
def enable(login: str) -> dict[str, Any]:
    """Let somebody in again."""
    act = Act("enabled", acts.COMMAND, datetime.now(UTC))
    _changed(lambda db: accounts.change(db, login, act, disabled_at=None))
    return {"login": login, "state": "may sign in"}


def _check(login: str, name: str) -> None:
    wrong = []
    if not is_login(login):
        wrong.append(("LOGIN", "expected 1 to 100 small letters, digits or one of . _ @ + -, a letter or digit first"))
    if not is_name(name):
        wrong.append(("--name", "expected the name of a person, at most 80 characters, without (key ...)"))
    if wrong:
        raise WrongInput(wrong)


def _asked(*known: str) -> str:
    typed = str(click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    if is_weak(typed, *known):
        raise WrongInput([("password", _WEAK)])
    return typed


def _id_of(connection: Connection, login: str) -> int:
    found = accounts.by_login(connection, accounts.OURS, login)
    if found is None:
        raise NoSuchStaffError(login)
    return found.id


def _let_in(login: str, password: str | None, find: Callable[[Connection], int]) -> dict[str, Any]:
    """With a password that was typed, or by a link."""
    settings = settings_or_exit()
    if settings.oidc_issuer:
        raise WrongInput([("HOMEWARD_OIDC_ISSUER", "expected none: with it the provider says who works here")])
    door = staff_door(settings)

    async def act(db: Database) -> dict[str, Any]:
        kept = await Passwords().hash(password) if password else None

        def work(connection: Connection) -> dict[str, Any]:
            staff_id = find(connection)
            if kept is None:
                return {"login": login, **vars(link_for(connection, door, staff_id))}
            accounts.set_password(connection, staff_id, kept)
            sessions.end_all(connection, staff_id)
            return {"login": login}

        return await db.write(work)

    done: dict[str, Any] = _changed(act)
    return done


def _changed(act: Callable[[Database], Awaitable[Any]]) -> Any:
    async def changing(db: Database) -> Any:
        try:
            return await act(db)
        except LoginTakenError as error:
            raise WrongInput([("LOGIN", f"expected another sign-in name than {error}: somebody has it")]) from None
        except NoSuchStaffError as error:
            raise WrongInput([("LOGIN", f"expected the sign-in name of somebody who was added, got {error}")]) from None

    return with_database(changing)
