"""The promise's last day: what it settles, and what it leaves to an operator (CONTRACT section 5)."""

from datetime import datetime

from lifecycle.contract.view import Acceptance, Reception
from lifecycle.returns.aggregate.parked_step import ParkedReturnStep
from lifecycle.returns.commands import ClaimUnits, ReleaseUnits
from lifecycle.returns.goods.empty_parcel import still_nothing, unpaid_at_limit
from lifecycle.returns.goods.outbound import UNRESERVED, drop, in_stock, needed
from lifecycle.returns.resolutions.table import MONEY_BACK, rule_of
from lifecycle.returns.settlement.agreement import settle_or_ask
from lifecycle.returns.settlement.money_claim import asks_first
from lifecycle.returns.settlement.settling import begin
from lifecycle.returns.state import Return, change_resolution, on_bench, remedy_of, these
from lifecycle.returns.units import COMING, IN_HAND, UnitState


def enforce_limit(ret: Return, now: datetime) -> None:
    """The promise's last day is over: settle as far as the policy allows, the rest to an operator.

    Graded units by grade, received ones as A; handed-over units as A when nothing was
    received, else they are missing (CONTRACT section 5).
    """
    terms = ret.opened.terms
    if ret.money.begun or ret.ended or unpaid_at_limit(ret, now):
        return
    if terms.on_limit == "attention":
        _park_limit(ret, now, "not settled by the limit")
        return
    if ret.in_review or ret.agenda.has(ClaimUnits, ReleaseUnits):
        _park_limit(ret, now, "still in review at the limit" if ret.in_review else "its units are not claimed")
        return
    if any(on_bench(ret, unit) and unit.reception in IN_HAND for unit in ret.expected):
        _park_limit(ret, now, "still on the repair bench")
        return
    _settle_at_limit(ret, now)


def _settle_at_limit(ret: Return, now: datetime) -> None:
    if not in_stock(ret):
        _refund_instead(ret, now)
    units = payable_at_limit(ret)
    for unit in units:
        repairs = rule_of(remedy_of(ret, unit)).sends == "repaired_unit"
        if repairs and unit.reception is Reception.IN_TRANSIT:
            unit.remedy = MONEY_BACK
            detail = f"{unit.unit_id}: {MONEY_BACK}, it has not come to be repaired"
            ret.note(now, "resolution_changed", detail=detail, about=these([unit]))
    if units and asks_first(ret):
        ret.money.then = "limit"
        return
    if units and not settle_or_ask(ret, units, now, at_limit=True):
        return
    if not leave_the_rest(ret, now) and not units:
        begin(ret, [], now)


def _refund_instead(ret: Return, now: datetime) -> None:
    """What they were to get is not in stock, and the promise counts more: their money back for it."""
    short = {item.name for item in needed(ret) if item.state in UNRESERVED}
    unsettled = [unit for unit in ret.expected if not unit.settled]
    units = [unit for unit in unsettled if unit.unit_id in short]
    if len(units) == len(unsettled) or not units:
        drop(ret)
        change_resolution(ret, MONEY_BACK)
    else:
        drop(ret, units)
    for unit in units:
        unit.remedy = MONEY_BACK
    ret.note(now, "resolution_changed", detail=f"{MONEY_BACK}, out of stock at the limit", about=these(units))
    ret.unpark(*ret.open_steps_of("stock"))


def leave_the_rest(ret: Return, now: datetime) -> bool:
    """Units that the limit does not settle are for an operator; whether there are any."""
    left = [unit for unit in ret.expected if not unit.settled and unit.reception is not Reception.MISSING]
    if left:
        names = ", ".join(unit.unit_id for unit in left)
        _park_limit(ret, now, f"not settled by the limit: {names}")
    return bool(left)


def never_came(ret: Return, now: datetime) -> None:
    """Goods left unpaid at the limit have not come in all the time they had: an operator looks again."""
    ret.dates.await_late_goods(None)
    if not ret.money.begun and not still_nothing(ret, now):
        _park_limit(ret, now, "its goods have not come")


def payable_at_limit(ret: Return) -> list[UnitState]:
    """What the limit settles; once something was received, what was not is missing."""
    received = any(unit.reception in IN_HAND for unit in ret.expected)
    if received:
        for unit in ret.expected:
            if unit.reception in COMING:
                unit.reception = Reception.MISSING
    return [
        unit
        for unit in ret.expected
        if unit.payable or (unit.acceptance is Acceptance.PENDING and _counts_at_limit(ret, unit, received))
    ]


def _counts_at_limit(ret: Return, unit: UnitState, received: bool) -> bool:
    on_its_way = unit.reception is Reception.IN_TRANSIT and ret.handed_over
    return (unit.reception is Reception.RECEIVED and not unit.unchecked) or (on_its_way and not received)


def _park_limit(ret: Return, now: datetime, error: str) -> None:
    if not ret.open_steps_of("limit"):
        ret.park(ParkedReturnStep("limit", error, now))
