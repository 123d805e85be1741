"""An exchange never charges more than was agreed: what was agreed, and the question when it would.

Agreed is the charge, often none, that the customer was shown when they asked for the exchange. Where
less comes back than that, so that a charge appears or grows, nothing is sent and nothing is charged:
they are asked whether they pay it, want fewer pieces, or money instead; the clock stands still.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from lifecycle.contract.grades import AS_NEW
from lifecycle.contract.money import format_money, percent
from lifecycle.contract.view import Acceptance, Asked, Reception
from lifecycle.returns.aggregate.money import ChargeQuestion
from lifecycle.returns.commands import SendMail, Why
from lifecycle.returns.prices import exchange_price
from lifecycle.returns.promise_clock import stop_or_resume_clock
from lifecycle.returns.reminders import charge_reminder
from lifecycle.returns.resolutions.table import rule_of
from lifecycle.returns.settlement.settling import begin, charge_for, owed
from lifecycle.returns.state import Return
from lifecycle.returns.units import UnitState
from lifecycle.shared.answer_time import ANSWER_DAYS


def agree(ret: Return) -> None:
    """The customer has asked for it, knowing what it costs: by what is known now, ungraded units taken as A."""
    exchange = rule_of(ret.request.resolution).sends == "chosen_items"
    ret.money.agreed = max(0, -owed(ret)[0]) if exchange else 0


def settle_or_ask(ret: Return, units: Iterable[UnitState], now: datetime, *, at_limit: bool = False) -> bool:
    """Begin the settlement of these units; false where the customer has to be asked first."""
    units = list(units)
    charge = charge_for(ret, units)
    if not exceeds(ret, charge):
        close_question(ret, now)
        begin(ret, units, now)
        return True
    if ret.money.question is None:
        _ask(ret, units, charge, now, at_limit=at_limit)
    return False


def exceeds(ret: Return, charge: int) -> bool:
    """Whether an exchange would cost more than was agreed; a repair's price has a question of its own."""
    return rule_of(ret.request.resolution).sends == "chosen_items" and charge > ret.money.agreed


def _ask(ret: Return, units: list[UnitState], charge: int, now: datetime, *, at_limit: bool) -> None:
    until = ret.opened.calendar.end_of_day_after(now, ANSWER_DAYS)
    ret.money.question = ChargeQuestion(charge, until, charge_reminder(ret, now), at_limit)
    stop_or_resume_clock(ret, now)
    ret.note(now, "charge_asked", detail=format_money(charge, ret.request.order.currency))
    ret.agenda.add(_mail(ret, "charge_asked", _why(ret, units)))


def remind(ret: Return, now: datetime) -> None:
    """Once, in the middle of the time that they have."""
    if ret.money.question is not None:
        ret.money.question.remind = None
        ret.note(now, "reminded", detail="charge")
        ret.agenda.add(_mail(ret, "charge_reminder"))


def close_question(ret: Return, now: datetime) -> None:
    """It is answered, or there is nothing to ask any more: the clock goes on."""
    ret.money.question = None
    stop_or_resume_clock(ret, now)


def _mail(ret: Return, template: str, why: Iterable[Why] = ()) -> SendMail:
    asked = asked_of(ret)
    values: dict[str, str | int | None] = {}
    if asked is not None:
        until = ret.opened.calendar.day_of(asked.until).isoformat()
        values = {
            "asked": asked.amount,
            "agreed": ret.money.agreed or None,
            "refund": asked.refund,
            "answer_by": until,
        }
    return SendMail(template, values=values, why=list(why))


def asked_of(ret: Return) -> Asked | None:
    """The open question, with what the customer would get instead."""
    question = ret.money.question
    if question is None:
        return None
    refund = exchange_price(ret.request) - question.amount
    return Asked(
        amount=question.amount,
        until=question.until,
        refund=refund,
        store_credit=refund + percent(refund, ret.opened.terms.money.store_credit_bonus_percent),
        exchange_for=ret.request.exchange_for or [],
    )


def _why(ret: Return, units: list[UnitState]) -> Iterator[Why]:
    """Unit by unit, why it is worth less than it would be as new."""
    for unit in [*units, *(unit for unit in ret.counted if unit.reception is Reception.MISSING)]:
        line = ret.request.order.line(unit.line_id)
        if found := _fault(unit):
            yield {"key": f"worth_less.{found}", "what": line.title or line.sku, "note": unit.note}


def _fault(unit: UnitState) -> str | None:
    """The key of what is wrong with it; None where nothing is."""
    if unit.acceptance is Acceptance.REJECTED:
        return "rejected"
    if unit.reception is Reception.MISSING:
        return "missing"
    return None if unit.grade in (None, AS_NEW) else unit.grade.value
