"""What a request would give, by the same rules that the running return follows; starts nothing."""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import BaseModel, Field, ValidationError

from lifecycle.calendar.calendars import make_calendar
from lifecycle.contract.errors import InvalidRequest
from lifecycle.contract.fees import Breakdown
from lifecycle.contract.grades import AS_NEW, NAMED, Grade
from lifecycle.contract.policy import MoneyRules, Policy
from lifecycle.contract.request import Item, ReturnRequest, parse_request, problems
from lifecycle.contract.view import Decision
from lifecycle.returns.decisions.approval import first_claim, open_return, proceed
from lifecycle.returns.eligibility import Facts, decide
from lifecycle.returns.opening import make_opening
from lifecycle.returns.settlement.money_claim import granted
from lifecycle.returns.settlement.settling import begin
from lifecycle.returns.state import Return

#: Nothing of the order came back before, and the customer brought nothing back lately.
NOTHING_ELSE: Final = Facts()


class QuotedPayment(BaseModel):
    """What one tender would get, in minor units."""

    tender_id: str
    amount: int


class Quote(BaseModel):
    """The settlement that a request would give, in minor units."""

    amount: int
    currency: str
    breakdown: Breakdown
    paid: list[QuotedPayment]
    decision: Decision


class QuotedItem(Item):
    """What would come back, and in which condition; none counts as A."""

    grade: Grade | None = None


class QuoteRequest(ReturnRequest):
    """A request, as a quote takes it; ``policy`` holds overrides of the policy's money rules."""

    items: Annotated[list[QuotedItem], Field(min_length=1, max_length=500)]  # type: ignore[assignment]  # narrower
    policy: MoneyRules | None = None


@dataclass(frozen=True)
class Asked:
    """What is to be quoted: the plain request, the grade of each item, and overrides of money rules."""

    request: ReturnRequest
    grades: list[Grade]
    overrides: Any


def parse_quote(body: Any, now: datetime) -> Asked:
    """Check a ``QuoteRequest``; raises ``InvalidRequest``. Overrides are checked with the policy they are for."""
    plain, grades, overrides = _taken_apart(body)
    return Asked(parse_request(plain, now=now, forbid_unknown=True), grades, overrides)


def quote(body: Any, policy: Policy, now: datetime) -> Quote:
    """Settle a ``QuoteRequest`` with nothing else returned. Raises ``InvalidRequest``."""
    return quote_beside(NOTHING_ELSE, parse_quote(body, now), policy, now)


def quote_beside(facts: Facts, asked: Asked, policy: Policy, now: datetime) -> Quote:
    """Settle it beside what other returns hold. Raises ``InvalidRequest`` for wrong overrides."""
    policy = policy.model_copy(update={"money": _money(policy.money, asked.overrides)})
    ret = simulate(asked.request, policy, now, facts, asked.grades)
    return Quote(
        amount=ret.money.amount,
        currency=asked.request.order.currency,
        breakdown=ret.money.breakdown,
        paid=[QuotedPayment(tender_id=made.tender_id, amount=made.amount) for made in ret.money.payments],
        decision=ret.opened.decision,
    )


def simulate(
    request: ReturnRequest, policy: Policy, now: datetime, facts: Facts = NOTHING_ELSE, grades: Sequence[Grade] = ()
) -> Return:
    """The return as it would be once it is settled; a reviewer lets it. Items without a grade count as A."""
    opening = make_opening(decide(request, policy, facts, now), policy, make_calendar(policy.clock, now))
    opening.claim = first_claim(request, opening, facts.books, now)
    ret = Return(request.return_id or "quote", request)
    open_return(ret, opening, now)
    graded = {unit.unit_id: grades[unit.item] if grades else AS_NEW for unit in opening.units}
    if ret.in_review:
        proceed(ret, now)  # as if the reviewer let it
    for unit in ret.counted:
        unit.grade = None if ret.instant else graded[unit.unit_id]  # paid before anybody has seen it
    if not ret.ended:
        ret.money.claim = granted(ret, facts.books)
        begin(ret, ret.counted, now)
    return ret


def _taken_apart(body: Any) -> tuple[Any, list[Grade], Any]:
    """Take what only a quote has out of the request: the items' grades and the policy's overrides."""
    if not isinstance(body, dict):
        return body, [], None
    plain = deepcopy(body)
    overrides = plain.pop("policy", None)
    grades = []
    items = plain.get("items")
    for number, item in enumerate(items if isinstance(items, list) else []):
        grade = item.pop("grade", None) if isinstance(item, dict) else None
        try:
            grades.append(AS_NEW if grade is None else Grade(grade))
        except ValueError:
            raise InvalidRequest([(f"items.{number}.grade", f"expected {NAMED}")]) from None
    return plain, grades, overrides


def _money(rules: MoneyRules, overrides: Any) -> MoneyRules:
    if overrides is None:
        return rules
    if not isinstance(overrides, dict):
        raise InvalidRequest([("policy", "expected an object of money rules")])
    try:
        return MoneyRules.model_validate({**rules.model_dump(), **overrides}, extra="forbid")
    except ValidationError as error:
        found = [(f"policy.{field}", text) for field, text in problems(error)]
        raise InvalidRequest(found) from None
