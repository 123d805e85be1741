"""Advance replacement: sent at once against a hold on the card (CONTRACT section 7).

The hold is released when the goods are handed over, and captured once at the ship-by date when
they are not; what comes after that is paid back by its grade.
"""

from datetime import datetime, timedelta

from lifecycle.contract.request import Tender
from lifecycle.contract.tenders import TenderKind
from lifecycle.contract.view import Acceptance, Reception
from lifecycle.returns.aggregate.card_hold import CardHold
from lifecycle.returns.aggregate.payment import Payment
from lifecycle.returns.commands import CaptureHold, Pay, PlaceHold, ReleaseHold, SendMail
from lifecycle.returns.late_goods import wait_for_late_goods
from lifecycle.returns.prices import RefundableUnit
from lifecycle.returns.reminders import remind_before_ship_by
from lifecycle.returns.resolutions.table import rule_of
from lifecycle.returns.state import Return
from lifecycle.returns.units import UnitState
from lifecycle.returns.worth import settle

#: The ship-by date lies at least so long before the hold expires.
MARGIN = timedelta(days=1)


def may_advance(ret: Return) -> bool:
    """Whether the policy offers it, there is a card, and no unit may hold the customer's data."""
    if rule_of(ret.request.resolution).sends != "same_item" or not ret.opened.terms.advance_replacement:
        return False
    return card(ret) is not None and not any(unit.personal for unit in ret.expected)


def card(ret: Return) -> Tender | None:
    """The card that a hold or a charge goes to: the first that paid for the order."""
    return next((tender for tender in ret.request.order.tenders if tender.kind is TenderKind.CARD), None)


def ask_for_hold(ret: Return) -> None:
    """Everything is reserved and nothing handed over yet: hold the units' worth as new."""
    tender = card(ret)
    wanted = [item for item in ret.wanted if item.state != "dropped"]
    all_reserved = bool(wanted) and all(item.state == "reserved" for item in wanted)
    placed = ret.hold is not None and ret.hold.state != "released"
    if placed or not ret.live or ret.handed_over or ret.money.begun or tender is None:
        return
    if all_reserved and may_advance(ret):
        ret.hold = CardHold(tender.tender_id, sum(unit.price.gross for unit in ret.expected))
        ret.agenda.add(PlaceHold())


def hold_placed(ret: Return, hold: CardHold, reference: str | None, expires_at: datetime | None, now: datetime) -> None:
    """The card holds it; None for ``expires_at`` where an operator placed it. Too late, it is released again."""
    hold.place(reference, expires_at)
    ret.note(now, "hold_placed")
    same = rule_of(ret.request.resolution).sends == "same_item"
    if not ret.live or ret.handed_over or ret.money.begun or not same:
        request_hold_release(ret)
        return
    ret.advance = True
    in_time_for_the_hold(ret)


def hold_refused(ret: Return, hold: CardHold) -> None:
    """No hold, so the replacement goes out after the inspection."""
    hold.refuse()
    ret.agenda.add(ReleaseHold())


def in_time_for_the_hold(ret: Return) -> None:
    """The ship-by date leaves the hold its margin, and the customer is warned before it."""
    if ret.hold is not None and ret.hold.expires_at is not None and ret.hold.state == "held":
        ret.dates.ship_no_later_than(_last_day(ret, ret.hold.expires_at))
        remind_before_ship_by(ret)


def _last_day(ret: Return, expires_at: datetime) -> datetime:
    """The last end of a day that leaves the hold its margin."""
    calendar = ret.opened.calendar
    last = calendar.end_of_day_after(expires_at - MARGIN, 0)
    return last if last <= expires_at - MARGIN else calendar.end_of_day_after(expires_at - MARGIN, -1)


def request_hold_release(ret: Return) -> None:
    """The goods are on their way, or nothing comes of it: have the hold released."""
    if ret.hold is not None and ret.hold.state in ("placing", "held"):
        ret.agenda.add(ReleaseHold())


def released(ret: Return, state: str, now: datetime) -> None:
    """The outcome of the hold's release: it may have been captured a moment before."""
    if ret.hold is None or ret.hold.state not in ("placing", "held"):
        return
    if state == "captured":
        ret.hold.capture()
    else:
        ret.hold.release()
    ret.note(now, "hold_captured" if state == "captured" else "hold_released")


def capture_due(ret: Return) -> None:
    """Nothing was handed over by the ship-by date: take what is held."""
    if ret.hold is not None and ret.hold.state == "held" and not ret.agenda.has(CaptureHold):
        ret.agenda.add(CaptureHold())


def captured(ret: Return, reference: str | None, now: datetime) -> None:
    """The customer has paid for the replacement; goods that come late are still paid back."""
    if ret.hold is None:
        return
    ret.hold.capture(reference)
    ret.note(now, "hold_captured")
    ret.agenda.add(SendMail("hold_captured"))
    wait_for_late_goods(ret, now)


def pay_back(ret: Return, unit: UnitState) -> None:
    """Goods that came, or were lost on their way, after the capture: their worth by grade goes back, once."""
    hold = ret.hold
    if hold is None or hold.state != "captured" or unit.unit_id in hold.paid_back:
        return
    lost = unit.reception is Reception.LOST
    if unit.grade is None and not lost and unit.acceptance is not Acceptance.REJECTED:
        return
    hold.pay_back(unit.unit_id)
    if unit.acceptance is Acceptance.REJECTED:
        return
    refundable = RefundableUnit(unit.unit_id, unit.price, unit.reason, unit.grade, lost=lost)
    left = hold.amount - sum(payment.amount for payment in ret.money.payments if payment.of_hold)
    amount = settle([refundable], ret.opened.terms.money, cap=left).amount
    if amount:
        payment = Payment(hold.tender_id, amount, of_hold=True)
        ret.money.payments.append(payment)
        ret.agenda.add(Pay(payment))
        ret.money.round_open, ret.money.told = True, True
