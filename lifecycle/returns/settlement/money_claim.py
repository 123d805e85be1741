"""What a return holds of its order's money: asked for when it opens, and again where it would give back more.

A settlement that stays within what the return holds asks nobody. One that wants more waits for the
books, and goes on with what they answer.
"""

from lifecycle.returns.commands import ClaimMoney
from lifecycle.returns.order_money import NOTHING, Books, MoneyAnswer, MoneyWanted, OrderMoney, grant, within
from lifecycle.returns.settlement.payments import as_credit, given_back, left_of_tenders, paid_by_tender
from lifecycle.returns.settlement.settling import still_wanted
from lifecycle.returns.settlement.units_back import may_complete
from lifecycle.returns.state import Return
from lifecycle.returns.units import COMING, GONE


def granted(ret: Return, books: Books) -> OrderMoney:
    """What the books let it hold of what it would give back as known now."""
    return grant(ret.request.order, books, ret.opened.terms.money.tender_order, wanted(ret))


def wanted(ret: Return) -> MoneyWanted:
    """What it would give back of the order's money as known now, if no other return held any."""
    rest = still_wanted(ret)
    return MoneyWanted(
        given=given_back(ret),
        paid=paid_by_tender(ret),
        more=rest.given_back,
        to_tenders=0 if as_credit(ret) else max(rest.amount, 0),
    )


def claim_more(ret: Return) -> None:
    """Ask the books where it would give back more than it has ever asked for: another resolution, amount or unit."""
    if ret.money.claim is None or ret.ended:
        return
    now_wanted, before = wanted(ret), ret.money.asked_for
    if before is None:
        ret.money.asked_for = now_wanted  # the opening step has asked for that
    elif _is_more(now_wanted, before) and _is_short(ret, now_wanted):
        ret.agenda.add(ClaimMoney())


def asks_first(ret: Return) -> bool:
    """Whether a settlement that is to begin has to wait for the books; it puts that on the agenda."""
    if ret.money.claim is None or ret.money.answered:
        return False
    if _is_short(ret, wanted(ret)) or may_complete(ret):
        ret.agenda.add(ClaimMoney())
    return ret.agenda.has(ClaimMoney)


def claim_less(ret: Return) -> None:
    """Release what a return that waits for late goods will not need, where no refund of it has said so."""
    before = ret.money.asked_for
    if ret.money.claim is None or before is None or ret.ended or not _waits_for_late_goods(ret):
        return
    asked = wanted(ret)
    total = asked.given + asked.more
    if total < ret.money.claim.total and total < before.given + before.more:
        ret.agenda.add(ClaimMoney())


def _waits_for_late_goods(ret: Return) -> bool:
    late = ret.dates.late_until is not None and not ret.late_over
    return late and any(unit.reception in COMING | GONE and not unit.judged for unit in ret.expected)


def _is_more(one: MoneyWanted, other: MoneyWanted) -> bool:
    more = one.given + one.more > other.given + other.more
    return more or sum(one.paid.values()) + one.to_tenders > sum(other.paid.values()) + other.to_tenders


def _is_short(ret: Return, asked: MoneyWanted) -> bool:
    claim, room = ret.money.claim, left_of_tenders(ret)
    if claim is None or room is None:
        return False
    return asked.given + asked.more > claim.total or asked.to_tenders > room


def asks(ret: Return) -> bool:
    """Whether the books are being asked, and no step that failed for good keeps them from answering."""
    return ret.agenda.has(ClaimMoney) and not ret.open_steps


def books_answered(ret: Return, asked: MoneyWanted, answer: MoneyAnswer | None) -> None:
    """What the books let it hold; None where an operator lets it go on with what it holds."""
    ret.agenda.withdraw(ClaimMoney)
    ret.money.asked_for, ret.money.answered = asked, True
    if answer is not None:
        ret.money.claim = answer.claim
    if answer is not None and answer.shipping:
        ret.opened.completes_order = ret.opened.holds_shipping = ret.opened.fault_elsewhere = True


def released(ret: Return) -> None:
    """It has ended, and holds nothing any more."""
    ret.agenda.withdraw(ClaimMoney)
    if ret.money.claim is not None:
        ret.money.claim, ret.money.asked_for = NOTHING, MoneyWanted()


def claim_again(ret: Return) -> None:
    """The books hold something else than it knows: claim, or release, its units and what it would give back."""
    if ret.ended:
        ret.agenda.release_units()
    else:
        ret.agenda.claim_units()
    ret.agenda.withdraw(ClaimMoney)
    if ret.money.claim is not None and not ret.ended:
        ret.agenda.add(ClaimMoney())


def needed(ret: Return) -> OrderMoney | None:
    """What it goes on to hold, where that is less than before: the rest is free from now on."""
    claim, asked = ret.money.claim, wanted(ret)
    if claim is None or asked.given + asked.more >= claim.total:
        return None
    kinds = ret.opened.terms.money.tender_order
    ret.money.claim, ret.money.asked_for = within(claim, ret.request.order, kinds, asked), asked
    return ret.money.claim


def given(ret: Return) -> OrderMoney:
    """What it has given back in the end, in all and by tender."""
    tenders = {tender.tender_id for tender in ret.request.order.tenders}
    paid = {tender_id: amount for tender_id, amount in paid_by_tender(ret).items() if tender_id in tenders}
    return OrderMoney(total=given_back(ret), tenders=paid)
