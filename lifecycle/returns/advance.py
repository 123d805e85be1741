"""What follows from whatever has happened to a return: the one place where its conclusions are drawn."""

from datetime import datetime

from lifecycle.returns.decisions.exchange import reconsider
from lifecycle.returns.decisions.limit import enforce_limit
from lifecycle.returns.decisions.paid_outside import freeze_outside
from lifecycle.returns.goods.advance_replacement import ask_for_hold
from lifecycle.returns.goods.empty_parcel import keep_watch
from lifecycle.returns.goods.late_label import watch_label
from lifecycle.returns.goods.outbound import dispatch, drop_leftovers, retry_reservation, waits_for_stock
from lifecycle.returns.goods.stock import begin_onward_journeys, send_back
from lifecycle.returns.late_goods import wait_once_settled
from lifecycle.returns.order_money import MoneyAnswer, MoneyWanted
from lifecycle.returns.promise_clock import start_clock
from lifecycle.returns.reminders import remind_warehouse_later
from lifecycle.returns.settlement.agreement import settle_or_ask
from lifecycle.returns.settlement.money_claim import asks_first, books_answered, claim_less, claim_more
from lifecycle.returns.settlement.settling import due_units, finish, settlement_due
from lifecycle.returns.state import Return


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
    remind_warehouse_later(ret, now)
    if ret.settled:
        wait_once_settled(ret, now)
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
