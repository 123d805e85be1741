"""What a return does besides label and refund: stock, card holds, parcels to the customer, bench, supplier.

Errands are on the return's agenda; those of one track go one after another, tracks go side by side.
"""

from collections.abc import Awaitable, Callable
from functools import partial

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from workflows.attempts import Attempts
from workflows.steps import ByHand, Names, caused_by, database_step, partner_step

with workflow.unsafe.imports_passed_through():
    from activities.card import CaptureInput, CardActivities, CardInput, PlacedHold, UnholdInput
    from activities.outbound import OutboundActivities, ReserveInput, ShipInput, Shipped, Thing, UnreserveInput
    from activities.supplier import SendInput, SupplierActivities
    from lifecycle import bench, hold, wanted
    from lifecycle.messages import Grade
    from lifecycle.money import format_money
    from lifecycle.payments import paid_now
    from lifecycle.repair import RepairInput, RepairOutcome, RepairResult
    from lifecycle.settling import settled_status
    from lifecycle.state import CardHold, Errand, Return, UnitState, Wanted

from workflows import repair_columns
from workflows.repair_workflow import REPAIR, repair_id

#: Kinds that must not overtake each other share a track.
_TRACKS = {
    "reserve": "stock",
    "unreserve": "stock",
    "hold": "hold",
    "unhold": "hold",
    "capture": "hold",
    "ship": "ship",
    "send_back": "send_back",
    "supply": "supply",
    "refit": "refit",
}


class Errands:
    """Does the errands of one return; ``stir`` is called after each."""

    def __init__(self, ret: Return, names: Names, attempts: Attempts, stir: Callable[[], None]) -> None:
        self._ret = ret
        self._names = names
        self._attempts = attempts
        self._stir = stir
        self._work: dict[str, Callable[[Errand], Awaitable[None]]] = {
            "reserve": self._reserve,
            "unreserve": self._unreserve,
            "hold": self._hold,
            "unhold": self._unhold,
            "capture": self._capture,
            "ship": self._ship,
            "send_back": self._send_back,
            "mend": self._mend,
            "supply": self._supply,
            "refit": self._refit,
        }

    def tracks(self) -> dict[str, Callable[[], Awaitable[None]]]:
        """What waits to be done, by track. Each unit on the bench is a track of its own."""
        found: dict[str, Callable[[], Awaitable[None]]] = {}
        for errand in self._ret.agenda.errands:
            track = _track_of(errand)
            found.setdefault(f"errands-{track}", partial(self._do, track))
        return found

    async def _do(self, track: str) -> None:
        errands = self._ret.agenda.errands
        while mine := [errand for errand in errands if _track_of(errand) == track]:
            await self._work[mine[0].kind](mine[0])
            errands.remove(mine[0])
            self._stir()

    # Stock

    async def _reserve(self, errand: Errand) -> None:
        ret = self._ret
        asked = [thing for thing in wanted.things(ret, errand.about) if thing.state in wanted.SOUGHT]
        if not asked:
            return
        name = self._names.next("reserve")
        for thing in asked:
            thing.step = name
        given = ReserveInput(return_id=ret.return_id, step=name, things=_things(ret, asked), now=workflow.now())
        found = await self._attempts.run(
            "reserve",
            lambda: database_step(
                OutboundActivities.reserve, given, name=name, summary="Reserve stock", partner="inventory"
            ),
        )
        if not isinstance(found, list):
            wanted.forget_reservations(ret, asked)  # what the step may have made all the same
            found = [thing.name for thing in asked] if isinstance(found, ByHand) else []
        wanted.reserved(ret, asked, found, workflow.now())

    async def _unreserve(self, errand: Errand) -> None:
        name = self._names.next("unreserve")
        given = UnreserveInput(
            return_id=self._ret.return_id, step=name, reservations=list(errand.about), now=workflow.now()
        )
        await self._attempts.run(
            "unreserve",
            lambda: database_step(
                OutboundActivities.unreserve, given, name=name, summary="Give stock free", partner="inventory"
            ),
        )

    # The card

    async def _hold(self, _: Errand) -> None:
        ret, placing = self._ret, self._ret.hold
        if placing is None or placing.state != "placing":
            return
        placing.step = self._names.next("place_hold")
        given = self._card_input(placing.step, placing.tender_id, placing.amount)
        answer = await self._attempts.run(
            "hold",
            lambda: partner_step(
                CardActivities.place_hold,
                given,
                name=placing.step,
                summary=f"Hold {format_money(placing.amount, given.currency)} on {placing.tender_id}",
                partner="payment",
                timeout=ret.opened.step_timeout,
                urgent=ret.escalated,
            ),
            asked=lambda: ret.live and not ret.handed_over,
            on_failure=lambda error: caused_by(error, "Declined") is not None,
        )
        if isinstance(answer, PlacedHold):
            hold.hold_placed(ret, placing, answer.reference, answer.expires_at, workflow.now())
        elif isinstance(answer, ByHand):
            await self._let_go(placing.step, None, keep=answer.reference)
            hold.hold_placed(ret, placing, answer.reference, None, workflow.now())
        else:
            hold.hold_refused(ret, placing)

    async def _unhold(self, _: Errand) -> None:
        ret, placed = self._ret, self._ret.hold
        if placed is None or not placed.step:
            return
        if placed.state not in ("placing", "held", "none"):
            return
        state = await self._let_go(placed.step, placed.reference)
        if state is None:
            hold.left_alone(ret)
        else:
            hold.released(ret, state if isinstance(state, str) else "released", workflow.now())

    async def _let_go(self, hold_step: str, reference: str | None, keep: str | None = None) -> str | ByHand | None:
        ret, name = self._ret, self._names.next("release_hold")
        given = UnholdInput(
            return_id=ret.return_id,
            step=name,
            hold_step=hold_step,
            reference=reference,
            keep=keep,
            now=workflow.now(),
        )
        return await self._attempts.run(
            "release_hold",
            lambda: partner_step(
                CardActivities.release_hold,
                given,
                name=name,
                summary="Let the card hold go",
                partner="payment",
                timeout=ret.opened.step_timeout,
                urgent=ret.escalated,
            ),
        )

    async def _capture(self, _: Errand) -> None:
        ret, held = self._ret, self._ret.hold
        if held is None or held.state != "held" or ret.handed_over:
            return
        name = self._names.next("capture_hold")
        given = CaptureInput(
            return_id=ret.return_id,
            step=name,
            reference=held.reference or "",
            amount=held.amount,
            now=workflow.now(),
        )
        reference = await self._attempts.run(
            "capture",
            lambda: partner_step(
                CardActivities.capture_hold,
                given,
                name=name,
                summary=f"Capture {format_money(held.amount, ret.request.order.currency)}",
                partner="payment",
                timeout=ret.opened.step_timeout,
                urgent=ret.escalated,
            ),
            asked=lambda: not ret.handed_over,
            on_failure=lambda error: self._expired(held, error),
        )
        if isinstance(reference, str):
            hold.captured(ret, reference, workflow.now())
        elif isinstance(reference, ByHand):
            hold.captured(ret, reference.reference, workflow.now())
        elif not ret.handed_over:
            hold.let_go(ret)
            hold.wait_for_late_goods(ret, workflow.now())

    def _expired(self, held: CardHold, error: BaseException) -> bool:
        """The provider says that there is nothing to capture any more: it stays with a person."""
        declined = caused_by(error, "Declined")
        if declined is None or "hold_expired" not in declined.details:
            return False
        held.state = "expired"
        self._ret.note(workflow.now(), "hold_expired")
        return False

    def _card_input(self, step: str, tender_id: str, amount: int) -> CardInput:
        order = self._ret.request.order
        tender = next((tender for tender in order.tenders if tender.tender_id == tender_id), None)
        return CardInput(
            return_id=self._ret.return_id,
            step=step,
            tender_id=tender_id,
            reference=tender.reference if tender else None,
            amount=amount,
            currency=order.currency,
            now=workflow.now(),
        )

    async def charge(self, tender_id: str, amount: int, name: str) -> str:
        """Charge the card; the reference of the charge. Without a card it is for a person."""
        if hold.card(self._ret) is None:
            raise ApplicationError("the order was not paid by card", type="Declined", non_retryable=True)
        given = self._card_input(name, tender_id, amount)
        return await partner_step(
            CardActivities.charge,
            given,
            name=name,
            summary=f"Charge {format_money(amount, given.currency)} to {tender_id}",
            partner="payment",
            timeout=self._ret.opened.step_timeout,
            urgent=self._ret.escalated,
        )

    # Parcels to the customer

    async def _ship(self, errand: Errand) -> None:
        ret = self._ret
        going = [thing for thing in wanted.things(ret, errand.about) if thing.state == "due"]
        if not going:
            return
        name = self._names.next("ship")
        template = settled_status(ret).value
        given = ShipInput(
            return_id=ret.return_id,
            step=name,
            items=[(thing.sku, thing.quantity) for thing in going],
            reservations=[wanted.reservation(thing) for thing in going if thing.step],
            template=template if template in ("replaced", "exchanged", "repaired") else "replaced",
            now=workflow.now(),
            amount=paid_now(ret),
        )
        sent = await self._attempts.run(
            "ship",
            lambda: partner_step(
                OutboundActivities.ship,
                given,
                name=name,
                summary=f"Send {len(going)} of what the customer gets instead",
                partner="carrier",
                timeout=ret.opened.step_timeout,
                urgent=ret.escalated,
            ),
        )
        names = {thing.name for thing in going}
        if isinstance(sent, Shipped):
            ret.money.told = True
            wanted.shipped(ret, names, sent.tracking_code, workflow.now())
        elif isinstance(sent, ByHand):
            ret.agenda.void_but(name, sent.reference)
            await self._by_hand(given)
            wanted.shipped(ret, names, sent.reference, workflow.now())
        else:
            ret.agenda.void.append(name)
            wanted.drop_things(ret, going)
        self._leave_the_shop(going)

    async def _by_hand(self, given: ShipInput) -> None:
        """A person sent it: our own shelves follow."""
        name = self._names.next("take_from_shelves")
        if given.reservations:
            await self._attempts.run(
                "take_from_shelves",
                lambda: database_step(
                    OutboundActivities.take_from_shelves,
                    given.model_copy(update={"step": name}),
                    name=name,
                    summary="Take it off the shelves",
                    partner="inventory",
                ),
            )

    def _leave_the_shop(self, going: list[Wanted]) -> None:
        for thing in going:
            if thing.own and thing.state == "shipped":
                bench.went_home(self._ret, thing.name)

    async def _send_back(self, errand: Errand) -> None:
        ret, units = self._ret, [unit for unit in self._ret.units if unit.unit_id in errand.about]
        name = self._names.next("send_back")
        reasons = "; ".join(f"{unit.unit_id}: {unit.note}" for unit in units if unit.note)
        given = ShipInput(
            return_id=ret.return_id,
            step=name,
            items=[(unit.sku, 1) for unit in units],
            reservations=[],
            template="sent_back",
            now=workflow.now(),
            reasons=reasons or None,
        )
        sent = await self._attempts.run(
            "send_back",
            lambda: partner_step(
                OutboundActivities.ship,
                given,
                name=name,
                summary=f"Send {len(units)} rejected back to the customer",
                partner="carrier",
                timeout=ret.opened.step_timeout,
                urgent=ret.escalated,
            ),
        )
        if sent is None:
            ret.agenda.void.append(name)
            return
        if isinstance(sent, ByHand):
            ret.agenda.void_but(name, sent.reference)
        code = sent.tracking_code if isinstance(sent, Shipped) else sent.reference
        ret.note(workflow.now(), "sent_back", detail=f"{', '.join(errand.about)} {code or ''}".rstrip())

    # The repair bench

    async def _mend(self, errand: Errand) -> None:
        ret, unit = self._ret, self._ret.unit(errand.about[0])
        if unit is None:
            return
        given = _repair_input(ret, unit)
        ended = await self._attempts.run("repair", lambda: _repaired(given))
        if isinstance(ended, RepairResult):
            bench.mended(ret, ended, workflow.now())
        elif isinstance(ended, ByHand):
            mended = RepairResult(unit_id=unit.unit_id, outcome=RepairOutcome.REPAIRED)
            bench.mended(ret, mended, workflow.now())
        else:
            bench.not_repaired(ret, unit.unit_id)

    async def _refit(self, errand: Errand) -> None:
        """The shop's own unit: the bench goes on with it when this return has long been closed."""
        unit = self._ret.unit(errand.about[0])
        if unit is None or unit.grade is None:
            return
        await self._booked(unit)
        place, grade = unit.booked or (unit.location or "main", "")
        given = _repair_input(self._ret, unit).model_copy(
            update={
                "in_warranty": True,
                "location": place,
                "shelf_grade": Grade(grade) if grade else unit.grade,
                "booked_by": unit.booked_by,
            }
        )
        await self._attempts.run("repair", lambda: _begun(given))

    async def _booked(self, unit: UnitState) -> None:
        """Wait until stock knows where the unit is, or a person has answered for that."""
        bookings = self._ret.agenda.bookings
        await workflow.wait_condition(lambda: not any(unit.unit_id in booking.unit_ids for booking in bookings))

    # The supplier

    async def _supply(self, errand: Errand) -> None:
        ret, unit = self._ret, self._ret.unit(errand.about[0])
        if unit is None or unit.supplier_id is None:
            return
        await self._booked(unit)
        name = self._names.next("send_to_supplier")
        given = SendInput(
            return_id=ret.return_id,
            step=name,
            supplier_id=unit.supplier_id,
            unit_id=unit.unit_id,
            sku=unit.sku,
            serial_number=unit.serial_number,
            title=ret.request.order.line(unit.line_id).title,
            now=workflow.now(),
        )
        await self._attempts.run(
            "supplier",
            lambda: partner_step(
                SupplierActivities.send_to_supplier,
                given,
                name=name,
                summary=f"Hand a unit to supplier {unit.supplier_id}",
                partner="inventory",
                urgent=ret.escalated,
            ),
        )


def _repair_input(ret: Return, unit: UnitState) -> RepairInput:
    return RepairInput(
        return_id=ret.return_id,
        order_id=ret.request.order.order_id,
        unit_id=unit.unit_id,
        sku=unit.sku,
        title=ret.request.order.line(unit.line_id).title,
        serial_number=unit.serial_number,
        currency=ret.request.order.currency,
        in_warranty=unit.in_warranty,
        location=unit.location or "main",
        calendar=ret.opened.calendar,
    )


async def _begun(given: RepairInput) -> str:
    await workflow.start_child_workflow(
        REPAIR,
        given.model_dump(mode="json"),
        id=repair_id(given.return_id, given.unit_id),
        search_attributes=repair_columns.at_start(given),
        static_summary=f"Repair of the shop's own {given.sku}",
        parent_close_policy=workflow.ParentClosePolicy.ABANDON,
    )
    return given.unit_id


async def _repaired(given: RepairInput) -> RepairResult:
    """The bench's own workflow, to its end."""
    answer = await workflow.execute_child_workflow(
        REPAIR,
        given.model_dump(mode="json"),
        id=repair_id(given.return_id, given.unit_id),
        search_attributes=repair_columns.at_start(given),
        static_summary=f"Repair of {given.sku}, unit {given.unit_id}",
    )
    return RepairResult.model_validate(answer)


def _track_of(errand: Errand) -> str:
    return f"mend-{errand.about[0]}" if errand.kind == "mend" else _TRACKS[errand.kind]


def _things(ret: Return, asked: list[Wanted]) -> list[Thing]:
    titles = {line.sku: line.title for line in ret.request.order.lines}
    return [
        Thing(name=thing.name, sku=thing.sku, quantity=thing.quantity, title=titles.get(thing.sku, ""))
        for thing in asked
    ]
