"""What the customer gets instead of money: stock reserved for it, sent out, or given free again.

A replacement is wanted under its unit's id, what an exchange brings piece by piece under ``exchange-{n}``, and
a repaired unit, which is the customer's own and no stock, under its unit's id as well. A piece that would have
the id of a unit, of a line that is called ``exchange``, has another name.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from lifecycle.contract.request import ExchangeItem, Resolution
from lifecycle.contract.view import Acceptance, Reception
from lifecycle.returns.agenda import Errand, Notice
from lifecycle.returns.state import ParkedStep, Return, Wanted, on_bench, remedy_of
from lifecycle.returns.units import COMING, GONE, IN_HAND, UnitState

#: Still to be found on a shelf.
SOUGHT = frozenset({"wanted", "short"})
#: Not sent yet, and not called off.
OPEN = SOUGHT | {"reserved", "due"}


def want(ret: Return, units: Iterable[UnitState]) -> None:
    """Put what these units bring on the list, and have stock reserved for it."""
    wanted = [Wanted(unit.unit_id, unit.sku, 1) for unit in units if remedy_of(ret, unit) is Resolution.REPLACEMENT]
    if ret.request.resolution is Resolution.EXCHANGE:
        wanted += _pieces(ret, ret.request.exchange_for or [])
    known = {thing.name for thing in ret.wanted if thing.state != "dropped"}
    names = {thing.name for thing in wanted}
    dropped = [thing for thing in ret.wanted if thing.name not in names or thing.name in known]
    ret.wanted = dropped + [thing for thing in wanted if thing.name not in known]
    if sought := tuple(sorted(thing.name for thing in ret.wanted if thing.name in names and thing.state in SOUGHT)):
        ret.agenda.errands.append(Errand("reserve", sought))


def _pieces(ret: Return, items: Iterable[ExchangeItem]) -> Iterator[Wanted]:
    """Piece by piece, so that fewer of them can be sent than were wanted."""
    units = ret.by_id
    for number, item in enumerate(items, start=1):
        for piece in range(1, item.quantity + 1):
            name = f"exchange-{number}" if piece == 1 else f"exchange-{number}-{piece}"
            # The id of a unit ends with its number.
            yield Wanted(f"{name}-piece" if name in units else name, item.sku, 1)


def keep_pieces(ret: Return, items: Iterable[ExchangeItem]) -> None:
    """An exchange brings only these of its pieces; the others are given free."""
    left: Counter[str] = Counter()
    for item in items:
        left[item.sku] += item.quantity
    dropped, units = [], ret.by_id
    for thing in ret.wanted:
        if thing.state in OPEN and thing.name not in units:
            left[thing.sku] -= thing.quantity
            if left[thing.sku] < 0:
                dropped.append(thing)
    drop_things(ret, dropped)


def replace_instead(ret: Return, unit: UnitState, why: str, now: datetime) -> None:
    """It cannot be repaired any more: a replacement if that is in stock, else its price (CONTRACT section 7)."""
    unit.remedy = Resolution.REPLACEMENT
    ret.note(now, "resolution_changed", detail=f"{unit.unit_id}: replacement, {why}")
    want(ret, [unit])


def things(ret: Return, names: Collection[str]) -> list[Wanted]:
    """The wanted things of those names."""
    wanted = set(names)
    return [thing for thing in ret.wanted if thing.name in wanted]


def reserved(ret: Return, asked: Collection[Wanted], found: Collection[str], now: datetime) -> None:
    """What could be reserved of what was asked for; what is not wanted any more was dropped meanwhile."""
    for thing in asked:
        if thing.state in SOUGHT:
            thing.state = "reserved" if thing.name in found else "short"
    for thing in [thing for thing in asked if thing.state == "short"]:
        _refund_instead(ret, thing, now)
    if not any(thing.state == "short" for thing in needed(ret)):
        _in_stock_after_all(ret, now)
    elif ret.dates.restock is None and waits_for_stock(ret):
        _out_of_stock(ret, [thing for thing in needed(ret) if thing.state == "short"], now)


def forget_reservations(ret: Return, asked: Collection[Wanted]) -> None:
    """A person answered for the step: nothing of ours is set aside, and what may be is given free."""
    ret.agenda.errands.append(Errand("unreserve", tuple(reservation(thing) for thing in asked)))
    for thing in asked:
        thing.step = ""


def _refund_instead(ret: Return, thing: Wanted, now: datetime) -> None:
    """A unit that cannot be repaired is replaced if that is in stock, else refunded (CONTRACT section 7)."""
    unit = ret.unit(thing.name)
    if unit is not None and unit.remedy is Resolution.REPLACEMENT:
        thing.state = "dropped"
        unit.remedy = Resolution.REFUND
        ret.note(now, "resolution_changed", detail=f"{unit.unit_id}: refund, there is none in stock")


def _out_of_stock(ret: Return, short: list[Wanted], now: datetime) -> None:
    ret.dates.restock = ret.opened.calendar.add_days(now, 1)
    if any(parked.step == "stock" for parked in ret.open_steps):
        return
    names = ", ".join(sorted({thing.sku for thing in short}))
    ret.parked.append(ParkedStep("stock", f"out of stock: {names}", now))
    ret.note(now, "attention", detail=f"stock: {names}")
    ret.agenda.notices.append(Notice("out_of_stock", reason=names))


def _in_stock_after_all(ret: Return, now: datetime) -> None:
    ret.dates.restock = None
    for parked in ret.open_steps:
        if parked.step == "stock":
            ret.parked.remove(parked)
            ret.note(now, "attention_resolved", detail="stock")


def reservation(thing: Wanted) -> str:
    """What its reservation is known by."""
    return f"{thing.step}/{thing.name}"


def needed(ret: Return) -> list[Wanted]:
    """What has to be in stock before the settlement can begin."""
    accepted = {unit.unit_id for unit in ret.counted if not unit.settled and unit.acceptance is not Acceptance.REJECTED}
    exchange = ret.request.resolution is Resolution.EXCHANGE and bool(accepted)
    units = ret.by_id
    return [thing for thing in ret.wanted if thing.name in accepted or (exchange and thing.name not in units)]


def in_stock(ret: Return) -> bool:
    """Whether everything that has to go out is reserved, or has gone."""
    return not any(thing.state in SOUGHT for thing in needed(ret))


def waits_for_stock(ret: Return) -> bool:
    """Whether nothing but stock is missing: the goods are here and judged."""
    unsettled = [unit for unit in ret.expected if not unit.settled]
    decided = all(unit.decided and not (on_bench(ret, unit) and unit.reception in IN_HAND) for unit in unsettled)
    came = any(unit.reception is not Reception.MISSING for unit in unsettled)
    return came and decided and not ret.ended


def seek(ret: Return) -> None:
    """The goods are judged and something is not in stock: look again."""
    busy = any(errand.kind == "reserve" for errand in ret.agenda.errands)
    short = [thing.name for thing in needed(ret) if thing.state == "short"]
    if short and not busy:
        ret.agenda.errands.append(Errand("reserve", tuple(short)))


def due(ret: Return, units: Collection[UnitState]) -> None:
    """The settlement of these units has begun: what they bring is to go out."""
    names = {unit.unit_id for unit in units}
    exchange = any(remedy_of(ret, unit) is Resolution.EXCHANGE for unit in units)
    known = ret.by_id
    for thing in ret.wanted:
        mine = thing.name in names or (exchange and thing.name not in known)
        if mine and thing.state == "reserved":
            thing.state = "due"
    for unit in units:
        if unit.bench is not None and unit.bench.outcome == "repaired":
            ret.wanted.append(Wanted(unit.unit_id, unit.sku, 1, state="due", own=True))


def send_out(ret: Return) -> None:
    """Send what is due, once a charge for it is through."""
    waiting = any(payment.amount < 0 and payment.state in ("planned", "pending") for payment in ret.money.payments)
    parked = any(parked.kind == "charge" for parked in ret.open_steps)
    names = tuple(thing.name for thing in ret.wanted if thing.state == "due")
    sending = any(errand.kind == "ship" for errand in ret.agenda.errands)
    if names and not waiting and not parked and not sending:
        ret.agenda.errands.append(Errand("ship", names))


def shipped(ret: Return, names: Collection[str], tracking_code: str | None, now: datetime) -> None:
    """It is on its way to the customer; null where a person said so without a code."""
    own = False
    for thing in things(ret, names):
        thing.state, thing.tracking_code, own = "shipped", tracking_code, own or thing.own
    ret.note(now, "repaired_shipped" if own else "replacement_shipped", detail=tracking_code)


def drop(ret: Return, units: Collection[UnitState] | None = None) -> None:
    """Not wanted any more, of these units or at all: what is reserved is given free."""
    names = None if units is None else {unit.unit_id for unit in units}
    open_things = [thing for thing in ret.wanted if thing.state in OPEN]
    drop_things(ret, [thing for thing in open_things if names is None or thing.name in names])
    ret.dates.restock = None


def drop_leftovers(ret: Return) -> None:
    """The settlement is through: what it did not need is given free."""
    units = {
        unit.unit_id
        for unit in ret.counted
        if not unit.settled and not (ret.late_over and unit.reception in COMING | GONE)
    }
    if units and not ret.money.exchanged:
        known = ret.by_id
        units |= {thing.name for thing in ret.wanted if thing.name not in known}
    left = [thing for thing in ret.wanted if thing.state in ("wanted", "short", "reserved") and thing.name not in units]
    drop_things(ret, left)


def drop_things(ret: Return, dropped: Collection[Wanted]) -> None:
    """The same, of these things."""
    for thing in dropped:
        thing.state = "dropped"
    free = tuple(reservation(thing) for thing in dropped if thing.step)
    if free:
        ret.agenda.errands.append(Errand("unreserve", free))
