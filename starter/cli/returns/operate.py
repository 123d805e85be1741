"""Commands that change something."""

from collections import Counter

import click

from client.errors import NotAllowed
from lifecycle.contract import messages
from lifecycle.contract.grades import AS_NEW, Grade
from lifecycle.contract.view import Acceptance, Reception, Summary, View
from lifecycle.returns.units import COMING
from starter.cli.shared import inputs, options, render
from starter.cli.shared.session import WrongInput, with_homeward
from starter.shared.connect import Connected


@click.command()
@click.argument("file")
@click.option("--delivered-days-ago", type=click.IntRange(0, 3650), help="Move the order's dates; for the examples.")
@render.answers(render.show_summary)
def start(file: str, delivered_days_ago: int | None) -> Summary:
    """Start a return from a JSON FILE (- for standard input) and print what the policy decided."""
    request = inputs.read_request(file, delivered_days_ago)

    async def act(there: Connected) -> Summary:
        return (await there.homeward.start(request)).summary

    return with_homeward(act)


@click.command()
@options.return_id
@click.option("--unit", "units", multiple=True, metavar="LINE[:QUANTITY[:SERIAL]]", help="What arrived; repeatable.")
@click.option("--partial", is_flag=True, help="More is to come; otherwise what is left out counts as missing.")
@options.repeatable_id("--receipt-id")
@click.option("--extra", "extras", multiple=True, metavar="SKU[:QUANTITY[:SERIAL]]", help="Of no line; repeatable.")
@click.option("--empty", is_flag=True, help="Nothing was in it.")
@click.option("--note", help="What was seen, for whoever looks into it.")
@click.option("--location", default="main", show_default=True)
@render.answers(render.show_summary)
def receive(
    return_id: str,
    units: tuple[str, ...],
    extras: tuple[str, ...],
    receipt_id: str,
    note: str | None,
    location: str,
    *,
    empty: bool,
    partial: bool,
) -> Summary:
    """Record that a parcel arrived: everything still awaited, the units named, or nothing at all."""
    named = [inputs.receipt_unit(text) for text in units] + [inputs.extra_piece(text) for text in extras]
    if empty and named:
        raise WrongInput([("--empty", "expected no --unit and no --extra beside it")])
    inputs.check_serials(named)

    async def act(there: Connected) -> Summary:
        receipt = messages.Receipt(
            receipt_id=receipt_id,
            location=location,
            complete=not partial,
            units=named if named or empty else awaited(await there.homeward.view(return_id)),
            note=note,
        )
        return await there.homeward.record_receipt(return_id, receipt)

    return with_homeward(act)


def awaited(view: View) -> list[messages.ReceiptUnits]:
    """What has not arrived yet, by line; raises ``NotAllowed`` when that is nothing."""
    counts = Counter(unit.line_id for unit in view.units if unit.reception in COMING)
    if not counts:
        raise NotAllowed(f"nothing is awaited of {view.return_id} ({view.status})")
    return [messages.ReceiptUnits(line_id=line_id, quantity=count) for line_id, count in counts.items()]


@click.command()
@options.return_id
@click.option("--grade", type=options.OneOf(Grade), help="For every unit without a grade; A when left out.")
@click.option("--unit", "units", multiple=True, metavar="UNIT=GRADE[:DISPOSITION]", help="Only this unit; repeatable.")
@click.option("--reject", "rejected", multiple=True, metavar="UNIT", help="Not accepted; repeatable.")
@click.option("--note", help="What was found, for each of them; the customer reads it.")
@options.repeatable_id("--inspection-id")
@click.option("--by", default="warehouse", show_default=True)
@render.answers(render.show_summary)
def inspect(
    return_id: str,
    grade: Grade | None,
    units: tuple[str, ...],
    rejected: tuple[str, ...],
    note: str | None,
    inspection_id: str,
    by: str,
) -> Summary:
    """Grade every received unit that has no grade yet, or the units named."""
    named = [inputs.inspected_unit(text) for text in units]
    named += [inputs.rejected_unit(text) for text in rejected]
    if grade and named:
        raise WrongInput([("--grade", "expected no --unit and no --reject beside it; --unit UNIT=GRADE grades one")])

    async def act(there: Connected) -> Summary:
        judged = named or ungraded(await there.homeward.view(return_id), grade or AS_NEW)
        inspection = messages.Inspection(
            inspection_id=inspection_id,
            by=by,
            units=[messages.InspectedUnit(**unit.model_dump() | {"note": note}) for unit in judged],
        )
        return await there.homeward.record_inspection(return_id, inspection)

    return with_homeward(act)


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
@options.return_id
@options.by("operator")
@click.option("--note", default=None)
@render.answers(render.show_summary)
def approve(return_id: str, by: str, note: str | None) -> Summary:
    """Approve a return in review."""
    return with_homeward(lambda there: there.homeward.approve(return_id, messages.Approve(by=by, note=note)))


@click.command()
@options.return_id
@options.by("operator")
@click.option("--reason", required=True, help="The customer reads it.")
@render.answers(render.show_summary)
def decline(return_id: str, by: str, reason: str) -> Summary:
    """Decline a return in review."""
    return with_homeward(lambda there: there.homeward.decline(return_id, messages.Decline(by=by, reason=reason)))


@click.command()
@options.return_id
@options.by("operator")
@click.option("--reason", default=None)
@render.answers(render.show_summary)
def cancel(return_id: str, by: str, reason: str | None) -> Summary:
    """Cancel a return before it is handed over."""
    return with_homeward(lambda there: there.homeward.cancel(return_id, messages.Cancel(by=by, reason=reason)))


@click.command()
@options.return_id
@render.answers(render.show_summary)
def revive(return_id: str) -> Summary:
    """Resume a return without a running workflow from its records."""
    return with_homeward(lambda there: there.homeward.revive(return_id))


@click.command()
@options.return_id
@click.option("--by", required=True, help="Who did it; goes into the timeline.")
@click.option("--why", required=True, help="Goes into the timeline.")
@render.answers(render.show_summary)
def release(return_id: str, by: str, why: str) -> Summary:
    """Close a return without a running workflow, and release what it claims."""
    return with_homeward(lambda there: there.homeward.release(return_id, messages.Release(by=by, why=why)))
