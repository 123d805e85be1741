"""Commands that only look."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import click

from client.list_rows import Listed, ListFilter
from gateways.database.failing_steps import failures_of, waiting_of
from gateways.database.ledger import effects_of
from gateways.database.messages.outbox import mails_of
from gateways.database.returns.records import get_return
from gateways.database.stock.inventory import movements_of
from lifecycle.contract.request import ReturnRequest
from lifecycle.contract.view import Status, View
from starter.cli.shared import inputs, render
from starter.cli.shared.session import with_homeward
from starter.shared.connect import Connected


@click.command()
@click.argument("return_id")
@render.json_option
def show(return_id: str, *, as_json: bool) -> None:
    """Show all there is to know of one return, with its mails, effects, stock movements and steps that failed."""

    async def act(there: Connected) -> tuple[View, ReturnRequest | None, dict[str, list[Any]]]:
        view, row = await there.homeward.view(return_id), await get_return(there.db, return_id)
        request = ReturnRequest.model_validate(row.request) if row else None
        kept = {
            "mails": mails_of,
            "effects": effects_of,
            "movements": movements_of,
            "waiting": waiting_of,
            "failures": failures_of,
        }
        rows = await asyncio.gather(*(rows_of(there.db, return_id) for rows_of in kept.values()))
        return view, request, {name: list(found) for name, found in zip(kept, rows, strict=True)}

    view, request, kept = with_homeward(act)
    if as_json:
        items = [item.model_dump(mode="json") for item in request.items] if request else []
        render.put_json({**view.model_dump(mode="json"), "items": items, **kept})
        return
    render.show_view(view, request)
    render.show_kept(kept)


@click.command("list")
@click.option("--status", type=click.Choice([status.value for status in Status]), default=None)
@click.option("--attention", is_flag=True, help="Only those that wait for an operator.")
@click.option("--escalated", is_flag=True, help="Only those past their target.")
@click.option("--due-before", default=None, help="Only those promised before that instant, ISO 8601 with a zone.")
@click.option("--overdue", is_flag=True, help="Only those whose promise is broken.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)
@render.json_option
def list_returns(
    status: str | None,
    limit: int,
    due_before: str | None,
    *,
    attention: bool,
    escalated: bool,
    overdue: bool,
    as_json: bool,
) -> None:
    """List returns, the newest first."""
    due = inputs.instant("--due-before", due_before) if due_before else None
    wanted = ListFilter(
        status=Status(status) if status else None,
        escalated=escalated or None,
        attention=attention or None,
        due_before=datetime.now(UTC) if overdue else due,
    )

    async def act(there: Connected) -> list[Listed]:
        return await there.homeward.list(wanted, limit)

    rows = with_homeward(act)
    if as_json:
        render.put_json(rows)
        return
    render.table(
        "returns",
        ["return", "order", "status", "resolve by", "late", "attention"],
        [
            (
                row.return_id,
                row.order_id,
                row.status,
                row.resolve_by,
                "yes" if row.escalated else "",
                row.attention,
            )
            for row in rows
        ],
    )
