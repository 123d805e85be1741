"""What the customer needs to hand the goods over: a label, a booked pickup or a drop-off code; and its void."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

from temporalio import workflow
from temporalio.exceptions import ActivityError, RetryState

from workflows.returns.step_runner import StepRunner
from workflows.shared.steps import DoneManually, caused_by

with workflow.unsafe.imports_passed_through():
    from activities.returns.handover_options import BookedPickup, DropOffAnswer, HandoverActivities, PickupInput
    from activities.returns.labels import BoughtLabel, HandoverInput, LabelActivities, VoidInput
    from activities.shared.profiles import PROFILES
    from lifecycle.contract.request import Method
    from lifecycle.contract.times import TimeWindow
    from lifecycle.returns.aggregate.parcels import Parcel
    from lifecycle.returns.commands import ProvideHandover, VoidLabel
    from lifecycle.returns.decisions import change_request
    from lifecycle.returns.fees import quoted_way_back_cost
    from lifecycle.returns.goods import handover
    from lifecycle.returns.goods.late_label import label_late, watch_label
    from lifecycle.returns.state import Return

_Means = BoughtLabel | list[TimeWindow]


async def provide_handover(runner: StepRunner, _: ProvideHandover) -> None:
    """Get what the customer needs; what they change meanwhile is looked at again."""
    ret = runner.ret
    if ret.request.order.customer.address is None:  # they bring it, or send it on their own
        handover.label_skipped(ret, workflow.now())
        return
    changed = _watch_changes(ret)
    name, start = _step(runner)
    got = await runner.run(
        "label",
        start,
        # Goods handed over meanwhile make the label pointless, but one that is being bought may be theirs.
        needed=lambda: not ret.ended and ret.way.instead is None and not changed(),
        asked=lambda: ret.agenda.has(ProvideHandover),
        on_failure=partial(_slot_refused, ret),
        late=partial(_late, ret),
    )
    said, ret.way.instead = ret.way.instead, None
    if said is not None:
        got = DoneManually(said.reference) if said.action == "mark_done" else None
    if changed() and not ret.ended:
        ret.agenda.add(VoidLabel(name))  # they want to send it another way now, or it is in review again
    elif got is None:
        _go_on_without(ret, name)
    elif isinstance(got, DoneManually):
        ret.agenda.void_unless(name, got.reference)
        handover.label_bought(ret, Parcel(got.reference or "by-hand"), workflow.now())
    else:
        _record(ret, got, name)
    watch_label(ret, workflow.now())


def _watch_changes(ret: Return) -> Callable[[], bool]:
    """Whether, from now on, something else is to be got, or nothing before another approval."""
    asked, renewed = (ret.request.method, ret.request.pickup_slot), ret.way.renewed

    def changed() -> bool:
        another = (ret.request.method, ret.request.pickup_slot) != asked
        return another or (ret.way.renewed != renewed and not ret.ended)

    return changed


def _step(runner: StepRunner) -> tuple[str, Callable[[], Awaitable[_Means]]]:
    """The step for the way that the customer chose, and its name."""
    ret = runner.ret
    if ret.request.method is Method.DROP_OFF:
        name = runner.ids.next("create_drop_off_code")
        summary = "Get a drop-off code, mail it"
        return name, lambda: _carrier(runner, HandoverActivities.create_drop_off_code, _input(ret, name), summary)
    if ret.request.method is Method.PICKUP:
        return _pickup(runner, ret.request.pickup_slot)
    given = _input(ret, runner.ids.next("buy_return_label"))
    summary = "Buy and mail the label"
    return given.step, lambda: _carrier(runner, LabelActivities.buy_return_label, given, summary)


def _pickup(runner: StepRunner, slot: TimeWindow | None) -> tuple[str, Callable[[], Awaitable[_Means]]]:
    ret = runner.ret
    if slot is None:
        name = runner.ids.next("offer_pickup")
        return name, lambda: _carrier(runner, HandoverActivities.offer_pickup, _input(ret, name), "Get pickup times")
    given = PickupInput(**runner.new_step("book_pickup"), cost=quoted_way_back_cost(ret).kind, slot=slot)
    summary = "Book the pickup, mail when"
    return given.step, lambda: _carrier(runner, HandoverActivities.book_pickup, given, summary)


def _input(ret: Return, name: str) -> HandoverInput:
    cost = quoted_way_back_cost(ret).kind
    return HandoverInput(return_id=ret.return_id, step=name, now=workflow.now(), cost=cost)


def _carrier(
    runner: StepRunner, step: Callable[..., Awaitable[_Means]], given: HandoverInput, summary: str
) -> Awaitable[_Means]:
    return runner.start(step, given, summary=summary, profile="carrier", within=_time_left(runner.ret))


def _time_left(ret: Return) -> timedelta | None:
    """Until the label has to be there; None where nobody waits for it by then, or it is late already."""
    by, now = ret.dates.label_by, workflow.now()
    return by - now if by is not None and by > now and not ret.label_overdue else None


def _late(ret: Return, error: BaseException) -> timedelta | None:
    """Where nothing but its time is over: how long one attempt may take."""
    if not isinstance(error, ActivityError) or error.retry_state is not RetryState.TIMEOUT:
        return None
    label_late(ret, workflow.now())
    shortened = ret.opened.step_timeout
    return timedelta(seconds=shortened) if shortened else PROFILES["carrier"].attempt


def _slot_refused(ret: Return, error: BaseException) -> bool:
    """The carrier does not come at that time: new ones are offered."""
    declined = caused_by(error, "Declined")
    if ret.request.pickup_slot is None or declined is None or "slot_unavailable" not in declined.details:
        return False
    change_request.slot_refused(ret)
    return True


def _record(ret: Return, got: _Means, name: str) -> None:
    now = workflow.now()
    if isinstance(got, list):
        change_request.slots_offered(ret, got, now)
        return
    if isinstance(got, BookedPickup):
        ret.way.booked = TimeWindow(start=got.start, end=got.end)
    elif isinstance(got, DropOffAnswer):
        ret.way.code, ret.way.points = got.code, got.points
    handover.label_bought(ret, Parcel(got.tracking_code, got.label_url, name), now)


def _go_on_without(ret: Return, name: str) -> None:
    """An operator went on without it, or nobody needs it any more: what may have been bought is void."""
    if ret.agenda.has(ProvideHandover):
        handover.label_skipped(ret, workflow.now())
    ret.agenda.add(VoidLabel(name))


async def void_label(runner: StepRunner, command: VoidLabel) -> None:
    """Void whatever a step has bought, or may have."""
    kept = runner.ret.agenda.take_kept_code(command.step)
    given = VoidInput(**runner.new_step("void_label"), label_step=command.step, keep=kept)
    await runner.run_step("void_label", LabelActivities.void_label, given, summary="Void the label", profile="carrier")
