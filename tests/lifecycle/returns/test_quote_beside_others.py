"""A quote beside other returns of the order is what is then paid, whatever the others hold."""

from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lifecycle.contract.grades import Grade
from lifecycle.contract.policy import Policy
from lifecycle.contract.resolutions import Resolution
from lifecycle.returns.decisions.quote import Asked, quote_beside
from lifecycle.returns.eligibility import Facts
from tests.lifecycle.orders import NOW
from tests.lifecycle.returns.order_book import OrderBook
from tests.lifecycle.returns.test_one_order_many_returns import FEES, EveryResolution, orders, policies

MONEY = st.sampled_from([Resolution.REFUND, Resolution.STORE_CREDIT])


@settings(max_examples=100)
@given(orders(refunded=True), policies(**FEES), MONEY, st.data())
def test_a_quote_leaves_what_other_returns_hold_and_is_what_is_paid(
    order: dict[str, Any], policy: Policy, resolution: Resolution, data: st.DataObject
) -> None:
    book = OrderBook(order, policy)
    play = EveryResolution(data, book)
    mine, *others = play.split()
    play.carry_out(others, rough=True) if others else None
    last = book.open(mine, resolution=resolution)
    assume(last.ret.live and not last.ret.money.begun)
    grades = [Grade.A for _ in last.ret.request.items]
    return_id = last.ret.return_id
    claimed = {name: claim for name, claim in book.claims.items() if claim.return_id != return_id}
    taken = book.shipping_claimed_by not in (None, return_id)
    facts = Facts(claimed, shipping_claimed=taken, books=book.books(return_id))
    promised = quote_beside(facts, Asked(last.ret.request, grades, None), policy, NOW)
    for unit in last.ret.units:
        book.receive(last, unit)
    for unit in last.ret.units:
        book.inspect(last, unit, Grade.A)
    settled = last.ret.money
    assert (settled.amount, settled.breakdown) == (promised.amount, promised.breakdown)
    assert [(paid.tender_id, paid.amount) for paid in settled.payments] == [
        (paid.tender_id, paid.amount) for paid in promised.paid
    ]
