"""What the customer needs to hand the goods over: a label, a booked pickup or a drop-off code; and its void."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, RetryState

from workflows.returns.step_runner import Attempts
from workflows.shared.steps import ByHand, Names, caused_by, partner_step

with workflow.unsafe.imports_passed_through():
    from activities.returns.handover_options import (
        BookedPickup,
        DropOffAnswer,
        OfferedSlot,
        PickupInput,
        WayActivities,
        WayInput,
    )
    from activities.returns.labels import BoughtLabel, CarrierActivities, LabelInput, VoidInput
    from activities.shared.profiles import PARTNERS
    from lifecycle.contract.request import Method, PickupSlot
    from lifecycle.returns.decisions import change_request
    from lifecycle.returns.goods import handover
    from lifecycle.returns.goods.label_deadline import label_late, watch_label
    from lifecycle.returns.settlement.return_shipping import cost_told
    from lifecycle.returns.state import Parcel, Return, Window

_Way = BoughtLabel | BookedPickup | DropOffAnswer | list[OfferedSlot]


class Labels:
    """The labels of one return, one after another; what the customer changes meanwhile is looked at again."""

    def __init__(self, ret: Return, names: Names, attempts: Attempts) -> None:
        self._ret = ret
        self._names = names
        self._attempts = attempts

    async def keep(self) -> None:
        """Void what is not valid any more, then get what the customer needs."""
        agenda = self._ret.agenda
        while agenda.label or agenda.void:
            if agenda.void:
                await self._void(agenda.void[0])
                agenda.void.pop(0)
            else:
                await self._provide()
                watch_label(self._ret, workflow.now())

    async def _provide(self) -> None:
        ret = self._ret
        asked = (ret.request.method, ret.request.pickup_slot)
        name, start = self._step()
        got = await self._attempts.run(
            "label",
            start,
            # Goods handed over meanwhile make the label pointless, but one that is being bought may be theirs.
            needed=lambda: (
                not ret.ended and ret.way.instead is None and (ret.request.method, ret.request.pickup_slot) == asked
            ),
            asked=lambda: ret.agenda.label,
            on_failure=self._slot_refused,
            late=self._late,
        )
        said, ret.way.instead = ret.way.instead, None
        if said is not None:
            got = ByHand(said.reference) if said.action == "mark_done" else None
        if (ret.request.method, ret.request.pickup_slot) != asked and not ret.ended:
            ret.agenda.void.append(name)  # they want to send it another way now
        elif got is None:
            self._without(name)
        elif isinstance(got, ByHand):
            ret.agenda.void_but(name, got.reference)
            handover.label_bought(ret, Parcel(got.reference or "by-hand"), workflow.now())
        else:
            self._take(got, name)

    def _step(self) -> tuple[str, Callable[[], Awaitable[_Way]]]:
        """The step for the way that the customer chose, and its name."""
        ret = self._ret
        if ret.request.method is Method.DROP_OFF:
            name = self._names.next("create_drop_off_code")
            return name, lambda: self._carrier(
                WayActivities.create_drop_off_code, self._way(name), name, "Get a drop-off code, mail it"
            )
        if ret.request.method is Method.PICKUP:
            return self._pickup(ret.request.pickup_slot)
        name = self._names.next("buy_return_label")
        given = LabelInput(return_id=ret.return_id, step=name, now=workflow.now(), cost=cost_told(ret))
        summary = "Buy the return label, mail it to the customer"
        return name, lambda: self._carrier(CarrierActivities.buy_return_label, given, name, summary)

    def _pickup(self, slot: PickupSlot | None) -> tuple[str, Callable[[], Awaitable[_Way]]]:
        if slot is None:
            name = self._names.next("offer_pickup")
            return name, lambda: self._carrier(
                WayActivities.offer_pickup, self._way(name), name, "Ask for pickup times"
            )
        name = self._names.next("book_pickup")
        given = PickupInput(
            return_id=self._ret.return_id,
            step=name,
            now=workflow.now(),
            cost=cost_told(self._ret),
            slot=OfferedSlot(start=slot.start, end=slot.end),
        )
        return name, lambda: self._carrier(WayActivities.book_pickup, given, name, "Book the pickup, mail when")

    def _way(self, name: str) -> WayInput:
        return WayInput(return_id=self._ret.return_id, step=name, now=workflow.now(), cost=cost_told(self._ret))

    def _carrier(self, step: Callable[..., Awaitable[_Way]], given: object, name: str, summary: str) -> Awaitable[_Way]:
        return partner_step(
            step,
            given,
            name=name,
            summary=summary,
            partner="carrier",
            timeout=self._ret.opened.step_timeout,
            urgent=self._ret.escalated,
            within=self._time_left(),
        )

    def _time_left(self) -> timedelta | None:
        """Until the label has to be there; null where nobody waits for it by then, or it is late already."""
        ret, now = self._ret, workflow.now()
        by = ret.dates.label_by
        return by - now if by is not None and by > now and not ret.label_overdue else None

    def _late(self, error: BaseException) -> timedelta | None:
        """Where nothing but its time is over: how long one attempt may take."""
        if not isinstance(error, ActivityError) or error.retry_state is not RetryState.TIMEOUT:
            return None
        label_late(self._ret, workflow.now())
        shortened = self._ret.opened.step_timeout
        return timedelta(seconds=shortened) if shortened else PARTNERS["carrier"].attempt

    def _slot_refused(self, error: BaseException) -> bool:
        """The carrier does not come at that time: new ones are offered."""
        declined = caused_by(error, "Declined")
        if self._ret.request.pickup_slot is None or declined is None or "slot_unavailable" not in declined.details:
            return False
        change_request.slot_refused(self._ret)
        return True

    def _take(self, got: _Way, name: str) -> None:
        ret, now = self._ret, workflow.now()
        if isinstance(got, list):
            change_request.slots_offered(ret, [Window(slot.start, slot.end) for slot in got], now)
            return
        if isinstance(got, BookedPickup):
            ret.way.booked = Window(got.start, got.end)
        elif isinstance(got, DropOffAnswer):
            ret.way.code, ret.way.points = got.code, got.points
        handover.label_bought(ret, Parcel(got.tracking_code, got.label_url, name), now)

    def _without(self, name: str) -> None:
        """A person went on without it, or nobody needs it any more: what may have been bought is void."""
        if self._ret.agenda.label:
            handover.label_skipped(self._ret, workflow.now())
        self._ret.agenda.void.append(name)

    async def _void(self, label_step: str) -> None:
        ret, name = self._ret, self._names.next("void_label")
        given = VoidInput(
            return_id=ret.return_id,
            step=name,
            label_step=label_step,
            keep=ret.agenda.kept_codes.pop(label_step, None),
            now=workflow.now(),
        )
        await self._attempts.step(
            "void_label",
            CarrierActivities.void_label,
            given,
            summary="Void the label",
            partner="carrier",
        )
