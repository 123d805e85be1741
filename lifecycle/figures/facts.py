"""What of a return, or of a question, is counted in the figures: small facts, each with its instant."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Literal

from lifecycle.contract.money import Cost
from lifecycle.contract.request import ReturnRequest
from lifecycle.contract.statuses import SETTLED, Status
from lifecycle.contract.view import Reception, View
from lifecycle.returns.aggregate.payment import STORE_CREDIT
from lifecycle.returns.promise import Kept
from lifecycle.support.state import CaseView

#: Characters of what tells one fact from another.
LONGEST: Final = 150
#: A parcel to the shop by its method, or one to the customer.
ParcelKind = Literal["mail", "pickup", "drop_off", "outbound"]


class FactName(StrEnum):
    """What is counted."""

    #: ``what`` is the SKU, ``how`` the reason.
    REASON = "reason"
    #: ``what`` is the grade, ``how`` the disposition.
    GRADE = "grade"
    #: ``what`` is a ``MoneyKind``.
    MONEY = "money"
    #: ``what`` is the kind of parcel, ``how`` is bought or voided, ``amount`` None where the carrier named no price.
    LABEL = "label"
    #: ``what`` is how many business days it took, ``how`` is within_target, within_limit or later.
    SETTLED = "settled"
    #: ``what`` is the queue, ``how`` is in_time or late.
    QUESTION = "question"


class MoneyKind(StrEnum):
    """Where money went; ``exchange`` and ``store_credit`` stay with the shop, ``bonus`` is what credit got on top."""

    REFUND = "refund"
    STORE_CREDIT = "store_credit"
    BONUS = "bonus"
    EXCHANGE = "exchange"
    CHARGE = "charge"


@dataclass(frozen=True)
class Fact:
    """One thing that is counted; ``part`` tells it from others of its kind. ``amount`` is in minor units."""

    name: FactName
    part: str
    at: datetime
    what: str
    how: str = ""
    quantity: int = 1
    amount: int | None = None
    currency: str = ""


def reasons(request: ReturnRequest, at: datetime) -> Iterator[Fact]:
    """Why units come back, each SKU's reasons once."""
    units: Counter[tuple[str, str]] = Counter()
    for item in request.items:
        units[request.order.line(item.line_id).sku, item.reason.value] += item.quantity
    for number, ((sku, reason), count) in enumerate(units.items()):
        yield Fact(FactName.REASON, str(number), at, sku, reason, count)


def refunded(reference: str, at: datetime, amount: int, currency: str) -> Fact:
    """Money that went back to a tender; ``reference`` is the provider's, and tells one refund from another."""
    return Fact(FactName.MONEY, reference[:LONGEST], at, MoneyKind.REFUND, amount=amount, currency=currency)


def credited(reference: str, at: datetime, amount: int, bonus: int, currency: str) -> Iterator[Fact]:
    """Store credit that was given, ``bonus`` of it on top of what is owed."""
    part = reference[:LONGEST]
    yield Fact(FactName.MONEY, part, at, MoneyKind.STORE_CREDIT, amount=amount - bonus, currency=currency)
    if bonus:
        yield Fact(FactName.MONEY, f"bonus {part}"[:LONGEST], at, MoneyKind.BONUS, amount=bonus, currency=currency)


def label(step: str, at: datetime, kind: ParcelKind, cost: Cost | None) -> Fact:
    """A parcel that was paid for; ``cost`` is None where the carrier named none."""
    amount, currency = (cost.amount, cost.currency) if cost else (None, "")
    return Fact(FactName.LABEL, step[:LONGEST], at, kind, "bought", amount=amount, currency=currency)


def closing(view: View, promise: Kept | None, at: datetime) -> Iterator[Fact]:
    """How a return that closes with this view has kept the promise, and how its units were graded."""
    if promise and promise.settled:
        late = "within_limit" if promise.settled <= promise.limit else "later"
        how = "within_target" if promise.settled <= promise.target else late
        took = "" if promise.took is None else str(promise.took)
        yield Fact(FactName.SETTLED, "", promise.settled, took, how)
    inspected = next((entry.at for entry in reversed(view.timeline) if entry.event == "inspected"), at)
    for unit in view.units:
        if unit.grade and unit.reception is Reception.RECEIVED:
            yield Fact(FactName.GRADE, unit.unit_id, inspected, unit.grade.value, unit.disposition or "")


def paid(view: View, at: datetime) -> Iterator[Fact]:
    """All that a return with this view has paid, what its customer has paid on top, and what an exchange has kept.

    By the view: also what was paid by hand. Known from the payments themselves, they are the same facts.
    """
    money, currency = view.settlement, view.settlement.currency
    settled = next((entry.at for entry in view.timeline if entry.event in SETTLED), at)
    for number, one in enumerate(money.paid):
        if one.state == "failed":
            continue
        reference = one.reference or f"{one.tender_id} {number}"
        if one.amount < 0:
            part = reference[:LONGEST]
            yield Fact(FactName.MONEY, part, settled, MoneyKind.CHARGE, amount=-one.amount, currency=currency)
        elif one.tender_id == STORE_CREDIT:
            yield from credited(reference, settled, one.amount, min(money.breakdown.bonus, one.amount), currency)
        else:
            yield refunded(reference, settled, one.amount, currency)
    if view.status is Status.EXCHANGED:
        kept = min(money.breakdown.exchange, money.breakdown.less_deductions)
        yield Fact(FactName.MONEY, "exchange", settled, MoneyKind.EXCHANGE, amount=kept, currency=currency)


def failed(view: View) -> list[str]:
    """The parts of refunds that were counted, and have failed since."""
    return [one.reference[:LONGEST] for one in view.settlement.paid if one.state == "failed" and one.reference]


def question(view: CaseView) -> Fact | None:
    """Whether a question was answered in time; None while that is not known."""
    late = next((entry.at for entry in view.timeline if entry.event == "escalated"), None)
    answered = view.first_answer_at
    if answered is None and late is None:
        return None
    in_time = answered is not None and (late is None or answered <= late)
    return Fact(FactName.QUESTION, "", view.opened_at, view.queue.value, "in_time" if in_time else "late")
