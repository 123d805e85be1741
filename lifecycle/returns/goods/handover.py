"""The handover: label, scans, cancelling and expiring."""

from datetime import datetime

from lifecycle.contract.errors import Refused
from lifecycle.contract.messages import Cancel, TrackingEvent, TrackingStatus
from lifecycle.contract.request import Method
from lifecycle.contract.scanned_codes import same
from lifecycle.contract.view import Reception
from lifecycle.returns.aggregate.about import About
from lifecycle.returns.aggregate.parcels import Parcel
from lifecycle.returns.commands import FileLossClaim, ProvideHandover, SendMail, VoidLabel
from lifecycle.returns.goods.advance_replacement import in_time_for_the_hold, pay_back, request_hold_release
from lifecycle.returns.goods.outbound import drop, replace_instead, require
from lifecycle.returns.late_goods import late_until, wait_until
from lifecycle.returns.promise_clock import reset_clock, start_clock
from lifecycle.returns.reminders import due_soon, remind_of_handover_later
from lifecycle.returns.resolutions.table import rule_of
from lifecycle.returns.state import Return, all_units, remedy_of, these
from lifecycle.returns.units import COMING, GONE

_HANDOVER_SCANS = frozenset(
    {TrackingStatus.ACCEPTED, TrackingStatus.IN_TRANSIT, TrackingStatus.DELIVERED, TrackingStatus.LOST}
)


def check_cancel(ret: Return) -> None:
    """Refuse to cancel what has ended, was handed over, or is being settled."""
    if ret.ended:
        raise Refused(f"the return is {ret.ended}")
    if ret.money.begun:
        raise Refused("the settlement has begun")
    if ret.handed_over:
        raise Refused("the goods have been handed over")


def cancel(ret: Return, message: Cancel, now: datetime) -> None:
    """Cancel the return: void the label, release the units."""
    check_cancel(ret)
    ret.ended = "cancelled"
    ret.note(now, "cancelled", by=message.by, detail=message.reason, about=all_units(ret))
    end(ret, now, SendMail("cancelled"))


def expire(ret: Return, now: datetime) -> None:
    """Nothing was handed over by the ship-by date."""
    ret.ended = "expired"
    ret.note(now, "expired", about=all_units(ret))
    end(ret, now, SendMail("expired"))


def end(ret: Return, now: datetime, mail: SendMail) -> None:
    """Nothing more is done for the customer: release the units, void what they hold, mail them."""
    ret.agenda.withdraw(ProvideHandover)
    ret.unpark(*ret.open_steps_of("limit", "empty_parcel"))
    ret.agenda.release_units()
    ret.agenda.add(mail)
    drop(ret)
    request_hold_release(ret)
    ret.dates.await_late_goods(None)
    if ret.parcels and ret.opening:
        ret.dates.await_late_goods(late_until(ret, now))
        void_labels(ret)


def void_labels(ret: Return) -> None:
    """Whatever the customer could hand a parcel over with is not valid any more."""
    for parcel in ret.parcels:
        if parcel.step and not parcel.voided:
            ret.agenda.add(VoidLabel(parcel.step))
        parcel.voided = True


def label_bought(ret: Return, parcel: Parcel, now: datetime) -> None:
    """The customer holds all they need; the ship-by date runs."""
    ret.agenda.withdraw(ProvideHandover)
    ret.parcels.insert(0, parcel)
    if ret.ended:
        void_labels(ret)
        ret.dates.await_late_goods(ret.dates.late_until or late_until(ret, now))
        return
    ret.dates.send_label(now)
    wait_for_handover(ret, now)
    if ret.opened.terms.starts_on == "handover" and not ret.handed_over:
        ret.dates.set_alarm("look_again", due_soon(ret, now))
    ret.note(now, "label_sent", about=About(tracking_code=parcel.tracking_code))


def label_was_sent(ret: Return, at: datetime) -> None:
    """The customer has had it since then, not since it was found again in the ledger."""
    sent = ret.dates.label_sent
    if sent is not None and at < sent and not ret.ended:
        ret.dates.send_label(at)
        if not ret.handed_over:
            wait_for_handover(ret, at)


def wait_for_handover(ret: Return, now: datetime) -> None:
    """The customer has all they need, or only has to choose: the reminder and the ship-by date run."""
    remind_of_handover_later(ret, now)
    ret.dates.await_handover(ret.opened.calendar.end_of_day_after(now, ret.opened.terms.ship_by_days))
    in_time_for_the_hold(ret)


def label_skipped(ret: Return, now: datetime) -> None:
    """An operator goes on without a label: the customer sends the goods on their own."""
    ret.agenda.withdraw(ProvideHandover)
    if not ret.ended:
        ret.dates.send_label(now)
        wait_for_handover(ret, now)


def track(ret: Return, event: TrackingEvent, now: datetime) -> None:
    """Take a carrier's scan in, whenever it comes; repeats are dropped by ``event_id``.

    The earliest scan's own time is the handover, never before the label nor after now
    (CONTRACT section 5). An unknown tracking code is one more parcel. A parcel that goes to the
    customer, sent by the shop or turned back by the carrier, hands nothing over: its scans are
    noted and change nothing.
    """
    if event.event_id in ret.seen.events:
        return
    ret.seen.events.add(event.event_id)
    if _sent_by_us(ret, event.tracking_code):
        _ignore_scan(ret, event, now, "a parcel to the customer")
        return
    parcel = _parcel(ret, event.tracking_code)
    if parcel.returned_at is not None:
        _ignore_scan(ret, event, now, "it went back to the customer")
        return
    if event.status is TrackingStatus.FAILED:
        about = About(tracking_code=event.tracking_code)
        ret.note(now, "delivery_failed", by="carrier", detail=event.detail, about=about)
        _missed_pickup(ret)
        return
    if event.status is TrackingStatus.RETURNED:
        parcel.returned_at = event.at
        _returned_to_sender(ret, event, now, was_lost=parcel.lost)
        return
    over = ret.ended is not None and ret.dates.late_until is None
    if event.status in _HANDOVER_SCANS and not ret.in_review and not over:
        _scanned(ret, event, now)


def _sent_by_us(ret: Return, tracking_code: str) -> bool:
    """Whether it is a parcel with what the customer gets, or gets back."""
    sent = [*ret.sent_back, *(item.tracking_code for item in ret.wanted)]
    return any(same(code, tracking_code) for code in sent)


def _ignore_scan(ret: Return, event: TrackingEvent, now: datetime, why: str) -> None:
    detail, about = f"{event.tracking_code} {event.status}: {why}", About(tracking_code=event.tracking_code)
    ret.note(now, "scan_passed_over", by="carrier", detail=detail, about=about)


def _missed_pickup(ret: Return) -> None:
    """The carrier stood at the door in vain: the customer chooses another time."""
    if ret.request.method is Method.PICKUP and ret.way.booked is not None and ret.live and not ret.handed_over:
        renew_handover_means(ret)
        _forget_pickup_slots(ret)


def _forget_pickup_slots(ret: Return) -> None:
    """The times that were offered for the pickup are over."""
    ret.way.slots = []
    ret.request = ret.request.model_copy(update={"pickup_slot": None})


def renew_handover_means(ret: Return) -> None:
    """Another label, code or pickup in the place of what the customer has; its dates do not ring any more."""
    void_labels(ret)
    ret.way.booked, ret.way.code = None, None
    ret.dates.send_label(None)
    ret.way.renewed += 1
    ret.agenda.add(ProvideHandover())


def _parcel(ret: Return, tracking_code: str) -> Parcel:
    """The parcel of that code; an unknown code is one more parcel."""
    for parcel in ret.parcels:
        if same(parcel.tracking_code, tracking_code):
            return parcel
    ret.parcels.append(Parcel(tracking_code))
    return ret.parcels[-1]


def _scanned(ret: Return, event: TrackingEvent, now: datetime) -> None:
    reopen(ret, now, by="carrier")
    hand_over(ret, event.at, now, by="carrier")
    if event.status is TrackingStatus.LOST:
        _parcel(ret, event.tracking_code).lost = True
        _lost(ret, event, now)
        return
    if event.status is TrackingStatus.DELIVERED and not ret.delivered:
        ret.delivered = True
        about = About(tracking_code=event.tracking_code)
        ret.note(now, "delivered", by="carrier", detail=event.tracking_code, about=about)
    for unit in ret.expected:
        if unit.reception is Reception.AWAITING:
            unit.reception = Reception.IN_TRANSIT


def _lost(ret: Return, event: TrackingEvent, now: datetime) -> None:
    missing = [unit for unit in ret.expected if unit.reception in COMING]
    for unit in missing:
        unit.reception = Reception.LOST
    if missing:
        worth = sum(unit.price.gross for unit in missing)
        ret.agenda.add(FileLossClaim(event.tracking_code, worth))
    for unit in missing:
        pay_back(ret, unit)
        if rule_of(remedy_of(ret, unit)).sends == "repaired_unit" and not unit.settled:
            replace_instead(ret, unit, "it is lost", now)
    ret.note(now, "lost", by="carrier", detail=event.tracking_code, about=these(missing, event.tracking_code))


def _returned_to_sender(ret: Return, event: TrackingEvent, now: datetime, *, was_lost: bool) -> None:
    """The parcel went back to the customer: they need a new label, and the wait starts anew.

    One that the carrier had called lost was found: what was lost with it is with the customer.
    """
    back = COMING | {Reception.LOST} if was_lost else COMING
    waiting = [unit for unit in ret.expected if unit.reception in back]
    about = these(waiting, event.tracking_code)
    ret.note(now, "returned_to_sender", by="carrier", detail=event.tracking_code, about=about)
    if not waiting or not ret.live:
        return
    for unit in waiting:
        unit.reception = Reception.AWAITING
    ret.delivered = False
    # What the parcel went out with is used up: another pickup needs another time, a drop-off another code.
    ret.way.booked, ret.way.code = None, None
    _forget_pickup_slots(ret)
    if ret.money.begun or any(unit.reception not in COMING | GONE for unit in ret.expected):
        ret.agenda.add(ProvideHandover())
        return
    ret.dates.undo_handover()
    ret.agenda.add(ProvideHandover())
    ret.reminded = False
    if ret.opened.terms.starts_on == "handover":
        reset_clock(ret)


def hand_over(ret: Return, at: datetime, now: datetime, by: str) -> None:
    """The customer has done their part at ``at``; an earlier scan that comes later moves it back."""
    at = min(max(at, ret.dates.label_sent or at), now)
    before = ret.dates.handed_over
    if before is not None and before <= at:
        return
    ret.dates.hand_over(at)
    ret.agenda.withdraw(ProvideHandover)
    if before is None:
        ret.note(now, "handed_over", by=by, about=these(ret.expected))
        request_hold_release(ret)
    if ret.opened.terms.starts_on == "handover":
        start_clock(ret, at)
    elif ret.dates.target is None and ret.dates.first_receipt is None:
        # The promise waits for the receipt, but a parcel that never comes is not waited for without end.
        wait_until(ret, late_until(ret, now, at_least=1))


def reopen(ret: Return, now: datetime, by: str) -> None:
    """A parcel comes although the return was cancelled or expired: it goes on where it would be."""
    if ret.ended not in ("cancelled", "expired"):
        return
    ret.ended = None
    wait_until(ret, None)
    ret.agenda.claim_units()
    reset_clock(ret)
    if ret.opened.terms.starts_on == "requested":
        start_clock(ret, now)
    require(ret, [unit for unit in ret.expected if not unit.settled])
    ret.note(now, "reopened", by=by)
