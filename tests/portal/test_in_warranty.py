"""Out of the window, but in warranty: one sentence that is true, on the order's page and before the return begins."""

from datetime import UTC, date, datetime
from typing import Any

from gateways.database.returns.records import returns_of
from gateways.orders.protocol import FoundOrder
from lifecycle.contract.policy import Policy
from lifecycle.contract.request import Item, Order, Reason
from lifecycle.returns.eligibility import Facts
from starter.demo.story import Stage
from starter.portal.customer.begin_return.offers import possible_offers, returnable_lines
from tests.portal.browsing import Tab
from tests.portal.visits import keep_order, sign_in
from tests.workflows.returns.play import make_request

_DATES = {"placed_at": "2026-01-01T10:00:00Z", "delivered_at": "2026-01-05T10:00:00Z"}
_RADIO: dict[str, Any] = {
    "line_id": "1", "sku": "RADIO", "title": "Kitchen radio", "quantity": 1, "unit_price": 6000,
    "warranty_until": "2099-09-01",
}  # fmt: skip
_JUG = {"line_id": "2", "sku": "JUG", "title": "Jug", "quantity": 1, "unit_price": 2000}
_ENDED = "Its 30 days for returns ended on Feb 4, 2026."
_SENTENCE = f"{_ENDED} It is in warranty until Sep 1, 2099, so we can repair it, at no cost."


async def test_one_sentence_says_what_can_be_done(tab: Tab, stage: Stage) -> None:
    order = await keep_order(stage, lines=[_RADIO], **_DATES)
    await sign_in(tab, stage, order.order_id)
    assert _SENTENCE in await tab.page.locator(".item").inner_text()
    await tab.look("warranty-order")
    await tab.page.get_by_label("Kitchen radio").check()
    await tab.page.get_by_label("Why?").select_option("defective")
    await tab.press(tab.page.get_by_role("button", name="Continue"))
    said = await tab.page.locator("main").inner_text()
    assert said.count(f"Kitchen radio: {_SENTENCE}") == 1
    assert "cannot come back" not in said
    assert "It could come back" not in said
    assert await tab.page.get_by_role("group", name="I would like").get_by_role("radio").count() == 1
    await tab.look("warranty-offer")
    await tab.press(tab.page.get_by_role("button", name="Start my return"))
    [row] = await returns_of(stage.db, order.order_id)
    assert row.request["resolution"] == "repair"
    assert "cannot come back" not in await tab.page.locator("main").inner_text()


async def test_beside_what_cannot_come_back_each_is_said_of_its_own_item(tab: Tab, stage: Stage) -> None:
    order = await keep_order(stage, lines=[_RADIO, _JUG], **_DATES)
    await sign_in(tab, stage, order.order_id)
    shown = await tab.page.locator(".item").all_inner_texts()
    assert [_SENTENCE in text for text in shown] == [True, False]
    assert "It could come back for 30 days, until Feb 4, 2026." in shown[1]


def _order(lines: list[dict[str, Any]]) -> Order:
    dates = {name: datetime.fromisoformat(at) for name, at in _DATES.items()}
    return make_request(lines=lines).order.model_copy(update=dates)


def test_what_cannot_come_back_at_all_differs_from_what_can_be_repaired() -> None:
    items = [Item(line_id=line, quantity=1, reason=Reason.DEFECTIVE) for line in ("1", "2")]
    late = datetime(2026, 3, 1, tzinfo=UTC)
    found = possible_offers(FoundOrder(_order([_RADIO, _JUG])), items, Policy(), Facts(), late, frozenset())
    assert [(offer.resolution, offer.without) for offer in found.offers] == [("repair", ())]
    assert [(line.line_id, rule, ways) for line, rule, ways in found.limited] == [("1", "window", ["repair"])]
    assert [(rule.rule, rule.unit_id) for rule in found.declined] == [("window", "2-1")]


def test_an_offer_names_what_it_is_not_for() -> None:
    policy = Policy.model_validate({"eligibility": {"out_of_warranty_repair": "declined"}})
    items = [Item(line_id=line, quantity=1, reason=Reason.UNWANTED) for line in ("1", "2")]
    in_time = datetime(2026, 1, 9, tzinfo=UTC)
    found = possible_offers(FoundOrder(_order([_RADIO, _JUG])), items, policy, Facts(), in_time, frozenset())
    without = {str(offer.resolution): offer.without for offer in found.offers}
    assert without == {"refund": (), "store_credit": (), "replacement": (), "repair": ("2",)}
    assert (found.declined, found.limited) == ([], [])


def test_a_repair_alone_is_said_only_where_it_is_all() -> None:
    now = datetime(2026, 1, 9, tzinfo=UTC)
    order = _order([_RADIO])
    [in_time] = returnable_lines(order, Policy(), Facts(), now)
    [late] = returnable_lines(order, Policy(), Facts(), datetime(2026, 3, 1, tzinfo=UTC))
    [over] = returnable_lines(order, Policy(), Facts(), datetime(2099, 9, 3, tzinfo=UTC))
    assert (in_time.repair_only, late.repair_only, over.repair_only) == (False, True, False)
    assert (in_time.available, late.available, over.available) == (1, 1, 0)
    assert late.line.warranty_until == date(2099, 9, 1)
