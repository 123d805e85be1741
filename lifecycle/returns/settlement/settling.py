"""Making it right: which units a settlement counts, what it pays, and when it is done.

There is one settlement, when every awaited unit is graded, lost or missing, or at the
limit; units that come later are settled by their own entry in ``paid`` (CONTRACT section 5).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import cast

from lifecycle.contract.events.types import EventName
from lifecycle.contract.fees import Breakdown
from lifecycle.contract.resolutions import Resolution
from lifecycle.contract.statuses import Status
from lifecycle.contract.view import Acceptance, Reception
from lifecycle.returns.aggregate.about import About
from lifecycle.returns.aggregate.money import Round
from lifecycle.returns.aggregate.outbound_item import OutboundItem
from lifecycle.returns.commands import ClaimUnits, ReleaseUnits, SendBack, SendMail, Why
from lifecycle.returns.fees import return_fees
from lifecycle.returns.goods.outbound import drop, in_stock, kind_of
from lifecycle.returns.goods.outbound import due as send_for
from lifecycle.returns.late_goods import wait_for_late_goods
from lifecycle.returns.prices import RefundableUnit, exchange_price, order_fees, original_shipping
from lifecycle.returns.resolutions.table import SENDING, rule_of
from lifecycle.returns.settlement.payments import as_credit, given_back, given_up, left_of_tenders, plan
from lifecycle.returns.settlement.still_owed import still_owed
from lifecycle.returns.settlement.units_back import is_back
from lifecycle.returns.state import Return, on_bench, remedy_of
from lifecycle.returns.units import COMING, GONE, IN_HAND, UnitState
from lifecycle.returns.worth import Settled, settle, with_bonus

#: A repair whose estimate the customer has accepted.
_AGREED = ("repairing", "checking", "done")


def due_units(ret: Return) -> list[UnitState]:
    """The units that a settlement would count now; none while it has to wait.

    Missing units are left out: each is paid when it comes.
    """
    if not ret.live or not ret.counted or ret.agenda.has(ClaimUnits, ReleaseUnits):
        return []
    unsettled = [unit for unit in ret.counted if not unit.settled]
    due = [unit for unit in unsettled if (unit.payable and not on_bench(ret, unit)) or _ahead(ret, unit)]
    counted = {unit.unit_id for unit in due}
    counted |= {unit.unit_id for unit in unsettled if unit.reception is Reception.MISSING}
    if not ret.money.begun and len(counted) < len(unsettled):
        return []
    return due if in_stock(ret) else []


def _ahead(ret: Return, unit: UnitState) -> bool:
    """Settled before it is seen: a replacement in advance, or an instant refund once it is on its way."""
    if unit.acceptance is not Acceptance.PENDING or unit.reception not in COMING | {Reception.RECEIVED}:
        return False
    if unit.unchecked:
        return False
    return ret.advance or (ret.instant and ret.handed_over and unit.reception is not Reception.AWAITING)


def settlement_due(ret: Return) -> bool:
    """Whether a settlement is to begin: not where all is missing, which an operator looks at."""
    return not ret.money.round_open and bool(due_units(ret))


def begin(ret: Return, units: Iterable[UnitState], now: datetime) -> None:
    """Freeze what these units are worth and plan the payments."""
    units = list(units)
    worth = _held_worth(ret, units)
    money = ret.money
    money.current = _round(ret, units, worth)
    money.begun, money.round_open, money.told = True, True, False
    money.paid_before = len(money.payments)
    money.rounds += 1
    for unit in units:
        unit.settled = True
        if unit.acceptance is Acceptance.PENDING:
            unit.acceptance = Acceptance.ACCEPTED
        unit.refund = worth.refunds.get(unit.unit_id, 0)
    money.sellers_fault = money.sellers_fault or any(unit.reason.sellers_fault for unit in _accepted(units))
    money.shipping_paid = money.shipping_paid or worth.breakdown.shipping + worth.breakdown.order_fees > 0
    money.exchanged = money.exchanged or any(
        rule_of(remedy_of(ret, unit)).sends == "chosen_items" for unit in _accepted(units)
    )
    money.amount += worth.amount
    money.taken_off += worth.taken_off
    money.breakdown = add(money.breakdown, worth.breakdown)
    money.overridden = None
    drop(ret, [unit for unit in units if unit.acceptance is Acceptance.REJECTED])
    send_for(ret, _accepted(units))
    plan(ret, worth.amount, worth.breakdown.bonus)
    _drop_limit_attention(ret, now)


def _round(ret: Return, units: list[UnitState], worth: Settled) -> Round:
    """What the customer's mail says of it; ``worth`` is what these units come to."""
    parts = worth.breakdown
    by_hand = ret.money.overridden is not None
    amount = worth.amount - parts.bonus + (0 if by_hand else sum(_bought(ret, _accepted(units))))
    return Round(
        units=[unit.unit_id for unit in units],
        breakdown=Breakdown() if by_hand else parts,
        capped=not by_hand and amount < parts.less_deductions,
        by_hand=by_hand and amount != parts.less_deductions,
    )


def _accepted(units: Iterable[UnitState]) -> list[UnitState]:
    """Units that are paid: everything but rejected ones; the ungraded count as A."""
    return [unit for unit in units if unit.acceptance is not Acceptance.REJECTED]


def _held_worth(ret: Return, units: list[UnitState]) -> Settled:
    """What they come to, within what this return holds of the order's money."""
    worth, room = _worth(ret, units, cap(ret)), left_of_tenders(ret)
    if room is None or as_credit(ret) or worth.amount <= room:
        return worth
    return worth.within(room)


def _worth(ret: Return, units: list[UnitState], room: int) -> Settled:
    accepted = _accepted(units)
    for unit in accepted:
        if unit.settled:
            raise RuntimeError(f"unit {unit.unit_id} is settled already")
    paid = [unit for unit in accepted if rule_of(remedy_of(ret, unit)).pays]
    shipping, fees = _of_the_order(ret, paid)
    in_full = ret.request.order.payment_state.in_full
    worth = settle(
        [_refundable(unit) for unit in paid],
        ret.opened.terms.money,
        shipping=shipping,
        order_fees=fees,
        cap=room if in_full else min(room, most(ret) - still_owed(ret, accepted, shipping + fees)),
        per_return=return_fees(ret),
    )
    if ret.money.overridden is not None:
        taken_off = min(sum(_bought(ret, accepted)), worth.amount)
        amount = min(ret.money.overridden, room - taken_off)
        return Settled(amount, _by_hand(worth.breakdown, amount), worth.refunds, taken_off)
    if rule_of(ret.request.resolution).pays == "store_credit":
        return with_bonus(worth, ret.opened.terms.money)
    return _less_what_they_buy(ret, accepted, worth)


def _by_hand(parts: Breakdown, amount: int) -> Breakdown:
    """The same parts, and how much the amount that staff set differs from them; no cap of ours lessens that."""
    parts = parts.model_copy(update={"capped": 0})
    return parts.model_copy(update={"set_by_hand": amount - sum(parts.signed.values())})


def _less_what_they_buy(ret: Return, accepted: list[UnitState], worth: Settled) -> Settled:
    """Less what an exchange brings, once, and less the price of repairs; below 0 the customer pays."""
    exchange, repairs = _bought(ret, accepted)
    if not exchange and not repairs:
        return worth
    breakdown = worth.breakdown.model_copy(update={"exchange": exchange})
    bought = exchange + repairs
    return Settled(worth.amount - bought, breakdown, worth.refunds, min(bought, worth.amount))


def _bought(ret: Return, accepted: list[UnitState]) -> tuple[int, int]:
    """What is bought with these units: by an exchange, once, and by repairs that the customer has agreed to."""
    exchange = 0
    dropped = bool(ret.wanted) and all(item.state == "dropped" for item in ret.wanted)
    exchanges = rule_of(ret.request.resolution).sends == "chosen_items"
    if exchanges and accepted and not ret.money.exchanged and not dropped:
        exchange = exchange_price(ret.request)
    return exchange, sum(_agreed_price(unit) for unit in accepted)


def _agreed_price(unit: UnitState) -> int:
    bench = unit.bench
    return (bench.estimate or 0) if bench and bench.state in _AGREED and not unit.in_warranty else 0


def worth_as_new(ret: Return) -> int:
    """What the units it waits for come to, all taken as grade A, without a bonus.

    Whatever other returns of the order hold: it is no reason to leave the customer the goods.
    """
    if not ret.request.order.payment_state.in_full:  # no such reason either
        return sum(unit.price.gross for unit in ret.expected)
    worth = _worth(ret, ret.expected, most(ret))
    return worth.amount - worth.breakdown.bonus


def charge_for(ret: Return, units: Iterable[UnitState]) -> int:
    """What the customer would pay, in minor units, were these units settled now; 0 where they get money."""
    return max(0, -_held_worth(ret, list(units)).amount)


def _refundable(unit: UnitState) -> RefundableUnit:
    return RefundableUnit(
        unit_id=unit.unit_id,
        price=unit.price,
        reason=unit.reason,
        grade=unit.grade,
        lost=unit.reception is Reception.LOST,
        kept=unit.kept,
    )


def cap(ret: Return) -> int:
    """What may still go back: what it holds of the order's money, less what it has given."""
    claim = ret.money.claim
    return most(ret) if claim is None else claim.total - given_back(ret)


def most(ret: Return) -> int:
    """The most that could still go back, if no other return held any: captured minus already refunded."""
    tenders = ret.request.order.tenders
    return sum(tender.captured - tender.refunded for tender in tenders) - given_back(ret)


def _of_the_order(ret: Return, accepted: list[UnitState]) -> tuple[int, int]:
    """The order's original shipping and its fees, where they go back with these units (CONTRACT section 3)."""
    if not _gives_shipping_back(ret, accepted):
        return 0, 0
    order = ret.request.order
    return original_shipping(order), order_fees(order, ret.opened.terms.money)


def _gives_shipping_back(ret: Return, accepted: list[UnitState]) -> bool:
    opening, rule = ret.opened, ret.opened.terms.money.refund_original_shipping
    if rule == "never" or not accepted or not opening.holds_shipping or ret.money.shipping_paid:
        return False
    if rule == "seller_fault":
        being_paid = {unit.unit_id for unit in accepted}
        whole = all(is_back(ret, unit) and (unit.settled or unit.unit_id in being_paid) for unit in ret.counted)
        fault = opening.fault_elsewhere or any(unit.reason.sellers_fault for unit in ret.counted)
        return opening.completes_order and whole and fault
    return True


def owed(ret: Return) -> tuple[int, Breakdown]:
    """Amount and breakdown as known now: the frozen part, and the rest with ungraded units as A.

    What failed and staff went on without is owed no more. Nothing is owed once declined, cancelled or expired; nor for
    units that are missing, rejected, or wrong until somebody accepts them.
    """
    if ret.ended or ret.opening is None:
        return 0, Breakdown()
    open_units, unpaid = _open_units(ret), given_up(ret)
    frozen = ret.money.amount - unpaid
    parts = ret.money.breakdown.model_copy(update={"not_paid": unpaid}) if unpaid else ret.money.breakdown
    if ret.money.begun and not open_units:
        return frozen, parts
    rest = _held_worth(ret, open_units)
    return frozen + rest.amount, add(parts, rest.breakdown)


def still_wanted(ret: Return) -> Settled:
    """What would still be owed as known now, if no other return held any of the order's money."""
    open_units = [] if ret.ended else _open_units(ret)
    if not open_units and (ret.money.begun or ret.ended):
        return Settled(0, Breakdown(), {})
    return _worth(ret, open_units, most(ret))


def _open_units(ret: Return) -> list[UnitState]:
    return [
        unit
        for unit in ret.counted
        if not unit.settled
        and unit.acceptance in (Acceptance.PENDING, Acceptance.ACCEPTED)
        and unit.reception is not Reception.MISSING
    ]


def add(one: Breakdown, other: Breakdown) -> Breakdown:
    """Part by part."""
    return Breakdown(**{key: getattr(one, key) + getattr(other, key) for key in Breakdown.model_fields})


def credit_expires(ret: Return, now: datetime) -> datetime | None:
    """Until when store credit given now is valid; None for ever."""
    days = ret.opened.terms.money.store_credit_valid_days
    return ret.opened.calendar.end_of_day_after(now, days) if days else None


def finish(ret: Return, now: datetime) -> None:
    """The customer has it all: say so once, and start waiting for what may still come late."""
    ret.money.round_open = False
    ret.dates.settle(now)
    if _brought_something(ret):
        if not ret.money.told and not _mailed_with_the_goods(ret):
            ret.agenda.add(SendMail(_mail(ret), why=_why_rejected(ret)))
        ret.money.told = True
        ret.note(now, cast("EventName", settled_status(ret).value), about=About(units=ret.money.current.units))
    held = ret.hold is not None and ret.hold.state == "held"
    if any(unit.reception in COMING | GONE for unit in ret.expected) and not held:
        wait_for_late_goods(ret, now)


def _brought_something(ret: Return) -> bool:
    """Whether there is anything to mail: a later round may only have rejected what came late."""
    money, sent = ret.money, sum(item.state == "shipped" for item in ret.wanted)
    news = money.rounds == 1 or bool(money.payments[money.paid_before :]) or sent > money.sent_before
    money.sent_before = sent
    return news or settled_status(ret) is Status.REJECTED


def _mailed_with_the_goods(ret: Return) -> bool:
    """Wholly rejected and sent back: one mail says both, with the parcel."""
    return ret.agenda.has(SendBack) and settled_status(ret) is Status.REJECTED


def mail_rejection(ret: Return) -> None:
    """No parcel brings the mail that was to go with it: an operator answered for that."""
    ret.agenda.add(SendMail("rejected", why=_why_rejected(ret)))


def _why_rejected(ret: Return) -> list[Why]:
    if settled_status(ret) is not Status.REJECTED:
        return []
    return [{"key": "noted", "unit": unit.unit_id, "note": unit.note} for unit in ret.counted if unit.note]


def _mail(ret: Return) -> str:
    """The mail about it: nothing of a parcel where none was sent."""
    status = settled_status(ret)
    sent = any(item.state == "shipped" for item in ret.wanted)
    return "settled" if status in SENDING.values() and not sent else status.value


def mail_with(ret: Return, items: Sequence[OutboundItem]) -> str:
    """The mail that goes with a parcel of these: how the return ends, or, where that brings money, what they are."""
    status = settled_status(ret)
    return (status if status in SENDING.values() else SENDING[kind_of(ret, items[0])]).value


def settled_status(ret: Return) -> Status:
    """How a settled return ends: all that came was rejected, or the resolution's own status."""
    judged = [unit for unit in ret.counted if unit.settled]
    sent = _shipped(ret)
    served = [
        unit for unit in judged if unit.acceptance is not Acceptance.REJECTED or unit.refund or unit.unit_id in sent
    ]
    if judged and not served and not ret.money.amount:
        return Status.REJECTED
    remedies = {remedy_of(ret, unit) for unit in served}
    return rule_of(remedies.pop() if len(remedies) == 1 else ret.request.resolution).status


def resolution_of(ret: Return) -> Resolution:
    """What is given: one for all units that get something, else what was asked for."""
    remedies = {remedy_of(ret, unit) for unit in ret.counted if unit.acceptance is not Acceptance.REJECTED}
    return remedies.pop() if len(remedies) == 1 else ret.request.resolution


def _shipped(ret: Return, *, own: bool = True) -> set[str]:
    """What has gone out to the customer, by name; ``own``: their own units too, repaired."""
    return {item.name for item in ret.wanted if item.state == "shipped" and (own or not item.own)}


def freed(ret: Return) -> dict[str, bool]:
    """Units that are with the customer, who got nothing for them: they may be asked for again.

    Each with whether it was rejected. Sent back, or never in the parcel that was to hold them.
    """
    replaced = _shipped(ret, own=False)
    return {
        unit.unit_id: unit.acceptance is Acceptance.REJECTED
        for unit in ret.expected
        if (unit.gone_back or (unit.acceptance is Acceptance.REJECTED and unit.reception is Reception.MISSING))
        and not unit.refund
        and unit.unit_id not in replaced
    }


def _drop_limit_attention(ret: Return, now: datetime) -> None:
    """Settled after all: nobody needs to look at the limit any more."""
    if any(not unit.settled and unit.reception in IN_HAND | COMING for unit in ret.expected):
        return
    for parked in ret.open_steps_of("limit"):
        ret.unpark_settled(parked, now)
