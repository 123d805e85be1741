"""What goes out to the customer: stock reserved for it, and parcels."""

from collections import Counter

from temporalio import workflow

from workflows.returns.step_runner import StepRunner
from workflows.shared.command_queue import Handlers
from workflows.shared.steps import DoneManually, StepIds

with workflow.unsafe.imports_passed_through():
    from activities.returns.outbound import OutboundActivities, ShipInput, Shipped
    from activities.returns.reservations import ReservationActivities, ReserveInput, ReserveItem, UnreserveInput
    from lifecycle.contract.view import Status
    from lifecycle.returns.aggregate.outbound_item import OutboundItem
    from lifecycle.returns.commands import (
        ReleaseStock,
        ReserveStock,
        SendBack,
        Ship,
        VoidLabel,
    )
    from lifecycle.returns.goods import outbound, repair_bench
    from lifecycle.returns.settlement.payments import promised_now
    from lifecycle.returns.settlement.settling import mail_rejection, mail_with, settled_status
    from lifecycle.returns.settlement.statement import statement_of
    from lifecycle.returns.state import Return


class Outbound:
    """What goes out to the customer of one return, and the stock reserved for it."""

    def __init__(self, ret: Return, ids: StepIds, runner: StepRunner) -> None:
        self._ret = ret
        self._ids = ids
        self._runner = runner
        self.handlers: Handlers = {
            ReserveStock: self._reserve,
            ReleaseStock: self._release,
            Ship: self._ship,
            SendBack: self._send_back,
        }

    # Stock

    async def _reserve(self, command: ReserveStock) -> None:
        ret = self._ret
        asked = [item for item in outbound.named_items(ret, command.items) if item.state in outbound.UNRESERVED]
        if not asked:
            return
        name = self._ids.next("reserve")
        for item in asked:
            item.step = name
        given = ReserveInput(return_id=ret.return_id, step=name, items=_reserve_items(ret, asked), now=workflow.now())
        found = await self._runner.run_step(
            "reserve",
            ReservationActivities.reserve,
            given,
            summary="Reserve stock",
            profile="inventory",
        )
        if not isinstance(found, list):
            outbound.forget_reservations(ret, asked)  # what the step may have made all the same
            found = [item.name for item in asked] if isinstance(found, DoneManually) else []
        outbound.reserved(ret, asked, found, workflow.now())

    async def _release(self, command: ReleaseStock) -> None:
        name = self._ids.next("unreserve")
        given = UnreserveInput(
            return_id=self._ret.return_id, step=name, reservations=list(command.reservations), now=workflow.now()
        )
        await self._runner.run_step(
            "unreserve",
            ReservationActivities.unreserve,
            given,
            summary="Release reserved stock",
            profile="inventory",
        )

    # Parcels to the customer

    async def _ship(self, command: Ship) -> None:
        ret = self._ret
        going = [item for item in outbound.named_items(ret, command.items) if item.state == "due"]
        if not going:
            return
        name = self._ids.next("ship")
        given = ShipInput(
            return_id=ret.return_id,
            step=name,
            items=_counted(going),
            reservations=[outbound.reservation(item) for item in going if item.step],
            template=mail_with(ret, going),
            now=workflow.now(),
            amount=promised_now(ret),
            statement=statement_of(ret),
        )
        sent = await self._runner.run_step(
            "ship",
            OutboundActivities.ship,
            given,
            summary=f"Ship {len(going)} items to the customer",
            profile="carrier",
        )
        ids = {item.name for item in going}
        if isinstance(sent, Shipped):
            ret.money.told = True
            outbound.shipped(ret, ids, sent.tracking_code, workflow.now())
        elif isinstance(sent, DoneManually):
            ret.agenda.void_unless(name, sent.reference)
            await self._take_from_shelves(given)
            outbound.shipped(ret, ids, sent.reference, workflow.now())
        else:
            ret.agenda.add(VoidLabel(name))
            outbound.drop_items(ret, going)
        self._book_out(going)

    async def _take_from_shelves(self, given: ShipInput) -> None:
        """An operator sent it: our own shelves follow."""
        name = self._ids.next("take_from_shelves")
        if given.reservations:
            await self._runner.run_step(
                "take_from_shelves",
                OutboundActivities.take_from_shelves,
                given.model_copy(update={"step": name}),
                summary="Take it from stock",
                profile="inventory",
            )

    def _book_out(self, going: list[OutboundItem]) -> None:
        for item in going:
            if item.own and item.state == "shipped":
                repair_bench.shipped_home(self._ret, item.name)

    async def _send_back(self, command: SendBack) -> None:
        ret, units = self._ret, [unit for unit in self._ret.units if unit.unit_id in command.unit_ids]
        name = self._ids.next("send_back")
        reasons = "; ".join(f"{unit.unit_id}: {unit.note}" for unit in units if unit.note)
        wholly = settled_status(ret) is Status.REJECTED
        given = ShipInput(
            return_id=ret.return_id,
            step=name,
            items=[(unit.sku, 1) for unit in units],
            reservations=[],
            template="rejected" if wholly else "sent_back",
            now=workflow.now(),
            reasons=reasons or None,
            statement=statement_of(ret) if wholly else None,
        )
        sent = await self._runner.run_step(
            "send_back",
            OutboundActivities.ship,
            given,
            summary=f"Send {len(units)} rejected units back to the customer",
            profile="carrier",
        )
        if wholly and not isinstance(sent, Shipped):
            mail_rejection(ret)
        if sent is None:
            ret.agenda.add(VoidLabel(name))
            return
        if isinstance(sent, DoneManually):
            ret.agenda.void_unless(name, sent.reference)
        code = sent.tracking_code if isinstance(sent, Shipped) else sent.reference
        if code:
            ret.sent_back.append(code)
        ret.note(workflow.now(), "sent_back", detail=f"{', '.join(command.unit_ids)} {code or ''}".rstrip())


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
