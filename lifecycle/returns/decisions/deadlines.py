"""The clock of a return: which instant comes next, and what happens when it passes."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from lifecycle.calendar.clock import Alarm
from lifecycle.contract.messages import Disposition, PaymentStatus
from lifecycle.contract.view import Reception
from lifecycle.returns.agenda import Notice, Payment
from lifecycle.returns.decisions.claiming import answered as books_answered
from lifecycle.returns.decisions.claiming import asks_first, claim_less, claim_more
from lifecycle.returns.decisions.exchange import fire_question_deadline, reconsider
from lifecycle.returns.decisions.limit import enforce_limit, freeze_outside, never_came
from lifecycle.returns.goods.advance_replacement import ask_for_hold, capture_due, wait_for_late_goods
from lifecycle.returns.goods.empty_parcel import keep_watch
from lifecycle.returns.goods.handover import due_soon, expire, start_clock
from lifecycle.returns.goods.label_deadline import fire_label_deadline, label_alarm, watch_label
from lifecycle.returns.goods.outbound import dispatch, drop_leftovers, retry_reservation, waits_for_stock
from lifecycle.returns.goods.sending_back import send_back
from lifecycle.returns.goods.stock import begin_onward_journeys, needs_wipe
from lifecycle.returns.order_money import MoneyAnswer, MoneyWanted
from lifecycle.returns.settlement.agreement import settle_or_ask
from lifecycle.returns.settlement.payments import answered, apply_payment_status, paid_now
from lifecycle.returns.settlement.settling import due_units, finish, settlement_due
from lifecycle.returns.settlement.statement import statement_of
from lifecycle.returns.state import Return, reasons
from lifecycle.returns.units import COMING, GONE, IN_HAND, UnitState

#: How often a pending refund is asked after: soon at first, then once a day.
ASK_FIRST, ASK_AT_MOST = timedelta(hours=1), timedelta(days=1)
#: Mails about a settlement.
SETTLEMENT_MAILS = frozenset({"refunded", "credited", "replaced", "exchanged", "repaired", "rejected", "settled"})
#: How often the warehouse is reminded of a unit that waits for nobody else, in business days.
WAREHOUSE_DAYS = 5


def next_alarm(ret: Return) -> Alarm | None:
    """The nearest of them; None when nothing has to happen by itself."""
    return min(_alarms(ret), default=None)


def next_deadline(ret: Return) -> datetime | None:
    """When the nearest alarm is."""
    alarm = next_alarm(ret)
    return alarm.at if alarm else None


def _alarms(ret: Return) -> Iterator[Alarm]:
    if ret.closed or ret.opening is None:
        return
    dates, asked = ret.dates, ret.money.question
    waits, promised = _waits_for_handover(ret), _promise_open(ret)
    candidates = (
        (label_alarm(ret), dates.label_by, "deadline of the label"),
        (waits and not ret.reminded, dates.remind, "reminder"),
        (waits and not dates.ship_by_passed, dates.ship_by, "ship-by date"),
        (waits, dates.look_again, "look at the clock"),
        (ret.in_review, dates.review, "reminder to the reviewer"),
        (promised, dates.due_soon, "reminder of the target"),
        (promised and not ret.escalated, dates.target, "target"),
        (promised and not ret.limit_reached, dates.limit, "limit"),
        (promised, dates.restock, "look for stock"),
        (True, asked.remind if asked else None, "reminder of what the exchange costs"),
        (True, asked.until if asked else None, "end of the question what the exchange costs"),
        (True, dates.ask_payment, "ask after the refund"),
        (True, dates.warehouse, "reminder to the warehouse"),
        (not ret.late_over, dates.late_until, "end of late arrival"),
    )
    for counts, at, what in candidates:
        if counts and at is not None:
            yield Alarm(at, what)


def _waits_for_handover(ret: Return) -> bool:
    held = ret.hold is not None and ret.hold.state == "held"
    waits = held or not (ret.money.begun or ret.came_empty)
    return ret.live and not ret.handed_over and waits and ret.dates.ship_by is not None


def _promise_open(ret: Return) -> bool:
    return not ret.ended and not ret.settled and ret.dates.stopped is None


def fire_due_deadlines(ret: Return, now: datetime) -> None:
    """Do what every deadline that has passed by ``now`` asks for, in the order of the story."""
    fire_label_deadline(ret, now)
    if _waits_for_handover(ret):
        _fire_handover_deadlines(ret, now)
    fire_question_deadline(ret, now)
    if _promise_open(ret):
        _fire_promise_deadlines(ret, now)
    dates = ret.dates
    if _passed(dates.review, now):
        dates.review = None
        if ret.in_review:
            ret.agenda.notices.append(Notice("review_waits", to="operations"))
    if _passed(dates.warehouse, now):
        dates.warehouse = None
        if waiting := waits_for_warehouse(ret):
            names = ", ".join(unit.unit_id for unit in waiting)
            ret.agenda.notices.append(Notice("warehouse_waits", to="operations", reason=names))
    if _passed(dates.ask_payment, now):
        dates.ask_payment = None
        ret.agenda.ask_payment = True
    if _passed(dates.late_until, now):
        if ret.live and not ret.money.begun:
            never_came(ret, now)
        else:
            ret.late_over = True
            _report_what_never_came(ret)


def _report_what_never_came(ret: Return) -> None:
    """Paid or replaced before it came, and it did not come: operations have to know."""
    never = [unit.unit_id for unit in ret.expected if unit.settled and unit.reception in COMING]
    if never and not ret.ended:
        ret.agenda.notices.append(Notice("never_came", to="operations", reason=", ".join(never)))


def _passed(at: datetime | None, now: datetime) -> bool:
    return at is not None and at <= now


def _fire_handover_deadlines(ret: Return, now: datetime) -> None:
    dates = ret.dates
    if _passed(dates.remind, now) and not ret.reminded:
        _remind(ret, now)
    if _passed(dates.look_again, now):
        dates.look_again = due_soon(ret, now)
    if _passed(dates.ship_by, now):
        if ret.money.begun:
            dates.ship_by_passed = True
            capture_due(ret)
        else:
            expire(ret, now)


def _fire_promise_deadlines(ret: Return, now: datetime) -> None:
    dates = ret.dates
    if _passed(dates.due_soon, now):
        _remind_of_the_target(ret, now)
    if _passed(dates.target, now) and not ret.escalated:
        _escalate(ret, now)
    if _passed(dates.restock, now):
        dates.restock = None
        retry_reservation(ret)
    if _passed(dates.limit, now) and not ret.limit_reached:
        ret.limit_reached = True
        ret.note(now, "limit_reached")
        enforce_limit(ret, now)


def _remind_of_the_target(ret: Return, now: datetime) -> None:
    """Mail whoever the return waits for that its target is the next business day."""
    ret.dates.due_soon = None
    ret.note(now, "reminded", detail="target")
    customer = ret.live and not ret.handed_over
    ret.agenda.notices.append(Notice("reminder") if customer else Notice("due_soon", to="operations"))


def _remind(ret: Return, now: datetime) -> None:
    ret.reminded = True
    ret.note(now, "reminded")
    ret.agenda.notices.append(Notice("hold_warning" if ret.money.begun else "reminder"))


def _escalate(ret: Return, now: datetime) -> None:
    ret.escalated = True
    ret.note(now, "escalated")
    ret.agenda.notices.append(Notice("escalation", to="operations"))


def advance(ret: Return, now: datetime) -> None:
    """Draw the conclusions: begin a settlement that is due, finish one that is done.

    Called after everything that happens to a return; it changes nothing when nothing follows.
    """
    if ret.opening is None:
        return
    if ret.opened.terms.starts_on == "requested" and ret.dates.target is None and not ret.ended:
        start_clock(ret, ret.dates.requested or now)
    keep_watch(ret, now)
    watch_label(ret, now)
    ask_for_hold(ret)
    if waits_for_stock(ret) and ret.dates.restock is None:
        retry_reservation(ret)
    claim_more(ret)
    reconsider(ret, now)
    if ret.money.question is None and settlement_due(ret) and not asks_first(ret):
        settle_or_ask(ret, due_units(ret), now)
    dispatch(ret)
    send_back(ret)
    if ret.money.round_open and ret.settled:
        finish(ret, now)
        if settlement_due(ret):
            advance(ret, now)
    if ret.dates.warehouse is None and waits_for_warehouse(ret):
        ret.dates.warehouse = ret.opened.calendar.business_deadline(now, WAREHOUSE_DAYS)
    if ret.settled:
        _keep_waiting(ret, now)
        claim_less(ret)
        drop_leftovers(ret)
        begin_onward_journeys(ret)


def money_claimed(ret: Return, asked: MoneyWanted, answer: MoneyAnswer | None, now: datetime) -> None:
    """The books have answered: whatever waited for them goes on with what it holds now."""
    books_answered(ret, asked, answer)
    then, ret.money.then = ret.money.then, None
    if then == "limit":
        enforce_limit(ret, now)
    elif then == "outside":
        freeze_outside(ret, ret.money.outside, now)
    advance(ret, now)
    ret.money.answered = False


def _keep_waiting(ret: Return, now: datetime) -> None:
    """Settled ahead, and the goods are still to come: for as long as any parcel may come late."""
    held = ret.hold is not None and ret.hold.state in ("placing", "held")
    waits = any(unit.reception in COMING | GONE for unit in ret.expected)
    if waits and not held and not ret.money.round_open and ret.dates.late_until is None and not ret.ended:
        wait_for_late_goods(ret, now)


def waits_for_warehouse(ret: Return) -> list[UnitState]:
    """Units that nobody but the warehouse can move on: not wiped, or ungraded though paid or past the limit."""
    here = [unit for unit in ret.expected if unit.reception in IN_HAND and not ret.ended]
    late = ret.limit_reached and not ret.open_steps
    return [unit for unit in here if needs_wipe(unit) or (not unit.judged and (unit.settled or _unwatched(unit, late)))]


def _unwatched(unit: UnitState, late: bool) -> bool:
    """Whether no clock watches it: the limit is over, no operator is asked, and the bench does not have it."""
    return late and unit.bench is None


def goods_ended(ret: Return) -> bool:
    """Whether the item's end is reached: every unit is judged, or has not come in all the time it had.

    One that may hold the customer's data goes nowhere before it is wiped.
    """
    return all(
        (unit.judged and not needs_wipe(unit)) or (ret.late_over and unit.reception in COMING | GONE)
        for unit in ret.expected
    )


def may_close(ret: Return) -> bool:
    """Whether both tracks have ended and nothing is left to do (CONTRACT section 2)."""
    held = ret.hold is not None and ret.hold.state in ("placing", "held") and not ret.hold.left
    if ret.decision is None or ret.agenda.busy or ret.open_steps or held or ret.money.question:
        return False
    if ret.ended:
        return ret.dates.late_until is None or ret.late_over
    return ret.settled and not ret.money.round_open and goods_ended(ret)


def close(ret: Return, now: datetime) -> None:
    """End it: what never came in the late window counts as lost."""
    for unit in ret.expected:
        if not ret.ended and unit.reception in COMING:
            unit.reception = Reception.LOST
    ret.closed = True
    ret.note(now, "closed")


def reopen(ret: Return, now: datetime, by: str = "engine") -> None:
    """Go on after the end: something has to be seen to after all."""
    ret.closed = False
    ret.note(now, "reopened", by=by)


def payment_answered(
    ret: Return, payment: Payment, status: PaymentStatus, reference: str | None, now: datetime
) -> None:
    """Take a provider's answer in, and whatever event of it came first; a pending refund is asked after."""
    early = ret.money.early_news.pop(reference, None) if reference else None
    failed = PaymentStatus.FAILED in (status, early)
    answered(payment, PaymentStatus.PENDING if failed else status, reference)
    if failed or early is not None:
        apply_payment_status(ret, payment, PaymentStatus.FAILED if failed else early or status, now)
    if payment.state == "pending":
        ret.money.asked += 1
        wait = min(ASK_FIRST * 2 ** min(ret.money.asked - 1, 10), ASK_AT_MOST)
        ret.dates.ask_payment = now + wait


def mail_values(ret: Return, notice: Notice) -> dict[str, Any]:
    """What any mail may say of the return: dates in the shop's own days, money in minor units."""
    calendar = ret.opened.calendar

    def day(at: datetime | None) -> str | None:
        return calendar.day_of(at).isoformat() if at else None

    return {
        "amount": paid_now(ret),
        "rest": 0,
        "kept": any(unit.kept for unit in ret.units),
        "charge": ret.hold.amount if ret.hold and ret.hold.state in ("held", "captured") else None,
        "expires": None,
        "goes_back": any(unit.disposition is Disposition.RETURN_TO_CUSTOMER for unit in ret.counted),
        "tracking_code": next((item.tracking_code for item in reversed(ret.wanted) if item.tracking_code), None),
        "slots": [f"{slot.start.isoformat()}/{slot.end.isoformat()}" for slot in ret.way.slots],
        "ship_by": day(ret.dates.ship_by),
        "target": day(ret.dates.target),
        "limit": day(ret.dates.limit),
        "reasons": notice.reason or (reasons(ret.decision) if ret.decision else None),
        **_left_out(ret, notice),
        **notice.values,
    }


def _left_out(ret: Return, notice: Notice) -> dict[str, Any]:
    """What a settlement leaves out goes with the mail of it."""
    statement = statement_of(ret) if notice.template in SETTLEMENT_MAILS else None
    return {"statement": statement.model_dump(mode="json")} if statement else {}
