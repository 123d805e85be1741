"""Webhook events that no return has taken: shown, attached to a return, or dismissed."""

from typing import Any

import click

from client.errors import Unlikely
from gateways.database.messages import inbox as letters
from starter.cli.shared import options, render
from starter.cli.shared.session import Failed, with_database, with_homeward
from starter.shared.connect import Connected
from starter.shared.inbox import Inbox
from starter.shared.inbox import dismiss as put_away
from starter.shared.inbox import dismiss_unknown as put_unknown_away
from workers.webhook_table import WEBHOOKS

_COLUMNS = ("id", "at", "source", "kind", "return_id", "about", "state", "why", "next_attempt_at")
#: The rows that ``--all`` shows at most.
_MANY = 1000
_NUMBER = click.IntRange(1, 2**63 - 1)
_by = options.by("operations", "Who says so.")
_ALL = (*letters.OPEN, "passed", "dismissed")


def _about(row: dict[str, Any]) -> str:
    """The message in a few words."""
    said = row["message"]
    if row["kind"] == "tracking":
        return f"{said['tracking_code']} {said['status']}"
    if row["kind"] == "payment":
        return f"{said['reference']} {said['status']}"
    named = str(said[f"{row['kind']}_id"])
    return f"{named} of {row['tracking_code']}" if row["tracking_code"] else named


def _show(rows: list[dict[str, Any]]) -> None:
    if rows:
        render.records("inbox", _COLUMNS, [row | {"about": _about(row)} for row in rows])
    else:
        render.line("nothing waits in the inbox")


def _show_done(answer: dict[str, Any]) -> None:
    where = f" to {answer['return_id']}" if "return_id" in answer else ""
    render.line(f"event {answer['id']} is {answer['state']}{where}")


@click.group(invoke_without_command=True)
@click.option("--all", "everything", is_flag=True, help="What returns have, or was put away, as well.")
@render.json_option
@click.pass_context
def inbox(ctx: click.Context, *, everything: bool, as_json: bool) -> None:
    """Show webhook events that no return has taken yet."""
    if ctx.invoked_subcommand is None:
        states = _ALL if everything else letters.OPEN
        render.answer(with_database(lambda db: letters.listed(db, states, _MANY)), _show, as_json=as_json)


@inbox.command()
@click.argument("event", type=_NUMBER)
@options.return_id
@click.option("--confirm", is_flag=True, help="Though it hardly belongs there: another parcel, refund or order.")
@_by
@render.answers(_show_done)
def attach(event: int, return_id: str, by: str, *, confirm: bool) -> dict[str, Any]:
    """Pass EVENT on to RETURN_ID, and whatever else comes of the same parcel or refund."""

    async def act(there: Connected) -> None:
        try:
            await Inbox(there.homeward, there.db).attach(event, return_id, by, confirm=confirm)
        except Unlikely as error:
            raise Failed(f"{error}; with --confirm it is attached all the same") from None

    with_homeward(act)
    return {"id": event, "return_id": return_id, "state": "passed"}


def _show_dismissed(answer: dict[str, Any]) -> None:
    if "id" in answer:
        _show_done(answer)
    else:
        render.line(f"dismissed: {answer['dismissed']}")


@inbox.command()
@click.argument("event", type=_NUMBER, required=False)
@click.option(
    "--unknown", type=click.Choice(list(WEBHOOKS)), help="All that wait from this partner for no return that there is."
)
@_by
@options.why
@render.answers(_show_dismissed)
def dismiss(event: int | None, unknown: str | None, by: str, why: str) -> dict[str, Any]:
    """Dismiss EVENT, or many by --unknown: nothing is to be done about them."""
    if (event is None) == (unknown is None):
        raise click.UsageError("Expected EVENT or --unknown, and not both.")
    if event is not None:
        with_database(lambda db: put_away(db, event, why, by))
        return {"id": event, "state": "dismissed"}
    return {"dismissed": with_database(lambda db: put_unknown_away(db, unknown or "", why, by))}
