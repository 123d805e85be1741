"""What the limit left open and an operator has paid by other means: it is frozen as paid."""

from datetime import datetime

from lifecycle.contract.messages import PaymentStatus
from lifecycle.contract.view import Acceptance
from lifecycle.returns.commands import Pay
from lifecycle.returns.goods.outbound import drop
from lifecycle.returns.resolutions.table import MONEY_BACK, rule_of
from lifecycle.returns.settlement.money_claim import asks_first
from lifecycle.returns.settlement.payments import answered
from lifecycle.returns.settlement.settling import begin
from lifecycle.returns.state import Return, change_resolution
from lifecycle.returns.units import GONE, UnitState


def pay_outside(ret: Return, reference: str | None, now: datetime) -> None:
    """An operator paid what the limit left open: freeze it at its worth as known, paid already."""
    if not rule_of(ret.request.resolution).pays or ret.wanted:
        drop(ret)
        change_resolution(ret, MONEY_BACK)
        ret.note(now, "resolution_changed", detail=f"{MONEY_BACK}, paid outside")
    for unit in _left_open(ret):
        unit.acceptance = Acceptance.ACCEPTED
    if asks_first(ret):
        ret.money.then, ret.money.outside = "outside", reference
    else:
        freeze_outside(ret, reference, now)


def freeze_outside(ret: Return, reference: str | None, now: datetime) -> None:
    """The same, once the order's money is claimed for it."""
    queued = len(ret.agenda.waiting(Pay))
    begin(ret, _left_open(ret), now)
    for pay in reversed(ret.agenda.waiting(Pay)[queued:]):
        ret.agenda.done(pay)
        answered(pay.payment, PaymentStatus.SUCCEEDED, reference, by_hand=True)


def _left_open(ret: Return) -> list[UnitState]:
    return [
        unit
        for unit in ret.expected
        if not unit.settled and unit.reception not in GONE and unit.acceptance is not Acceptance.REJECTED
    ]
