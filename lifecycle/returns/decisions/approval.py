"""Being let through: what the policy or a reviewer says, and what is then offered."""

from datetime import datetime
from typing import Final

from lifecycle.contract.errors import Refused
from lifecycle.contract.messages import Approve, Decline
from lifecycle.contract.request import ReturnRequest
from lifecycle.contract.said_by import are_two
from lifecycle.contract.view import Acceptance, Outcome, Reception
from lifecycle.returns.commands import NotifySiblingReturns, ProvideHandover, SendMail
from lifecycle.returns.decisions import keeping
from lifecycle.returns.goods.handover import end
from lifecycle.returns.goods.outbound import require
from lifecycle.returns.opening import Opening
from lifecycle.returns.order_money import Books, OrderMoney
from lifecycle.returns.prices import unit_prices
from lifecycle.returns.reminders import remind_reviewer_later
from lifecycle.returns.resolutions.table import rule_of
from lifecycle.returns.settlement.agreement import agree
from lifecycle.returns.settlement.money_claim import granted
from lifecycle.returns.settlement.settling import owed, worth_as_new
from lifecycle.returns.state import Return, all_units, change_resolution, reasons, these
from lifecycle.returns.units import UnitState

#: The timeline's entry of the first of two approvals.
FIRST: Final = "approved_first"


def open_return(ret: Return, opening: Opening, now: datetime) -> None:
    """Take in what the opening step decided: units, terms, and where to go first."""
    ret.opening, ret.money.claim = opening, opening.claim
    ret.decision = opening.decision.model_copy(deep=True)
    ret.dates.begin(now)
    ret.units = open_units(ret.request, opening)
    agree(ret)
    vouched_by = ret.request.vouched_by
    detail = f"the order is as the key {vouched_by} says" if vouched_by else None
    ret.note(now, "requested", by=ret.request.channel, detail=detail, about=all_units(ret))
    notify_sibling_returns(ret)
    repair_units_with_personal_data(ret, now)
    outcome = opening.decision.outcome
    if outcome is Outcome.DECLINED:
        ret.ended = "declined"
        ret.note(now, "declined", detail=reasons(opening.decision), about=all_units(ret))
    elif outcome is Outcome.REVIEW:
        remind_reviewer_later(ret, now)
        ret.note(now, "in_review", detail=reasons(opening.decision), about=all_units(ret))
    else:
        proceed(ret, now)


def first_claim(request: ReturnRequest, opening: Opening, books: Books, now: datetime) -> OrderMoney:
    """What a return may hold as it opens: its units taken as grade A, within what is left of the order's money."""
    ret = Return("", request)
    open_return(ret, opening, now)
    return granted(ret, books)


def promised(request: ReturnRequest, opening: Opening, now: datetime) -> int:
    """What the customer is told to get as a return opens, in minor units."""
    ret = Return("", request)
    open_return(ret, opening, now)
    return owed(ret)[0]


def notify_sibling_returns(ret: Return) -> None:
    """Any of the order's open returns may be the last now: they look into the books when they are settled."""
    if ret.opened.beside:
        ret.agenda.add(NotifySiblingReturns(tuple(ret.opened.beside)))


def repair_units_with_personal_data(ret: Return, now: datetime) -> None:
    """A unit that may hold the customer's data is not replaced but repaired (CONTRACT section 7)."""
    instead = rule_of(ret.request.resolution).if_personal
    personal = [unit for unit in ret.expected if unit.personal and not unit.settled]
    if instead is None or not personal:
        return
    if len(personal) == len(ret.expected):
        change_resolution(ret, instead)
    else:
        for unit in personal:
            unit.remedy = instead
    names = ", ".join(unit.unit_id for unit in personal)
    detail = f"{instead}: {names} may hold personal data"
    ret.note(now, "resolution_changed", detail=detail, about=these(personal))


def open_units(request: ReturnRequest, opening: Opening) -> list[UnitState]:
    """The units of a request as the policy has decided on them."""
    order, units = request.order, []
    prices = {
        line_id: unit_prices(order.line(line_id), order.prices_include_tax)
        for line_id in {allotted.line_id for allotted in opening.units}
    }
    for allotted in opening.units:
        number = int(allotted.unit_id.rsplit("-", 1)[1])
        line = order.line(allotted.line_id)
        unit = UnitState(
            unit_id=allotted.unit_id,
            line_id=allotted.line_id,
            sku=line.sku,
            reason=request.items[allotted.item].reason,
            price=prices[allotted.line_id][number - 1],
            personal=line.holds_personal_data,
            supplier_id=line.supplier_id,
            in_warranty=bool(allotted.in_warranty),
        )
        if not allotted.allowed:
            unit.reception, unit.acceptance, unit.refund = Reception.NOT_EXPECTED, Acceptance.REJECTED, 0
        units.append(unit)
    return units


def check_review(ret: Return) -> None:
    """Refuse an answer to a review that is not open."""
    if not ret.in_review:
        raise Refused("the return is not in review")


def check_approve(ret: Return, message: Approve) -> None:
    """Refuse where nothing is reviewed, and the second of two approvals by the same person."""
    check_review(ret)
    first = _first_approval(ret)
    if first is not None and not are_two(first, message.by):
        raise Refused(f"{first} has approved it: a second person has to, by another name, and another key if by one")


def approve(ret: Return, message: Approve, now: datetime) -> None:
    """Let a reviewed return go on, once as many people have approved it as the policy asks for."""
    check_approve(ret, message)
    if _needs_two(ret) and _first_approval(ret) is None:
        ret.note(now, FIRST, by=message.by, detail=message.note)
        return
    approve_alone(ret, message, now)


def approve_alone(ret: Return, message: Approve, now: datetime) -> None:
    """Let a reviewed return go on, whoever else has approved it."""
    check_review(ret)
    decision = ret.opened.decision
    declined = any(not unit.expected for unit in ret.units)
    outcome = Outcome.PARTIAL if declined else Outcome.ALLOWED
    ret.decision = decision.model_copy(update={"outcome": outcome})
    ret.note(now, "approved", by=message.by, detail=message.note, about=all_units(ret))
    proceed(ret, now)


def _needs_two(ret: Return) -> bool:
    """Worth as ``review_above`` counts it: what is asked for, as grade A and with tax."""
    above = ret.opened.terms.second_person_above
    return above is not None and sum(unit.price.gross for unit in ret.expected) > above


def _first_approval(ret: Return) -> str | None:
    """Who approved it first, of two, in the review that is open."""
    for entry in reversed(ret.timeline):
        if entry.event == FIRST:
            return entry.by
        if entry.event == "in_review":
            break
    return None


def decline(ret: Return, message: Decline, now: datetime) -> None:
    """Turn a reviewed return down; its units are released."""
    check_review(ret)
    ret.decision = ret.opened.decision.model_copy(update={"outcome": Outcome.DECLINED})
    for unit in ret.expected:
        unit.reception, unit.acceptance, unit.refund = Reception.NOT_EXPECTED, Acceptance.REJECTED, 0
    ret.ended = "declined"
    ret.note(now, "declined", by=message.by, detail=message.reason, about=all_units(ret))
    end(ret, now, SendMail("declined", reason=message.reason))


def proceed(ret: Return, now: datetime) -> None:
    """Let it go on as the policy says: keep the item, settle at handover, or wait for the goods.

    Money alone may be paid before the shop has seen the goods: amounts are as grade A, and strictly less than the
    policy's bound.
    """
    if keeping.stay(ret):
        keeping.let_keep(ret, now)
        return
    money_only = rule_of(ret.request.resolution).money_only
    ret.instant = money_only and worth_as_new(ret) < ret.opened.terms.instant_refund_below
    ret.agenda.withdraw(ProvideHandover)
    if not ret.handed_over:
        ret.agenda.add(ProvideHandover())
    require(ret, ret.expected)
