"""What the customer needs to hand the goods over: a label, a booked pickup or a drop-off code; and its void."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, RetryState

from workflows.returns.step_runner import StepRunner
from workflows.shared.command_queue import Handlers
from workflows.shared.steps import DoneManually, StepIds, caused_by

with workflow.unsafe.imports_passed_through():
    from activities.returns.handover_options import (
        BookedPickup,
        DropOffAnswer,
        HandoverActivities,
        PickupInput,
    )
    from activities.returns.labels import BoughtLabel, HandoverInput, LabelActivities, VoidInput
    from activities.shared.profiles import PROFILES
    from lifecycle.contract.request import Method
    from lifecycle.contract.times import TimeWindow
    from lifecycle.returns.aggregate.parcels import Parcel
    from lifecycle.returns.commands import ProvideHandover, VoidLabel
    from lifecycle.returns.decisions import change_request
    from lifecycle.returns.fees import quoted_return_shipping_cost
    from lifecycle.returns.goods import handover
    from lifecycle.returns.goods.label_deadline import label_late, watch_label
    from lifecycle.returns.state import Return

_Means = BoughtLabel | BookedPickup | DropOffAnswer | list[TimeWindow]


class HandoverMeans:
    """The labels of one return, one after another; what the customer changes meanwhile is looked at again."""

    def __init__(self, ret: Return, ids: StepIds, runner: StepRunner) -> None:
        self._ret = ret
        self._ids = ids
        self._runner = runner
        self.handlers: Handlers = {VoidLabel: self._void, ProvideHandover: self._provide}

    async def _provide(self, _: ProvideHandover) -> None:
        ret = self._ret
        changed = self._watch_changes()
        name, start = self._step()
        got = await self._runner.run(
            "label",
            start,
            # Goods handed over meanwhile make the label pointless, but one that is being bought may be theirs.
            needed=lambda: not ret.ended and ret.way.instead is None and not changed(),
            asked=lambda: ret.agenda.has(ProvideHandover),
            on_failure=self._slot_refused,
            late=self._late,
        )
        said, ret.way.instead = ret.way.instead, None
        if said is not None:
            got = DoneManually(said.reference) if said.action == "mark_done" else None
        if changed() and not ret.ended:
            ret.agenda.add(VoidLabel(name))  # they want to send it another way now, or it is in review again
        elif got is None:
            self._go_on_without(name)
        elif isinstance(got, DoneManually):
            ret.agenda.void_unless(name, got.reference)
            handover.label_bought(ret, Parcel(got.reference or "by-hand"), workflow.now())
        else:
            self._record(got, name)
        watch_label(ret, workflow.now())

    def _watch_changes(self) -> Callable[[], bool]:
        """Whether, from now on, something else is to be got, or nothing before another approval."""
        ret = self._ret
        asked, renewed = (ret.request.method, ret.request.pickup_slot), ret.way.renewed

        def changed() -> bool:
            another = (ret.request.method, ret.request.pickup_slot) != asked
            return another or (ret.way.renewed != renewed and not ret.ended)

        return changed

    def _step(self) -> tuple[str, Callable[[], Awaitable[_Means]]]:
        """The step for the way that the customer chose, and its name."""
        ret = self._ret
        if ret.request.method is Method.DROP_OFF:
            name = self._ids.next("create_drop_off_code")
            return name, lambda: self._carrier(
                HandoverActivities.create_drop_off_code,
                self._handover_input(name),
                name,
                "Get a drop-off code, mail it",
            )
        if ret.request.method is Method.PICKUP:
            return self._pickup(ret.request.pickup_slot)
        name = self._ids.next("buy_return_label")
        given = self._handover_input(name)
        summary = "Buy the return label, mail it to the customer"
        return name, lambda: self._carrier(LabelActivities.buy_return_label, given, name, summary)

    def _pickup(self, slot: TimeWindow | None) -> tuple[str, Callable[[], Awaitable[_Means]]]:
        if slot is None:
            name = self._ids.next("offer_pickup")
            return name, lambda: self._carrier(
                HandoverActivities.offer_pickup, self._handover_input(name), name, "Get pickup times"
            )
        name = self._ids.next("book_pickup")
        given = PickupInput(
            return_id=self._ret.return_id,
            step=name,
            now=workflow.now(),
            cost=quoted_return_shipping_cost(self._ret),
            slot=slot,
        )
        return name, lambda: self._carrier(HandoverActivities.book_pickup, given, name, "Book the pickup, mail when")

    def _handover_input(self, name: str) -> HandoverInput:
        return HandoverInput(
            return_id=self._ret.return_id, step=name, now=workflow.now(), cost=quoted_return_shipping_cost(self._ret)
        )

    def _carrier(
        self, step: Callable[..., Awaitable[_Means]], given: object, name: str, summary: str
    ) -> Awaitable[_Means]:
        return self._runner.steps.start_activity(
            step,
            given,
            name=name,
            summary=summary,
            profile="carrier",
            timeout=self._ret.opened.step_timeout,
            urgent=self._ret.escalated,
            within=self._time_left(),
        )

    def _time_left(self) -> timedelta | None:
        """Until the label has to be there; None where nobody waits for it by then, or it is late already."""
        ret, now = self._ret, workflow.now()
        by = ret.dates.label_by
        return by - now if by is not None and by > now and not ret.label_overdue else None

    def _late(self, error: BaseException) -> timedelta | None:
        """Where nothing but its time is over: how long one attempt may take."""
        if not isinstance(error, ActivityError) or error.retry_state is not RetryState.TIMEOUT:
            return None
        label_late(self._ret, workflow.now())
        shortened = self._ret.opened.step_timeout
        return timedelta(seconds=shortened) if shortened else PROFILES["carrier"].attempt

    def _slot_refused(self, error: BaseException) -> bool:
        """The carrier does not come at that time: new ones are offered."""
        declined = caused_by(error, "Declined")
        if self._ret.request.pickup_slot is None or declined is None or "slot_unavailable" not in declined.details:
            return False
        change_request.slot_refused(self._ret)
        return True

    def _record(self, got: _Means, name: str) -> None:
        ret, now = self._ret, workflow.now()
        if isinstance(got, list):
            change_request.slots_offered(ret, got, now)
            return
        if isinstance(got, BookedPickup):
            ret.way.booked = TimeWindow(start=got.start, end=got.end)
        elif isinstance(got, DropOffAnswer):
            ret.way.code, ret.way.points = got.code, got.points
        handover.label_bought(ret, Parcel(got.tracking_code, got.label_url, name), now)

    def _go_on_without(self, name: str) -> None:
        """An operator went on without it, or nobody needs it any more: what may have been bought is void."""
        if self._ret.agenda.has(ProvideHandover):
            handover.label_skipped(self._ret, workflow.now())
        self._ret.agenda.add(VoidLabel(name))

    async def _void(self, command: VoidLabel) -> None:
        ret, name = self._ret, self._ids.next("void_label")
        given = VoidInput(
            return_id=ret.return_id,
            step=name,
            label_step=command.step,
            keep=ret.agenda.take_kept_code(command.step),
            now=workflow.now(),
        )
        await self._runner.run_step(
            "void_label",
            LabelActivities.void_label,
            given,
            summary="Void the label",
            profile="carrier",
        )
