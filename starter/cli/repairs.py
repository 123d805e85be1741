"""The repair bench: its queue, and what is said of each repair."""

from typing import Any

import click

from client.repairs import QueuedRepair, Repairs, customers_item
from lifecycle.contract.messages import ResolveAttention
from lifecycle.contract.money import format_money
from lifecycle.contract.request import Item
from lifecycle.repairs.messages import (
    Diagnosis,
    DiagnosisOutcome,
    EstimateAnswer,
    Part,
    RepairCheck,
    RepairSummary,
    RepairView,
    RepairWork,
)
from lifecycle.shared.repair_messages import RepairState
from starter.cli.shared import inputs, options, render
from starter.cli.shared.session import with_homeward
from starter.shared.connect import Connected

_unit = click.argument("unit_id")
_note = click.option("--note", default=None, help="For colleagues; the customer does not see it.")


@click.group()
def repair() -> None:
    """Show the repair bench's queue, and record what was done."""


def _show_summary(summary: RepairSummary) -> None:
    render.line(f"{summary.return_id}  {summary.unit_id}  {summary.state}{_money(summary)}")
    if summary.answer_by:
        render.line(f"  answer by {render.printable(summary.answer_by)}")
    if summary.attention:
        render.line(f"  needs attention: {summary.attention}")


def _money(repair: RepairSummary | RepairView) -> str:
    return "" if repair.estimate is None else f"  estimate {format_money(repair.estimate, repair.currency)}"


def _show_queue(rows: list[QueuedRepair]) -> None:
    columns = ["return", "unit", "sku", "location", "state", "since", "attention"]
    render.table("repair bench", columns, [list(row.model_dump().values()) for row in rows])


@repair.command("list")
@click.option("--state", type=options.OneOf([state for state in RepairState if not state.ended]), default=None)
@click.option("--attention", is_flag=True, help="Only those that wait for an operator.")
@options.limit
@render.answers(_show_queue)
def list_repairs(state: RepairState | None, limit: int, *, attention: bool) -> list[QueuedRepair]:
    """List what is on the bench, the longest waiting first."""
    return with_homeward(lambda there: Repairs(there.client).queue(state, attention=attention, limit=limit))


def _show(found: tuple[RepairView, Item | None]) -> None:
    view, item = found
    render.line(f"{view.return_id}  {view.unit_id}  {view.state}{_money(view)}{'  closed' if view.closed else ''}")
    terms = "in warranty" if view.in_warranty else "out of warranty"
    render.line(f"  {view.sku} {view.title}, {terms}, at {view.location}, round {view.rounds}")
    if item:
        render.show_item(item, view.title or view.sku)
    if view.answer_by:
        render.line(f"  answer by {render.printable(view.answer_by)}")
    if view.attention:
        render.line(f"  needs attention: {view.attention.step} ({view.attention.error})")
    if view.parts:
        render.table("parts", ["sku", "quantity"], [(part.sku, part.quantity) for part in view.parts])
    render.timeline(view.timeline)


@repair.command()
@options.return_id
@_unit
@render.answers(_show, lambda found: {**found[0].model_dump(mode="json"), "item": found[1]})
def show(return_id: str, unit_id: str) -> tuple[RepairView, Item | None]:
    """Show all there is to know of one repair."""

    async def act(there: Connected) -> tuple[RepairView, Item | None]:
        return await Repairs(there.client).view(return_id, unit_id), await customers_item(there.db, return_id, unit_id)

    return with_homeward(act)


@repair.command()
@options.return_id
@_unit
@click.argument("outcome", type=options.OneOf(DiagnosisOutcome))
@click.option("--estimate", type=int, default=None, help="Price with tax in minor units; needed out of warranty.")
@options.repeatable_id("--diagnosis-id")
@options.by("bench")
@_note
@render.answers(_show_summary)
def diagnose(return_id: str, unit_id: str, **given: Any) -> RepairSummary:
    """Record what the bench found."""
    return with_homeward(lambda there: Repairs(there.client).diagnose(return_id, unit_id, Diagnosis(**given)))


@repair.command()
@options.return_id
@_unit
@click.argument("answer", type=click.Choice(["accept", "refuse"]))
@options.by("customer")
@render.answers(_show_summary)
def estimate(return_id: str, unit_id: str, answer: str, by: str) -> RepairSummary:
    """Record the customer's answer to the estimate."""
    return with_homeward(
        lambda there: Repairs(there.client).answer_estimate(
            return_id, unit_id, EstimateAnswer(by=by, accepted=answer == "accept")
        )
    )


@repair.command()
@options.return_id
@_unit
@click.option("--part", "parts", multiple=True, metavar="SKU[:QUANTITY]", help="Taken from stock; repeatable.")
@options.repeatable_id("--repair-id")
@options.by("bench")
@_note
@render.answers(_show_summary)
def record(return_id: str, unit_id: str, parts: tuple[str, ...], **given: Any) -> RepairSummary:
    """Record that the unit was repaired, and with which parts."""
    used = [part(text) for text in parts]
    return with_homeward(
        lambda there: Repairs(there.client).record_repair(return_id, unit_id, RepairWork(**given, parts=used))
    )


def part(text: str) -> Part:
    """Read ``SKU[:QUANTITY]``."""
    return inputs.counted(Part, "--part", text)


@repair.command()
@options.return_id
@_unit
@click.argument("result", type=click.Choice(["passed", "failed"]))
@options.repeatable_id("--check-id")
@options.by("bench")
@_note
@render.answers(_show_summary)
def check(return_id: str, unit_id: str, result: str, **given: Any) -> RepairSummary:
    """Record whether the repaired unit works."""
    return with_homeward(
        lambda there: Repairs(there.client).record_check(
            return_id, unit_id, RepairCheck(**given, passed=result == "passed")
        )
    )


@repair.command()
@options.return_id
@_unit
@options.action
@options.by("bench")
@options.reference
@options.step
@render.answers(_show_summary)
def attention(return_id: str, unit_id: str, **given: Any) -> RepairSummary:
    """Answer a step of the repair that failed for good."""
    return with_homeward(
        lambda there: Repairs(there.client).resolve_attention(return_id, unit_id, ResolveAttention(**given))
    )
