"""Several returns of one order, open at once and settled in any order: every minor unit is paid once."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle.contract.grades import Grade
from lifecycle.contract.messages import PaymentStatus, TrackingStatus
from lifecycle.contract.policy import Policy
from lifecycle.contract.request import Reason
from lifecycle.contract.resolutions import Resolution
from lifecycle.contract.tenders import TenderKind
from lifecycle.contract.view import SettlementState
from lifecycle.returns.commands import Pay
from lifecycle.returns.settlement.payments import given_back
from lifecycle.returns.units import COMING, IN_HAND
from lifecycle.shared.repair_messages import RepairOutcome
from tests.lifecycle.returns.order_book import OrderBook, Part, checked

REASONS, GRADES = st.sampled_from(Reason), st.sampled_from(Grade)
RULES = st.sampled_from(["seller_fault", "never", "always"])
#: Currencies with 0, 2 and 3 decimal places: what an amount is counted in never matters.
CURRENCIES = st.sampled_from(["JPY", "USD", "KWD"])
#: So that every unit is worth the same whatever it comes back as.
NO_DEDUCTION = dict.fromkeys(("A", "B", "C", "D"), 0)


@st.composite
def orders(draw: st.DrawFn, *, refunded: bool = False) -> dict[str, Any]:
    """An order of up to three lines, paid by up to three tenders that hold at least its total."""
    inclusive = draw(st.booleans())
    lines = [draw(lines_of(str(number), inclusive=inclusive)) for number in range(1, draw(st.integers(2, 4)))]
    shipping = {"price": draw(st.integers(0, 2000)), "tax": draw(st.integers(0, 200))}
    shipping["discount"] = draw(st.integers(0, shipping["price"]))
    order = {
        "currency": draw(CURRENCIES),
        "prices_include_tax": inclusive,
        "lines": lines,
        "shipping": shipping,
        "tenders": [{"tender_id": "t0", "kind": "card", "captured": 10**12}],
    }
    total = checked(order).total
    cuts = sorted(draw(st.lists(st.integers(0, total), max_size=2)))
    order["tenders"] = [
        draw(tenders(f"t{number}", captured=high - low, refunded=refunded))
        for number, (low, high) in enumerate(zip([0, *cuts], [*cuts, total + draw(st.integers(0, 50))], strict=True))
    ]
    return order


@st.composite
def lines_of(draw: st.DrawFn, line_id: str, *, inclusive: bool) -> dict[str, Any]:
    quantity, price = draw(st.integers(1, 4)), draw(st.integers(0, 12_000))
    discount = draw(st.integers(0, quantity * price))
    tax = draw(st.integers(0, quantity * price - discount if inclusive else 3000))
    whole = {"quantity": quantity, "unit_price": price, "discount_total": discount, "tax_total": tax}
    return {"line_id": line_id, "sku": f"SKU-{line_id}"} | whole


@st.composite
def tenders(draw: st.DrawFn, tender_id: str, *, captured: int, refunded: bool) -> dict[str, Any]:
    back = draw(st.integers(0, captured)) if refunded else 0
    return {"tender_id": tender_id, "kind": draw(st.sampled_from(TenderKind)), "captured": captured, "refunded": back}


@st.composite
def policies(draw: st.DrawFn, /, early: dict[str, int] | None = None, **money: Any) -> Policy:
    """Any order of tenders; what one does not hold another pays, whatever a refused refund would do."""
    order = draw(st.permutations(list(TenderKind)))
    failure = draw(st.sampled_from(["attention", "next_tender", "store_credit"]))
    rules = {"tender_order": order, "on_refund_failure": failure, "refund_original_shipping": draw(RULES)}
    return Policy.model_validate({"money": rules | money, "approval": {"review_above": 10**12} | (early or {})})


@st.composite
def any_policies(draw: st.DrawFn) -> Policy:
    """Besides, one that may pay before anything comes back, or let the customer keep it."""
    early = {name: draw(st.sampled_from([0, 5000])) for name in ("keep_item_below", "instant_refund_below")}
    return draw(policies(early, **FEES))


class Interleaving:
    """Opens the returns of an order and lets things happen to them, in an order that Hypothesis draws."""

    def __init__(self, data: st.DataObject, book: OrderBook) -> None:
        self.data = data
        self.book = book

    def split(self) -> list[list[dict[str, Any]]]:
        """Every unit of the order in one of up to four requests, each for a reason of its own."""
        parts: list[Counter[tuple[str, str]]] = [Counter() for _ in range(self.data.draw(st.integers(1, 4)))]
        for line in self.book.order["lines"]:
            for _ in range(line["quantity"]):
                number = self.data.draw(st.integers(0, len(parts) - 1))
                parts[number][line["line_id"], self.data.draw(REASONS).value] += 1
        return [items_of(part) for part in parts if part]

    def open(self, items: list[dict[str, Any]]) -> None:
        resolution = self.data.draw(st.sampled_from(["refund", "refund", "store_credit"]))
        self.book.open(items, resolution=resolution, fresh=self.data.draw(st.booleans()))

    def carry_out(self, waiting: list[list[dict[str, Any]]], *, rough: bool = False) -> None:
        """Open them all, some while others are under way; ``rough`` adds what takes money away."""
        while waiting:
            if not self.book.parts or self.data.draw(st.booleans()):
                self.open(waiting.pop())
            else:
                self.one_thing(rough=rough)
        for _ in range(self.data.draw(st.integers(0, 25))):
            self.one_thing(rough=rough)

    def one_thing(self, *, rough: bool) -> None:
        part = self.data.draw(st.sampled_from(self.book.parts))
        actions = ["ring"] if part.ret.handed_over else []
        if part.ret.live and part.units(COMING):
            actions += ["receive", "lose", "accept"]
        if part.ret.live and part.units(IN_HAND):
            actions += ["inspect"]
        if part.ret.agenda.has(Pay):
            actions += ["pay", "pay later"]
        if self.book.pending(part):
            actions += ["succeed"] + (["fail"] if rough else [])
        if actions:
            self.act(part, self.data.draw(st.sampled_from(actions)), rough=rough)

    def act(self, part: Part, action: str, *, rough: bool) -> None:
        book = self.book
        if action == "ring":
            book.ring(part)
        elif action == "receive":
            unit = self.data.draw(st.sampled_from(part.units(COMING)))
            book.receive(part, unit, complete=self.data.draw(st.booleans()))
        elif action == "inspect":
            unit = self.data.draw(st.sampled_from(part.units(IN_HAND)))
            accepted = not rough or self.data.draw(st.booleans())
            book.inspect(part, unit, self.data.draw(GRADES), accepted=accepted)
        elif action in ("lose", "accept"):
            book.scan(part, TrackingStatus.LOST if action == "lose" else TrackingStatus.ACCEPTED)
        elif action in ("succeed", "fail"):
            book.hear(part, PaymentStatus.SUCCEEDED if action == "succeed" else PaymentStatus.FAILED)
        else:
            book.pay(part, pending=action == "pay later")


def items_of(part: Counter[tuple[str, str]]) -> list[dict[str, Any]]:
    return [
        {"line_id": line_id, "quantity": quantity, "reason": reason} for (line_id, reason), quantity in part.items()
    ]


def refunds(book: OrderBook) -> dict[str, int | None]:
    """What each unit came to, whichever return it came back in."""
    return {unit.unit_id: unit.refund for part in book.parts for unit in part.ret.units if unit.settled}


def all_at_once(book: OrderBook) -> OrderBook:
    """The same order, all of it in one return and for no fault of anybody's."""
    other = OrderBook(book.order, book.policy)
    items = [
        {"line_id": line["line_id"], "quantity": line["quantity"], "reason": "style"} for line in book.order["lines"]
    ]
    other.finish(other.open(items))
    return other


def assert_books_agree(book: OrderBook) -> None:
    """What the returns say they paid is what left the tenders, and no tender gave more than it held."""
    paid = book.paid()
    assert {tender: book.before[tender] - held for tender, held in book.held.items()} == {
        tender: paid[tender] for tender in book.held
    }
    assert all(held >= 0 for held in book.held.values())


def shipping_paid(book: OrderBook) -> list[int]:
    return [part.ret.money.breakdown.shipping for part in book.parts if part.ret.money.shipping_paid]


def shipping_of(order: dict[str, Any]) -> int:
    """By hand, not by the code that is tested: its tax is in the price, or added to it."""
    shipping = order["shipping"]
    return int(shipping["price"] - shipping["discount"] + (0 if order["prices_include_tax"] else shipping["tax"]))


@settings(max_examples=200)
@given(orders(), policies(condition_deduction_percent=NO_DEDUCTION), st.data())
def test_the_parts_add_up_to_the_whole(order: dict[str, Any], policy: Policy, data: st.DataObject) -> None:
    book = OrderBook(order, policy)
    play = Interleaving(data, book)
    play.carry_out(play.split())
    for part in book.parts:
        book.finish(part)
    rule = policy.money.refund_original_shipping
    fault = any(unit.reason.sellers_fault for part in book.parts for unit in part.ret.units)
    back = rule == "always" or (rule == "seller_fault" and fault)
    assert {part.ret.settlement for part in book.parts} == {SettlementState.SETTLED}
    assert shipping_paid(book) == ([shipping_of(order)] if back and shipping_of(order) else [])
    total = checked(order).total - (0 if back else shipping_of(order))
    assert sum(part.ret.money.amount for part in book.parts) == sum(book.paid().values()) == total
    assert_books_agree(book)


@settings(max_examples=100)
@given(orders(), policies(condition_deduction_percent=NO_DEDUCTION), st.data())
def test_the_same_unit_is_worth_the_same_whichever_return_it_comes_in(
    order: dict[str, Any], policy: Policy, data: st.DataObject
) -> None:
    book = OrderBook(order, policy)
    play = Interleaving(data, book)
    play.carry_out(play.split())
    for part in book.parts:
        book.finish(part)
    assert refunds(book) == refunds(all_at_once(book))


@settings(max_examples=100)
@given(orders(), policies(condition_deduction_percent=NO_DEDUCTION), st.data())
def test_what_a_cancelled_return_held_is_paid_by_a_later_one(
    order: dict[str, Any], policy: Policy, data: st.DataObject
) -> None:
    book = OrderBook(order, policy)
    play = Interleaving(data, book)
    for items in play.split():
        play.open(items)
    for part in book.parts:
        if part.ret.live and not part.ret.handed_over and data.draw(st.booleans()):
            book.cancel(part)
    play.carry_out([[{"line_id": line, "quantity": n, "reason": "color"}] for line, n in book.unclaimed().items()])
    for part in book.parts:
        if part.ret.live:
            book.finish(part)
    assert book.unclaimed() == {}
    assert len(shipping_paid(book)) <= 1
    whole = checked(order).total - shipping_of(order) + sum(shipping_paid(book))
    assert sum(book.paid().values()) == whole
    assert_books_agree(book)


FEES: dict[str, Any] = {
    "restocking_fee_percent": 7,
    "return_shipping_fee": 450,
    "condition_deduction_percent": {"B": 12.5},
    "store_credit_bonus_percent": 10,
}


@settings(max_examples=200)
@given(orders(refunded=True), policies(**FEES), st.data())
def test_whatever_happens_no_tender_gives_more_than_it_holds(
    order: dict[str, Any], policy: Policy, data: st.DataObject
) -> None:
    book = OrderBook(order, policy)
    play = Interleaving(data, book)
    play.carry_out(play.split(), rough=True)
    for part in book.parts:
        book.finish(part)
        assert 0 <= part.ret.money.amount - part.ret.money.breakdown.bonus <= sum(book.before.values())
    assert len(shipping_paid(book)) <= 1
    assert_books_agree(book)


class EveryResolution(Interleaving):
    """The same in every resolution, with amounts and resolutions that staff set, and repairs that end somehow."""

    def open(self, items: list[dict[str, Any]]) -> None:
        wanted = {"sku": "OTHER", "quantity": 1, "unit_price": self.data.draw(st.integers(0, 15_000))}
        resolution = self.data.draw(st.sampled_from(Resolution))
        fresh = self.data.draw(st.booleans())
        self.book.open(items, resolution=resolution, exchange_for=[wanted], fresh=fresh)

    def one_thing(self, *, rough: bool) -> None:
        part = self.data.draw(st.sampled_from(self.book.parts))
        what = self.data.draw(st.sampled_from(["step", "step", "amount", "resolution", "bench", "cancel"]))
        on_bench = [unit for unit in part.ret.units if unit.bench is not None and unit.bench.outcome is None]
        if what == "amount":
            self.book.set_by_hand(part, "amount", self.data.draw(st.integers(0, 40_000)))
        elif what == "resolution":
            self.book.set_by_hand(part, "resolution", self.data.draw(st.sampled_from(Resolution)).value)
        elif what == "bench" and on_bench:
            estimate = self.data.draw(st.integers(0, 3000))
            self.book.finish_repair(part, on_bench[0], self.data.draw(st.sampled_from(RepairOutcome)), estimate)
        elif what == "cancel" and part.ret.live and not part.ret.handed_over and not part.ret.money.begun:
            self.book.cancel(part)
        else:
            super().one_thing(rough=rough)
        assert_no_cent_is_promised_twice(self.book)


def assert_no_cent_is_promised_twice(book: OrderBook) -> None:
    """What the returns hold is what the order has, and none gives more than it holds."""
    assert sum(part.held.total for part in book.parts) <= sum(book.before.values())
    for tender_id, held in book.before.items():
        assert sum(part.held.tenders.get(tender_id, 0) for part in book.parts) <= held
    for part in book.parts:
        assert given_back(part.ret) <= part.held.total


@settings(max_examples=300)
@given(orders(refunded=True), any_policies(), st.data())
def test_all_returns_of_an_order_together_never_give_back_more_than_was_paid(
    order: dict[str, Any], policy: Policy, data: st.DataObject
) -> None:
    book = OrderBook(order, policy)
    play = EveryResolution(data, book)
    play.carry_out(play.split(), rough=True)
    for part in book.parts:
        if part.ret.live:
            book.finish(part)
        assert_no_cent_is_promised_twice(book)
    assert book.given_back() <= sum(book.before.values())
    assert len(shipping_paid(book)) <= 1
    assert_books_agree(book)


@pytest.mark.parametrize("gift", [4000, 4001, 5000])
@pytest.mark.parametrize("fresh", [True, False])
def test_two_returns_that_know_nothing_of_each_others_money_share_a_tender(fresh: bool, gift: int) -> None:
    line = {"line_id": "1", "sku": "SHOE", "quantity": 2, "unit_price": 4000}
    tenders = [
        {"tender_id": "gift", "kind": "gift_card", "captured": gift, "refunded": 0},
        {"tender_id": "card", "kind": "card", "captured": 8000 - gift, "refunded": 0},
    ]
    order = {"currency": "USD", "prices_include_tax": False, "lines": [line], "shipping": {}, "tenders": tenders}
    book = OrderBook(order, Policy())
    items = [{"line_id": "1", "quantity": 1, "reason": "unwanted"}]
    one = book.open(items)
    book.finish(one)
    other = book.open(items, fresh=fresh)
    book.finish(other)
    parts = [[(paid.tender_id, paid.amount) for paid in part.ret.money.payments if paid.amount] for part in book.parts]
    rest = [("gift", gift - 4000)] if gift > 4000 else []
    assert parts == [[("gift", 4000)], [*rest, ("card", 8000 - gift)]]
    assert book.held == {"gift": 0, "card": 0}


def test_units_settled_one_after_the_other_never_come_to_more_than_the_tenders_hold() -> None:
    line = {"line_id": "1", "sku": "SHOE", "quantity": 3, "unit_price": 4000}
    card = {"tender_id": "card", "kind": "card", "captured": 12000, "refunded": 3000}
    order = {"currency": "USD", "prices_include_tax": False, "lines": [line], "shipping": {}, "tenders": [card]}
    book = OrderBook(order, Policy())
    part = book.open([{"line_id": "1", "quantity": 3, "reason": "unwanted"}])
    for number, unit in enumerate(part.ret.units):
        book.receive(part, unit, complete=number == 0)
        book.inspect(part, unit, Grade.A)
        book.pay(part)
    assert [paid.amount for paid in part.ret.money.payments] == [4000, 4000, 1000]
    assert part.ret.money.amount == 9000
