"""Commands that change something."""

from collections.abc import Awaitable, Callable
from uuid import uuid4

import click

from client.errors import NotAllowed
from client.returns import Homeward
from lifecycle.contract import messages
from lifecycle.contract.grades import AS_NEW, Grade
from lifecycle.contract.view import Acceptance, Reception, Summary, View
from starter.cli.shared import inputs, render
from starter.cli.shared.session import WrongInput, with_homeward
from starter.shared.connect import Connected

_by = click.option("--by", default="operator", show_default=True, help="Who did it; goes into the timeline.")


def answer(action: Callable[[Homeward], Awaitable[Summary]], *, as_json: bool) -> None:
    """Do it, and print the return's short answer."""

    async def act(there: Connected) -> Summary:
        return await action(there.homeward)

    summary = with_homeward(act)
    if as_json:
        render.put_json(summary)
    else:
        render.show_summary(summary)


@click.command()
@click.argument("file")
@click.option("--delivered-days-ago", type=click.IntRange(0, 3650), help="Move the order's dates; for the examples.")
@render.json_option
def start(file: str, delivered_days_ago: int | None, *, as_json: bool) -> None:
    """Start a return from a JSON FILE (- for standard input) and print what the policy decided."""
    request = inputs.read_request(file, delivered_days_ago)

    async def act(homeward: Homeward) -> Summary:
        return (await homeward.start(request)).summary

    answer(act, as_json=as_json)


@click.command()
@click.argument("return_id")
@click.option("--unit", "units", multiple=True, metavar="LINE[:QUANTITY[:SERIAL]]", help="What arrived; repeatable.")
@click.option("--partial", is_flag=True, help="More is to come; otherwise what is left out counts as missing.")
@click.option("--receipt-id", default="", help="Makes a repeat harmless; made up when left out.")
@click.option("--extra", "extras", multiple=True, metavar="SKU[:QUANTITY[:SERIAL]]", help="Of no line; repeatable.")
@click.option("--empty", is_flag=True, help="Nothing was in it.")
@click.option("--note", help="What was seen, for whoever looks into it.")
@click.option("--location", default="main", show_default=True)
@render.json_option
def receive(  # noqa: PLR0913 - one option each
    return_id: str,
    units: tuple[str, ...],
    extras: tuple[str, ...],
    receipt_id: str,
    note: str | None,
    location: str,
    *,
    empty: bool,
    partial: bool,
    as_json: bool,
) -> None:
    """Record that a parcel arrived: everything still awaited, the units named, or nothing at all."""
    named = [inputs.receipt_unit(text) for text in units] + [inputs.extra_piece(text) for text in extras]
    if empty and named:
        raise WrongInput([("--empty", "expected no --unit and no --extra beside it")])
    inputs.check_serials(named)

    async def act(homeward: Homeward) -> Summary:
        receipt = messages.Receipt(
            receipt_id=receipt_id or uuid4().hex[:12],
            location=location,
            complete=not partial,
            units=named if named or empty else awaited(await homeward.view(return_id)),
            note=note,
        )
        return await homeward.record_receipt(return_id, receipt)

    answer(act, as_json=as_json)


def awaited(view: View) -> list[messages.ReceiptUnits]:
    """What has not arrived yet, by line; raises ``NotAllowed`` when that is nothing."""
    counts: dict[str, int] = {}
    for unit in view.units:
        if unit.reception in (Reception.AWAITING, Reception.IN_TRANSIT):
            counts[unit.line_id] = counts.get(unit.line_id, 0) + 1
    if not counts:
        raise NotAllowed(f"nothing is awaited of {view.return_id} ({view.status})")
    return [messages.ReceiptUnits(line_id=line_id, quantity=count) for line_id, count in counts.items()]


@click.command()
@click.argument("return_id")
@click.option(
    "--grade",
    type=click.Choice([grade.value for grade in Grade]),
    help="For every unit without a grade; A when left out.",
)
@click.option("--unit", "units", multiple=True, metavar="UNIT=GRADE[:DISPOSITION]", help="Only this unit; repeatable.")
@click.option("--reject", "rejected", multiple=True, metavar="UNIT", help="Not accepted; repeatable.")
@click.option("--note", help="What was found, for each of them; the customer reads it.")
@click.option("--inspection-id", default="", help="Makes a repeat harmless; made up when left out.")
@click.option("--by", default="warehouse", show_default=True)
@render.json_option
def inspect(
    return_id: str,
    grade: str | None,
    units: tuple[str, ...],
    rejected: tuple[str, ...],
    note: str | None,
    inspection_id: str,
    by: str,
    *,
    as_json: bool,
) -> None:
    """Grade every received unit that has no grade yet, or the units named."""
    named = [inputs.inspected_unit(text) for text in units]
    named += [inputs.rejected_unit(text) for text in rejected]
    if grade and named:
        raise WrongInput([("--grade", "expected no --unit and no --reject beside it; --unit UNIT=GRADE grades one")])

    async def act(homeward: Homeward) -> Summary:
        judged = named or ungraded(await homeward.view(return_id), Grade(grade) if grade else AS_NEW)
        inspection = messages.Inspection(
            inspection_id=inspection_id or uuid4().hex[:12],
            by=by,
            units=[messages.InspectedUnit(**unit.model_dump() | {"note": note}) for unit in judged],
        )
        return await homeward.record_inspection(return_id, inspection)

    answer(act, as_json=as_json)


def ungraded(view: View, grade: Grade) -> list[messages.InspectedUnit]:
    """Every received unit without a verdict, graded; raises ``NotAllowed`` when there is none."""
    found = [
        messages.InspectedUnit(unit_id=unit.unit_id, grade=grade)
        for unit in view.units
        if unit.reception is Reception.RECEIVED and unit.grade is None and unit.acceptance is not Acceptance.REJECTED
    ]
    if not found:
        raise NotAllowed(f"no unit of {view.return_id} waits for a grade ({view.status})")
    return found


@click.command()
@click.argument("return_id")
@_by
@click.option("--note", default=None)
@render.json_option
def approve(return_id: str, by: str, note: str | None, *, as_json: bool) -> None:
    """Approve a return in review."""

    async def act(homeward: Homeward) -> Summary:
        return await homeward.approve(return_id, messages.Approve(by=by, note=note))

    answer(act, as_json=as_json)


@click.command()
@click.argument("return_id")
@_by
@click.option("--reason", required=True, help="The customer reads it.")
@render.json_option
def decline(return_id: str, by: str, reason: str, *, as_json: bool) -> None:
    """Decline a return in review."""

    async def act(homeward: Homeward) -> Summary:
        return await homeward.decline(return_id, messages.Decline(by=by, reason=reason))

    answer(act, as_json=as_json)


@click.command()
@click.argument("return_id")
@_by
@click.option("--reason", default=None)
@render.json_option
def cancel(return_id: str, by: str, reason: str | None, *, as_json: bool) -> None:
    """Cancel a return before it is handed over."""

    async def act(homeward: Homeward) -> Summary:
        return await homeward.cancel(return_id, messages.Cancel(by=by, reason=reason))

    answer(act, as_json=as_json)


@click.command()
@click.argument("return_id")
@click.argument("action", type=click.Choice(["retry", "mark_done", "skip"]))
@_by
@click.option("--reference", default=None, help="What the step gave when it was done by hand.")
@click.option("--step", default=None, help="Which step; the one waiting longest when left out.")
@render.json_option
def attention(return_id: str, action: str, by: str, reference: str | None, step: str | None, *, as_json: bool) -> None:
    """Answer a step that failed for good."""

    async def act(homeward: Homeward) -> Summary:
        message = messages.ResolveAttention.model_validate(
            {"by": by, "action": action, "reference": reference, "step": step}
        )
        return await homeward.resolve_attention(return_id, message)

    answer(act, as_json=as_json)
