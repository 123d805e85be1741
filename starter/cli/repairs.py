"""The repair bench: its queue, and what is said of each repair."""

import re
from collections.abc import Awaitable, Callable
from uuid import uuid4

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
from starter.cli.shared import render
from starter.cli.shared.session import WrongInput, with_homeward
from starter.shared.connect import Connected

_unit = click.argument("unit_id")
_return = click.argument("return_id")
_by = click.option("--by", default="bench", show_default=True, help="Who did it; goes into the timeline.")
_note = click.option("--note", default=None, help="For colleagues; the customer does not see it.")
_PART = re.compile(r"^(?P<sku>.+?)(:(?P<quantity>\d{1,6}))?$")


@click.group()
def repair() -> None:
    """Show the repair bench's queue, and record what was done."""


def _answer(action: Callable[[Repairs], Awaitable[RepairSummary]], *, as_json: bool) -> None:
    async def act(there: Connected) -> RepairSummary:
        return await action(Repairs(there.client))

    summary = with_homeward(act)
    if as_json:
        render.put_json(summary)
        return
    render.line(f"{summary.return_id}  {summary.unit_id}  {summary.state}{_money(summary)}")
    if summary.answer_by:
        render.line(f"  answer by {render.printable(summary.answer_by)}")
    if summary.attention:
        render.line(f"  needs attention: {summary.attention}")


def _money(repair: RepairSummary | RepairView) -> str:
    return "" if repair.estimate is None else f"  estimate {format_money(repair.estimate, repair.currency)}"


@repair.command("list")
@click.option("--state", type=click.Choice([state.value for state in RepairState if not state.ended]), default=None)
@click.option("--attention", is_flag=True, help="Only those that wait for an operator.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)
@render.json_option
def list_repairs(state: str | None, limit: int, *, attention: bool, as_json: bool) -> None:
    """List what is on the bench, the longest waiting first."""

    async def act(there: Connected) -> list[QueuedRepair]:
        wanted = RepairState(state) if state else None
        return await Repairs(there.client).queue(wanted, attention=attention, limit=limit)

    rows = with_homeward(act)
    if as_json:
        render.put_json(rows)
        return
    columns = ["return", "unit", "sku", "location", "state", "since", "attention"]
    render.table("repair bench", columns, [list(row.model_dump().values()) for row in rows])


@repair.command()
@_return
@_unit
@render.json_option
def show(return_id: str, unit_id: str, *, as_json: bool) -> None:
    """Show all there is to know of one repair."""

    async def act(there: Connected) -> tuple[RepairView, Item | None]:
        return await Repairs(there.client).view(return_id, unit_id), await customers_item(there.db, return_id, unit_id)

    view, item = with_homeward(act)
    if as_json:
        render.put_json({**view.model_dump(mode="json"), "item": item})
        return
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
    entries = ((entry.at, entry.event, entry.by, entry.detail) for entry in view.timeline)
    render.table("timeline", ["at", "event", "by", "detail"], entries)


@repair.command()
@_return
@_unit
@click.argument("outcome", type=click.Choice([outcome.value for outcome in DiagnosisOutcome]))
@click.option("--estimate", type=int, default=None, help="Price with tax in minor units; needed out of warranty.")
@click.option("--diagnosis-id", default="", help="Makes a repeat harmless; made up when left out.")
@_by
@_note
@render.json_option
def diagnose(
    return_id: str,
    unit_id: str,
    outcome: str,
    estimate: int | None,
    diagnosis_id: str,
    by: str,
    note: str | None,
    *,
    as_json: bool,
) -> None:
    """Record what the bench found."""

    async def act(repairs: Repairs) -> RepairSummary:
        message = Diagnosis(
            diagnosis_id=diagnosis_id or uuid4().hex[:12],
            by=by,
            outcome=DiagnosisOutcome(outcome),
            estimate=estimate,
            note=note,
        )
        return await repairs.diagnose(return_id, unit_id, message)

    _answer(act, as_json=as_json)


@repair.command()
@_return
@_unit
@click.argument("answer", type=click.Choice(["accept", "refuse"]))
@click.option("--by", default="customer", show_default=True, help="Who did it; goes into the timeline.")
@render.json_option
def estimate(return_id: str, unit_id: str, answer: str, by: str, *, as_json: bool) -> None:
    """Record the customer's answer to the estimate."""

    async def act(repairs: Repairs) -> RepairSummary:
        message = EstimateAnswer(by=by, accepted=answer == "accept")
        return await repairs.answer_estimate(return_id, unit_id, message)

    _answer(act, as_json=as_json)


@repair.command()
@_return
@_unit
@click.option("--part", "parts", multiple=True, metavar="SKU[:QUANTITY]", help="Taken from stock; repeatable.")
@click.option("--repair-id", default="", help="Makes a repeat harmless; made up when left out.")
@_by
@_note
@render.json_option
def record(
    return_id: str, unit_id: str, parts: tuple[str, ...], repair_id: str, by: str, note: str | None, *, as_json: bool
) -> None:
    """Record that the unit was repaired, and with which parts."""
    used = [part(text) for text in parts]

    async def act(repairs: Repairs) -> RepairSummary:
        message = RepairWork(repair_id=repair_id or uuid4().hex[:12], by=by, parts=used, note=note)
        return await repairs.record_repair(return_id, unit_id, message)

    _answer(act, as_json=as_json)


def part(text: str) -> Part:
    """Read ``SKU[:QUANTITY]``."""
    match = _PART.match(text)
    try:
        return Part(sku=match["sku"] if match else "", quantity=int((match and match["quantity"]) or 1))
    except ValueError:
        raise WrongInput([("--part", f"expected SKU[:QUANTITY], got {text}")]) from None


@repair.command()
@_return
@_unit
@click.argument("result", type=click.Choice(["passed", "failed"]))
@click.option("--check-id", default="", help="Makes a repeat harmless; made up when left out.")
@_by
@_note
@render.json_option
def check(
    return_id: str, unit_id: str, result: str, check_id: str, by: str, note: str | None, *, as_json: bool
) -> None:
    """Record whether the repaired unit works."""

    async def act(repairs: Repairs) -> RepairSummary:
        message = RepairCheck(check_id=check_id or uuid4().hex[:12], by=by, passed=result == "passed", note=note)
        return await repairs.record_check(return_id, unit_id, message)

    _answer(act, as_json=as_json)


@repair.command()
@_return
@_unit
@click.argument("action", type=click.Choice(["retry", "mark_done", "skip"]))
@_by
@click.option("--reference", default=None, help="What the step gave when it was done by hand.")
@click.option("--step", default=None, help="Which step; the one waiting longest when left out.")
@render.json_option
def attention(
    return_id: str, unit_id: str, action: str, by: str, reference: str | None, step: str | None, *, as_json: bool
) -> None:
    """Answer a step of the repair that failed for good."""

    async def act(repairs: Repairs) -> RepairSummary:
        fields = {"by": by, "action": action, "reference": reference, "step": step}
        return await repairs.resolve_attention(return_id, unit_id, ResolveAttention.model_validate(fields))

    _answer(act, as_json=as_json)
