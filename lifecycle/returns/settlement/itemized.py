"""What a refund pays for, for shops whose own system books it: their lines, and the parts of the amount."""

from collections import defaultdict

from pydantic import BaseModel

from lifecycle.contract.fees import Breakdown
from lifecycle.contract.request import Reason
from lifecycle.contract.view import Acceptance
from lifecycle.returns.aggregate.payment import Payment
from lifecycle.returns.state import Return


class PaidLine(BaseModel):
    """Units of one line that came back for the same reason; ``amount`` is theirs together, in minor units.

    That is what was paid for them less their own fees, before what is bought with them or taken off the whole.
    """

    line_id: str
    reason: Reason
    quantity: int
    amount: int


class Itemized(BaseModel):
    """A settlement, of which a refund to one tender pays all or a part."""

    lines: list[PaidLine]
    breakdown: Breakdown


def itemized(ret: Return, payment: Payment) -> Itemized | None:
    """The settlement that is being carried out; None where the payment is of an earlier one, or of a hold."""
    money = ret.money
    of_this_one = any(one is payment for one in money.payments[money.paid_before :])
    if not ret.opened.itemizes or payment.of_hold or not of_this_one:
        return None
    return Itemized(lines=_lines(ret), breakdown=money.current.breakdown)


def _lines(ret: Return) -> list[PaidLine]:
    counted = set(ret.money.current.units)
    alike: defaultdict[tuple[str, Reason], list[int]] = defaultdict(list)
    for unit in ret.counted:
        if unit.unit_id in counted and unit.acceptance is not Acceptance.REJECTED:
            alike[unit.line_id, unit.reason].append(unit.refund or 0)
    return [
        PaidLine(line_id=line_id, reason=reason, quantity=len(amounts), amount=sum(amounts))
        for (line_id, reason), amounts in alike.items()
    ]
