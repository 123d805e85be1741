"""What goes out to the customer: stock reserved for it, and parcels."""

from collections import Counter

from temporalio import workflow

from workflows.returns.step_runner import StepRunner
from workflows.shared.steps import DoneManually

with workflow.unsafe.imports_passed_through():
    from activities.returns.outbound import OutboundActivities, ShipInput, Shipped
    from activities.returns.reservations import ReservationActivities, ReserveInput, ReserveItem, UnreserveInput
    from lifecycle.contract.statuses import Status
    from lifecycle.returns.aggregate.about import About
    from lifecycle.returns.aggregate.outbound_item import OutboundItem
    from lifecycle.returns.commands import ReleaseStock, ReserveStock, SendBack, Ship, VoidLabel
    from lifecycle.returns.goods import outbound, repair_bench
    from lifecycle.returns.settlement.payments import promised_now
    from lifecycle.returns.settlement.settling import mail_rejection, mail_with, settled_status
    from lifecycle.returns.settlement.statement import statement_of
    from lifecycle.returns.state import Return


# Stock


async def reserve_stock(runner: StepRunner, command: ReserveStock) -> None:
    """Reserve what is still to be found on a shelf."""
    ret = runner.ret
    asked = [item for item in outbound.named_items(ret, command.items) if item.state in outbound.UNRESERVED]
    if not asked:
        return
    given = ReserveInput(**runner.new_step("reserve"), items=_reserve_items(ret, asked))
    for item in asked:
        item.step = given.step
    found = await runner.run_step(
        "reserve", ReservationActivities.reserve, given, summary="Reserve stock", profile="inventory"
    )
    if not isinstance(found, list):
        outbound.forget_reservations(ret, asked)  # what the step may have made all the same
        found = [item.name for item in asked] if isinstance(found, DoneManually) else []
    outbound.reserved(ret, asked, found, workflow.now())


async def release_stock(runner: StepRunner, command: ReleaseStock) -> None:
    """Release reservations."""
    given = UnreserveInput(**runner.new_step("unreserve"), reservations=list(command.reservations))
    summary = "Release reserved stock"
    await runner.run_step("unreserve", ReservationActivities.unreserve, given, summary=summary, profile="inventory")


# Parcels to the customer


async def ship(runner: StepRunner, command: Ship) -> None:
    """Ship what is due."""
    ret = runner.ret
    going = [item for item in outbound.named_items(ret, command.items) if item.state == "due"]
    if not going:
        return
    given = ShipInput(
        **runner.new_step("ship"),
        items=_counted(going),
        reservations=[outbound.reservation(item) for item in going if item.step],
        template=mail_with(ret, going),
        amount=promised_now(ret),
        statement=statement_of(ret),
    )
    summary = f"Ship {len(going)} items to the customer"
    sent = await runner.run_step("ship", OutboundActivities.ship, given, summary=summary, profile="carrier")
    ids = {item.name for item in going}
    if isinstance(sent, Shipped):
        ret.money.told = True
        outbound.shipped(ret, ids, sent.tracking_code, workflow.now())
    elif isinstance(sent, DoneManually):
        ret.agenda.void_unless(given.step, sent.reference)
        await _take_from_shelves(runner, given)
        outbound.shipped(ret, ids, sent.reference, workflow.now())
    else:
        ret.agenda.add(VoidLabel(given.step))
        outbound.drop_items(ret, going)
    for item in going:
        if item.own and item.state == "shipped":
            repair_bench.shipped_home(ret, item.name)


async def _take_from_shelves(runner: StepRunner, given: ShipInput) -> None:
    """An operator sent it: our own shelves follow."""
    name = runner.ids.next("take_from_shelves")
    if given.reservations:
        await runner.run_step(
            "take_from_shelves",
            OutboundActivities.take_from_shelves,
            given.model_copy(update={"step": name}),
            summary="Take it from stock",
            profile="inventory",
        )


async def send_back(runner: StepRunner, command: SendBack) -> None:
    """Send rejected units back to the customer."""
    ret = runner.ret
    units = [unit for unit in ret.units if unit.unit_id in command.unit_ids]
    reasons = "; ".join(f"{unit.unit_id}: {unit.note}" for unit in units if unit.note)
    wholly = settled_status(ret) is Status.REJECTED
    given = ShipInput(
        **runner.new_step("send_back"),
        items=[(unit.sku, 1) for unit in units],
        reservations=[],
        template="rejected" if wholly else "sent_back",
        reasons=reasons or None,
        statement=statement_of(ret) if wholly else None,
    )
    summary = f"Send {len(units)} rejected units back to the customer"
    sent = await runner.run_step("send_back", OutboundActivities.ship, given, summary=summary, profile="carrier")
    if wholly and not isinstance(sent, Shipped):
        mail_rejection(ret)
    if sent is None:
        ret.agenda.add(VoidLabel(given.step))
        return
    if isinstance(sent, DoneManually):
        ret.agenda.void_unless(given.step, sent.reference)
    code = sent.tracking_code if isinstance(sent, Shipped) else sent.reference
    if code:
        ret.sent_back.append(code)
    about = About(units=command.unit_ids, tracking_code=code)
    ret.note(workflow.now(), "sent_back", detail=f"{', '.join(command.unit_ids)} {code or ''}".rstrip(), about=about)


def _counted(going: list[OutboundItem]) -> list[tuple[str, int]]:
    counts: Counter[str] = Counter()
    for item in going:
        counts[item.sku] += item.quantity
    return list(counts.items())


def _reserve_items(ret: Return, asked: list[OutboundItem]) -> list[ReserveItem]:
    titles = {line.sku: line.title for line in ret.request.order.lines}
    return [
        ReserveItem(name=item.name, sku=item.sku, quantity=item.quantity, title=titles.get(item.sku, ""))
        for item in asked
    ]
