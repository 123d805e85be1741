"""Commands that only look."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import click

from client.list_rows import Listed, ListFilter
from client.partners.limits import Limits
from gateways.database.failing_steps import failures_of, waiting_of
from gateways.database.ledger import effects_of
from gateways.database.messages.outbox import mails_of
from gateways.database.returns.records import get_return
from gateways.database.stock.inventory import movements_of
from lifecycle.contract.request import ReturnRequest
from lifecycle.contract.statuses import Status
from lifecycle.contract.view import View
from starter.cli.shared import inputs, options, render
from starter.cli.shared.session import with_homeward
from starter.shared.connect import Connected

#: What the database keeps beside the view, by what each is called.
_KEPT: Final = {
    "mails": mails_of,
    "effects": effects_of,
    "movements": movements_of,
    "waiting": waiting_of,
    "failures": failures_of,
}
_Kept = dict[str, Sequence[Mapping[str, Any]]]
_Shown = tuple[View, ReturnRequest | None, _Kept]


def _show(found: _Shown) -> None:
    view, request, kept = found
    render.show_view(view, request)
    render.show_kept(kept)


def _document(found: _Shown) -> dict[str, Any]:
    view, request, kept = found
    items = [item.model_dump(mode="json") for item in request.items] if request else []
    return {**view.model_dump(mode="json"), "items": items, **kept}


@click.command()
@options.return_id
@render.answers(_show, _document)
def show(return_id: str) -> _Shown:
    """Show all there is to know of one return, with its mails, effects, stock movements and steps that failed."""

    async def act(there: Connected) -> _Shown:
        view, row = await there.homeward.view(return_id), await get_return(there.db, return_id)
        request = ReturnRequest.model_validate(row.request) if row else None
        rows = await asyncio.gather(*(rows_of(there.db, return_id) for rows_of in _KEPT.values()))
        kept: _Kept = dict(zip(_KEPT, rows, strict=True))
        return view, request, kept | {"limits": [] if view.closed else await Limits(there.client, there.db).held_back()}

    return with_homeward(act)


def _show_list(rows: list[Listed]) -> None:
    columns = ["return", "order", "status", "resolve by", "late", "attention"]
    cells = [
        (row.return_id, row.order_id, row.status, row.resolve_by, "yes" if row.escalated else "", row.attention)
        for row in rows
    ]
    colours = ["red" if row.attention else "yellow" if row.escalated else None for row in rows]
    render.table("returns", columns, cells, colours)


@click.command("list")
@click.option("--status", type=options.OneOf(Status), default=None)
@click.option("--attention", is_flag=True, help="Only those that wait for an operator.")
@click.option("--escalated", is_flag=True, help="Only those past their target.")
@click.option("--due-before", default=None, help="Only those promised before that instant, ISO 8601 with a zone.")
@click.option("--overdue", is_flag=True, help="Only those whose promise is broken.")
@options.limit
@render.answers(_show_list)
def list_returns(
    status: Status | None, limit: int, due_before: str | None, *, attention: bool, escalated: bool, overdue: bool
) -> list[Listed]:
    """List returns, the newest first."""
    due = inputs.instant("--due-before", due_before) if due_before else None
    wanted = ListFilter(
        statuses=(status,) if status else (),
        escalated=escalated or None,
        attention=attention or None,
        due_before=datetime.now(UTC) if overdue else due,
    )
    return with_homeward(lambda there: there.homeward.list(wanted, limit))
