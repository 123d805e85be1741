"""A return as its customer follows it: a line of steps, what to do now, what they get, what happened."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

from lifecycle.contract.request import Method, Order, ReturnRequest
from lifecycle.contract.statuses import ENDED_UNSETTLED, SETTLED, Status
from lifecycle.contract.view import Acceptance, GoodsState, Reception, TimelineEntry, Unit, View
from lifecycle.returns.orphaned import is_orphaned
from lifecycle.returns.resolutions.table import MONEY_ONLY, rule_of
from lifecycle.returns.units import NOT_HELD
from starter.portal.shared.texts import catalogue, t

_ARRIVED: Final = frozenset({GoodsState.RECEIVED, GoodsState.PARTIALLY_RECEIVED})
#: The customer may still change or cancel it.
_OPEN: Final = frozenset({Status.REQUESTED, Status.IN_REVIEW, Status.LABEL_SENT})
#: How a return ends that brings money alone.
ENDS_IN_MONEY: Final = frozenset(rule_of(resolution).status for resolution in MONEY_ONLY)
_SENT: Final = frozenset({"replacement_shipped", "repaired_shipped", "sent_back"})


#: What the customer needs to hand the goods over; ``own``: nothing, they bring them.
Way = Literal["label", "code", "choose", "booked", "preparing", "own", "none"]


@dataclass(frozen=True)
class Step:
    """One step; ``name`` is the key of its words, ``at`` when it was done."""

    name: str
    state: Literal["done", "now", "to_come"]
    at: datetime | None = None


@dataclass(frozen=True)
class UnitRow:
    """Units in the customer's words; ``state`` is the key of them, ``refund`` of one in minor units once decided.

    ``note`` is what was noted at the inspection.
    """

    title: str
    state: str
    refund: int | None
    note: str | None = None
    count: int = 1


@dataclass(frozen=True)
class Estimate:
    """A repair that waits for the customer's yes or no; ``amount`` in minor units."""

    unit_id: str
    title: str
    amount: int


@dataclass(frozen=True)
class Parcel:
    """Something that was sent to the customer; ``kind`` is the timeline's word for it."""

    kind: str
    at: datetime
    tracking_code: str | None


@dataclass(frozen=True)
class Progress:
    """What the page of a return is made of."""

    steps: Sequence[Step]
    units: Sequence[UnitRow]
    estimates: Sequence[Estimate]
    parcels: Sequence[Parcel]
    happened: Sequence[TimelineEntry]
    way: Way
    can_change: bool
    can_choose_instead: bool
    #: Nothing carries it on: it can be looked at, and nothing can be said to it.
    stopped: bool


def progress_of(view: View, request: ReturnRequest) -> Progress:
    """Read it off the view; the request gives the items their titles."""
    return Progress(
        steps=steps_of(view),
        units=_rows(view, request.order),
        estimates=list(_estimates(view, request.order)),
        parcels=list(_parcels(view)),
        happened=[_told(entry, view) for entry in view.timeline if entry.event in catalogue()["event"]],
        way=_way(view, request),
        can_change=_can_change(view),
        can_choose_instead=not view.closed and view.attention is not None and view.attention.step == "stock",
        stopped=is_orphaned(view),
    )


def paid_otherwise(view: View) -> bool:
    """Whether its money ended in another way than its status says: paid by hand, or not at all."""
    return view.status in ENDS_IN_MONEY and view.settlement.paid_how != "as_asked"


def _told(entry: TimelineEntry, view: View) -> TimelineEntry:
    """That it ended, as it did."""
    if entry.event != view.status or not paid_otherwise(view):
        return entry
    return entry.model_copy(update={"event": view.settlement.paid_how})


def _can_change(view: View) -> bool:
    return not (view.closed or is_orphaned(view)) and view.status in _OPEN and view.handover.at is None


def title_of(order: Order, line_id: str) -> str:
    """What a line is called; its SKU where the shop gave no title."""
    line = order.line(line_id)
    return line.title or line.sku


def steps_of(view: View) -> list[Step]:
    """The line of steps: what is done first, then the one that is under way, then what comes."""
    plan = [(name, at) for name, at in _plan(view)]
    done = [Step(name, "done", at) for name, at in plan if at]
    open_ = [name for name, at in plan if not at]
    if view.status in ENDED_UNSETTLED:
        return done
    return done + [Step(name, "to_come" if number else "now") for number, name in enumerate(open_)]


def _plan(view: View) -> Iterator[tuple[str, datetime | None]]:
    when = _Moments(view.timeline)
    yield "requested", when.first("requested")
    if when.first("in_review") or view.status is Status.IN_REVIEW:
        yield "review", when.last("approved", "declined")
    if view.status in ENDED_UNSETTLED:
        yield "label" if view.handover.method is not Method.PICKUP else "pickup", when.first("label_sent")
        yield view.status.value, when.last(view.status.value)
        return
    if view.goods.state is not GoodsState.KEPT and view.status is not Status.DECLINED:
        yield from _way_home(view, when)
    yield _last_step(view), when.last(view.status.value) if view.status in SETTLED else None


def _way_home(view: View, when: "_Moments") -> Iterator[tuple[str, datetime | None]]:
    handed = view.handover.at
    ready = when.last("label_sent") if view.status is not Status.REQUESTED else None
    yield _READY[view.handover.method], ready or handed
    yield "handed_over", handed
    if view.goods.state is GoodsState.LOST:
        yield "lost", when.last("lost")
        return
    arrived = when.first("received") if view.goods.state in _ARRIVED else None
    yield "received", arrived
    if any(unit.repair for unit in view.units):
        yield "repaired", when.last("bench_done")
    elif rule_of(view.settlement.resolution).sends != "repaired_unit":
        yield "inspected", _inspected(view, when)


_READY: Final = {Method.MAIL: "label", Method.PICKUP: "pickup", Method.DROP_OFF: "code"}


def _inspected(view: View, when: "_Moments") -> datetime | None:
    waiting = any(unit.reception is Reception.RECEIVED and unit.acceptance is Acceptance.PENDING for unit in view.units)
    return None if waiting else when.last("inspected")


def _last_step(view: View) -> str:
    if view.status is Status.REJECTED:
        return "rejected"
    return f"settled_{view.settlement.paid_how if paid_otherwise(view) else view.settlement.resolution}"


class _Moments:
    def __init__(self, timeline: Sequence[TimelineEntry]) -> None:
        self._timeline = timeline

    def first(self, *events: str) -> datetime | None:
        return next((entry.at for entry in self._timeline if entry.event in events), None)

    def last(self, *events: str) -> datetime | None:
        return next((entry.at for entry in reversed(self._timeline) if entry.event in events), None)


def _way(view: View, request: ReturnRequest) -> Way:
    """What the customer needs to hand the goods over."""
    handover = view.handover
    waits = view.status in (Status.REQUESTED, Status.LABEL_SENT) and handover.at is None
    # Sent ahead or paid at once: the goods are still awaited.
    settled_ahead = view.status in SETTLED and view.goods.state is GoodsState.AWAITING and handover.at is None
    if view.closed or not (waits or settled_ahead):
        return "none"
    if request.order.customer.address is None:
        return "own"
    if handover.pickup is not None:
        if handover.pickup.booked:
            return "booked"
        return "choose" if handover.pickup.slots else "preparing"
    if view.status is Status.REQUESTED or not handover.tracking_code:
        return "preparing"
    return "code" if handover.drop_off is not None else "label"


def _rows(view: View, order: Order) -> list[UnitRow]:
    """Those of which the same is to be said stand together."""
    counts = Counter(_row(unit, view, order) for unit in view.units)
    return [replace(row, count=count) for row, count in counts.items()]


def _row(unit: Unit, view: View, order: Order) -> UnitRow:
    refund = unit.refund if rule_of(view.settlement.resolution).money_only else None
    note = t("unit.not_held") if unit.note == NOT_HELD else unit.note
    return UnitRow(title_of(order, unit.line_id), _state_of(unit, view), refund, note)


def _state_of(unit: Unit, view: View) -> str:
    if unit.acceptance is Acceptance.REJECTED:
        return "declined" if unit.reception is Reception.NOT_EXPECTED else "rejected"
    if unit.reception is Reception.NOT_EXPECTED:
        return "kept" if view.status not in ENDED_UNSETTLED else "ended"
    if view.status in ENDED_UNSETTLED:
        return "ended"
    if unit.repair:
        return f"repair_{unit.repair['state']}"
    if unit.reception is Reception.RECEIVED:
        return "received" if unit.acceptance is Acceptance.PENDING else "accepted"
    return unit.reception.value


def _estimates(view: View, order: Order) -> Iterator[Estimate]:
    for unit in view.units:
        repair: Mapping[str, str | int | None] = unit.repair or {}
        if repair.get("state") == "awaiting_customer" and not view.closed:
            yield Estimate(unit.unit_id, title_of(order, unit.line_id), int(repair.get("estimate") or 0))


def _parcels(view: View) -> Iterator[Parcel]:
    names = {unit.unit_id for unit in view.units}
    for entry in view.timeline:
        if entry.event in _SENT:
            code = (entry.detail or "").rpartition(" ")[2]
            yield Parcel(entry.event, entry.at, code if code and code not in names else None)
