"""What goes out to the customer instead of money: stock reserved for it, shipped, or released.

A replacement is wanted under its unit's id, what an exchange brings piece by piece under ``exchange-{n}``, and
a repaired unit, which is the customer's own and no stock, under its unit's id as well. A piece that would have
the id of a unit, of a line that is called ``exchange``, has another name.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from lifecycle.contract.request import ExchangeItem
from lifecycle.contract.view import Acceptance, Reception
from lifecycle.returns.aggregate.about import About
from lifecycle.returns.aggregate.outbound_item import OutboundItem
from lifecycle.returns.aggregate.parked_step import ParkedReturnStep
from lifecycle.returns.commands import ReleaseStock, ReserveStock, SendMail, Ship
from lifecycle.returns.resolutions.repair import REPAIR
from lifecycle.returns.resolutions.rule import Sent
from lifecycle.returns.resolutions.table import rule_of
from lifecycle.returns.state import Return, on_bench, remedy_of, these
from lifecycle.returns.units import COMING, GONE, IN_HAND, UnitState

#: Still to be found on a shelf.
UNRESERVED = frozenset({"wanted", "short"})
#: Not sent yet, and not called off.
OPEN = UNRESERVED | {"reserved", "due"}


def require(ret: Return, units: Iterable[UnitState]) -> None:
    """Put what these units bring on the list, and have stock reserved for it."""
    wanted = [
        OutboundItem(unit.unit_id, unit.sku, 1) for unit in units if rule_of(remedy_of(ret, unit)).sends == "same_item"
    ]
    if rule_of(ret.request.resolution).sends == "chosen_items":
        wanted += _pieces(ret, ret.request.exchange_for or [])
    known = {item.name for item in ret.wanted if item.state != "dropped"}
    names = {item.name for item in wanted}
    dropped = [item for item in ret.wanted if item.name not in names or item.name in known]
    ret.wanted = dropped + [item for item in wanted if item.name not in known]
    if sought := tuple(sorted(item.name for item in ret.wanted if item.name in names and item.state in UNRESERVED)):
        ret.agenda.add(ReserveStock(sought))


def _pieces(ret: Return, items: Iterable[ExchangeItem]) -> Iterator[OutboundItem]:
    """Piece by piece, so that fewer of them can be sent than were wanted."""
    units = ret.by_id
    for number, item in enumerate(items, start=1):
        for piece in range(1, item.quantity + 1):
            name = f"exchange-{number}" if piece == 1 else f"exchange-{number}-{piece}"
            # The id of a unit ends with its number.
            yield OutboundItem(f"{name}-piece" if name in units else name, item.sku, 1)


def keep_pieces(ret: Return, items: Iterable[ExchangeItem]) -> None:
    """An exchange brings only these of its pieces; the others are released."""
    left: Counter[str] = Counter()
    for item in items:
        left[item.sku] += item.quantity
    dropped, units = [], ret.by_id
    for outbound in ret.wanted:
        if outbound.state in OPEN and outbound.name not in units:
            left[outbound.sku] -= outbound.quantity
            if left[outbound.sku] < 0:
                dropped.append(outbound)
    drop_items(ret, dropped)


def replace_instead(ret: Return, unit: UnitState, why: str, now: datetime) -> None:
    """It cannot be repaired any more: a replacement if that is in stock, else its price (CONTRACT section 7)."""
    unit.remedy = REPAIR.if_impossible
    ret.note(now, "resolution_changed", detail=f"{unit.unit_id}: {unit.remedy}, {why}", about=these([unit]))
    require(ret, [unit])


def named_items(ret: Return, names: Collection[str]) -> list[OutboundItem]:
    """The wanted things of those names."""
    wanted = set(names)
    return [item for item in ret.wanted if item.name in wanted]


def reserved(ret: Return, asked: Collection[OutboundItem], found: Collection[str], now: datetime) -> None:
    """What could be reserved of what was asked for; what is not wanted any more was dropped meanwhile."""
    for item in asked:
        if item.state in UNRESERVED:
            item.state = "reserved" if item.name in found else "short"
    for item in [item for item in asked if item.state == "short"]:
        _refund_instead(ret, item, now)
    if not any(item.state == "short" for item in needed(ret)):
        _in_stock_after_all(ret, now)
    elif ret.dates.restock is None and waits_for_stock(ret):
        _out_of_stock(ret, [item for item in needed(ret) if item.state == "short"], now)


def forget_reservations(ret: Return, asked: Collection[OutboundItem]) -> None:
    """An operator answered for the step: nothing of ours is set aside, and what may be is released."""
    ret.agenda.add(ReleaseStock(tuple(reservation(item) for item in asked)))
    for item in asked:
        item.step = ""


def _refund_instead(ret: Return, item: OutboundItem, now: datetime) -> None:
    """A unit that cannot be repaired is replaced if that is in stock, else refunded (CONTRACT section 7)."""
    unit = ret.unit(item.name)
    if unit is not None and unit.remedy and rule_of(unit.remedy).sends == "same_item":
        item.state = "dropped"
        unit.remedy = rule_of(unit.remedy).if_impossible
        detail = f"{unit.unit_id}: {unit.remedy}, there is none in stock"
        ret.note(now, "resolution_changed", detail=detail, about=these([unit]))


def _out_of_stock(ret: Return, short: list[OutboundItem], now: datetime) -> None:
    ret.dates.set_alarm("restock", ret.opened.calendar.add_days(now, 1))
    if ret.open_steps_of("stock"):
        return
    names = ", ".join(sorted({item.sku for item in short}))
    ret.park(ParkedReturnStep("stock", f"out of stock: {names}", now), detail=f"stock: {names}")
    ret.agenda.add(SendMail("out_of_stock", reason=names))


def _in_stock_after_all(ret: Return, now: datetime) -> None:
    ret.dates.clear_alarm("restock")
    for parked in ret.open_steps_of("stock"):
        ret.unpark_settled(parked, now)


def kind_of(ret: Return, item: OutboundItem) -> Sent:
    """What kind of thing goes out."""
    if item.own:
        return "repaired_unit"
    return "same_item" if ret.unit(item.name) else "chosen_items"


def reservation(item: OutboundItem) -> str:
    """What its reservation is known by."""
    return f"{item.step}/{item.name}"


def needed(ret: Return) -> list[OutboundItem]:
    """What has to be in stock before the settlement can begin."""
    accepted = {unit.unit_id for unit in ret.counted if not unit.settled and unit.acceptance is not Acceptance.REJECTED}
    exchange = rule_of(ret.request.resolution).sends == "chosen_items" and bool(accepted)
    units = ret.by_id
    return [item for item in ret.wanted if item.name in accepted or (exchange and item.name not in units)]


def in_stock(ret: Return) -> bool:
    """Whether everything that has to go out is reserved, or has gone."""
    return not any(item.state in UNRESERVED for item in needed(ret))


def waits_for_stock(ret: Return) -> bool:
    """Whether nothing but stock is missing: the goods are here and judged."""
    unsettled = [unit for unit in ret.expected if not unit.settled]
    decided = all(unit.decided and not (on_bench(ret, unit) and unit.reception in IN_HAND) for unit in unsettled)
    came = any(unit.reception is not Reception.MISSING for unit in unsettled)
    return came and decided and not ret.ended


def retry_reservation(ret: Return) -> None:
    """The goods are judged and something is not in stock: look again."""
    short = [item.name for item in needed(ret) if item.state == "short"]
    if short and not ret.agenda.has(ReserveStock):
        ret.agenda.add(ReserveStock(tuple(short)))


def due(ret: Return, units: Collection[UnitState]) -> None:
    """The settlement of these units has begun: what they bring is to go out."""
    names = {unit.unit_id for unit in units}
    exchange = any(rule_of(remedy_of(ret, unit)).sends == "chosen_items" for unit in units)
    known = ret.by_id
    for item in ret.wanted:
        mine = item.name in names or (exchange and item.name not in known)
        if mine and item.state == "reserved":
            item.state = "due"
    for unit in units:
        if unit.bench is not None and unit.bench.outcome == "repaired":
            ret.wanted.append(OutboundItem(unit.unit_id, unit.sku, 1, state="due", own=True))


def dispatch(ret: Return) -> None:
    """Send what is due, once a charge for it is through."""
    waiting = any(payment.amount < 0 and payment.state in ("planned", "pending") for payment in ret.money.payments)
    parked = any(parked.kind == "charge" for parked in ret.open_steps)
    names = tuple(item.name for item in ret.wanted if item.state == "due")
    if names and not waiting and not parked and not ret.agenda.has(Ship):
        ret.agenda.add(Ship(names))


def shipped(ret: Return, names: Collection[str], tracking_code: str | None, now: datetime) -> None:
    """It is on its way to the customer; None where an operator said so without a code."""
    sent = named_items(ret, names)
    for item in sent:
        item.state, item.tracking_code = "shipped", tracking_code
    own, about = any(item.own for item in sent), About(sent=sent, tracking_code=tracking_code)
    ret.note(now, "repaired_shipped" if own else "replacement_shipped", detail=tracking_code, about=about)


def drop(ret: Return, units: Collection[UnitState] | None = None) -> None:
    """Not wanted any more, of these units or at all: what is reserved is released."""
    names = None if units is None else {unit.unit_id for unit in units}
    open_things = [item for item in ret.wanted if item.state in OPEN]
    drop_items(ret, [item for item in open_things if names is None or item.name in names])
    ret.dates.clear_alarm("restock")


def drop_leftovers(ret: Return) -> None:
    """The settlement is through: what it did not need is released."""
    units = {
        unit.unit_id
        for unit in ret.counted
        if not unit.settled and not (ret.late_over and unit.reception in COMING | GONE)
    }
    if units and not ret.money.exchanged:
        known = ret.by_id
        units |= {item.name for item in ret.wanted if item.name not in known}
    left = [item for item in ret.wanted if item.state in ("wanted", "short", "reserved") and item.name not in units]
    drop_items(ret, left)


def drop_items(ret: Return, dropped: Collection[OutboundItem]) -> None:
    """The same, of these things."""
    for item in dropped:
        item.state = "dropped"
    free = tuple(reservation(item) for item in dropped if item.step)
    if free:
        ret.agenda.add(ReleaseStock(free))
