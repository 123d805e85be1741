"""Webhook events that no return has taken: shown, attached to a return, or dismissed."""

from typing import Any

import click

from gateways.database.engine import Database
from gateways.database.messages import inbox as letters
from starter.cli.shared import render
from starter.cli.shared.session import with_database, with_homeward
from starter.shared.connect import Connected
from starter.shared.inbox import Inbox
from starter.shared.inbox import dismiss as put_away

_COLUMNS = ("id", "at", "source", "kind", "return_id", "about", "state", "why", "next_attempt_at")
#: The rows that ``--all`` shows at most.
_MANY = 1000
_NUMBER = click.IntRange(1, 2**63 - 1)
_ALL = (*letters.OPEN, "passed", "dismissed")


@click.group(invoke_without_command=True)
@click.option("--all", "everything", is_flag=True, help="What returns have, or was put away, as well.")
@render.json_option
@click.pass_context
def inbox(ctx: click.Context, *, everything: bool, as_json: bool) -> None:
    """Show webhook events that no return has taken yet."""
    if ctx.invoked_subcommand is not None:
        return
    states = _ALL if everything else letters.OPEN

    async def act(db: Database) -> list[dict[str, Any]]:
        return await letters.listed(db, states, _MANY)

    rows = with_database(act)
    if as_json:
        render.put_json(rows)
    elif rows:
        render.table("inbox", _COLUMNS, [[(row | {"about": _about(row)})[name] for name in _COLUMNS] for row in rows])
    else:
        render.line("nothing waits in the inbox")


def _about(row: dict[str, Any]) -> str:
    """The message in a few words."""
    said = row["message"]
    if row["kind"] == "tracking":
        return f"{said['tracking_code']} {said['status']}"
    if row["kind"] == "payment":
        return f"{said['reference']} {said['status']}"
    return str(said[f"{row['kind']}_id"])


@inbox.command()
@click.argument("event", type=_NUMBER)
@click.argument("return_id")
@render.json_option
def attach(event: int, return_id: str, *, as_json: bool) -> None:
    """Pass EVENT on to RETURN_ID, and whatever else comes of the same parcel or refund."""

    async def act(there: Connected) -> None:
        await Inbox(there.homeward, there.db).attach(event, return_id)

    with_homeward(act)
    _done({"id": event, "return_id": return_id, "state": "passed"}, as_json=as_json)


@inbox.command()
@click.argument("event", type=_NUMBER)
@click.option("--why", required=True, help="For whoever looks at it later.")
@render.json_option
def dismiss(event: int, why: str, *, as_json: bool) -> None:
    """Dismiss EVENT: nothing is to be done about it."""

    async def act(db: Database) -> None:
        await put_away(db, event, why)

    with_database(act)
    _done({"id": event, "state": "dismissed"}, as_json=as_json)


def _done(answer: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        render.put_json(answer)
    else:
        where = f" to {answer['return_id']}" if "return_id" in answer else ""
        render.line(f"event {answer['id']} is {answer['state']}{where}")
