"""An order that comes in several parcels: each line by its own day, and no unit before it is shipped."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.shared.mail_words import reasons
from lifecycle.contract.errors import InvalidRequest
from lifecycle.contract.policy import Policy
from lifecycle.contract.request import Reason, parse_request
from lifecycle.contract.view import Outcome, RuleName
from lifecycle.returns.commands import Why
from lifecycle.returns.decisions.quote import quote
from lifecycle.returns.eligibility import ClaimedUnit, Decided, Facts, decide, free_units, in_warranty
from starter.portal.customer.begin_return.offers import returnable_lines
from tests.lifecycle.orders import NOW, body, request

LATE = (NOW - timedelta(days=60)).isoformat()
SOON = (NOW - timedelta(days=3)).isoformat()


def decided(facts: Facts | None = None, **changes: Any) -> Decided:
    return decide(request(placed_at=None, **changes), Policy(), facts or Facts(), NOW)


def rules(found: Decided) -> list[tuple[str | None, str]]:
    return [(rule.unit_id, rule.rule.value) for rule in found.decision.rules]


@pytest.mark.parametrize(
    ("of_order", "of_line", "fired"),
    [
        (LATE, None, "window"),
        (LATE, SOON, None),
        (SOON, LATE, "window"),
        (None, SOON, None),
        (None, None, "not_delivered"),
    ],
)
def test_the_window_of_a_line_begins_with_its_own_delivery(
    of_order: str | None, of_line: str | None, fired: str | None
) -> None:
    found = decided(delivered_at=of_order, line1={"delivered_at": of_line})
    assert {rule for _, rule in rules(found)} == ({fired} if fired else set())


def test_a_defect_is_repaired_free_within_the_window_of_its_line() -> None:
    asked = request(placed_at=None, delivered_at=LATE, line1={"delivered_at": SOON})
    item = asked.items[0].model_copy(update={"reason": Reason.DEFECTIVE})
    mine, other = asked.order.lines
    assert in_warranty(asked.order, Policy(), mine, item, NOW)
    assert not in_warranty(asked.order, Policy(), other, item, NOW)


def test_mail_and_page_name_the_last_day_of_the_line() -> None:
    asked = request(placed_at=None, line1={"delivered_at": LATE})
    why: Why = {"key": f"rule.{RuleName.WINDOW}", "unit": "1-1", "detail": ""}
    assert "2026-10-25" in (reasons([why], asked, Policy().model_dump(mode="json")) or "")
    late, soon = returnable_lines(asked.order, Policy(), Facts(), NOW)
    assert late.window_ends
    assert late.window_ends.date().isoformat() == "2026-10-25"
    assert soon.window_ends
    assert soon.window_ends > NOW


@given(st.integers(0, 3), st.integers(0, 3), st.sets(st.sampled_from(["1-1", "1-2", "1-3"])))
def test_no_more_units_come_back_than_were_shipped(shipped: int, back: int, claimed: set[str]) -> None:
    facts = Facts(claimed={name: ClaimedUnit("R-2") for name in claimed})
    line = {"shipped_quantity": max(shipped, back), "returned_quantity": back}
    found = decided(facts, line1=line, items=[{"line_id": "1", "quantity": 3, "reason": "unwanted"}])
    allowed = {unit.unit_id for unit in found.units if unit.allowed}
    assert len(allowed) == max(0, max(shipped, back) - max(back, len(claimed)))
    assert not allowed & claimed
    assert len(allowed) == free_units(request(line1=line).order, facts)["1"]
    why = {unit.unit_id: rule for unit in found.units for name, rule in rules(found) if name == unit.unit_id}
    assert len([rule for rule in why.values() if rule == "not_delivered"]) <= 3 - max(shipped, back)


def test_a_unit_that_was_not_shipped_is_declined_and_worth_nothing() -> None:
    asked = body(line1={"shipped_quantity": 1})
    found = quote(asked, Policy(), NOW)
    assert (found.decision.outcome, found.amount) == (Outcome.PARTIAL, 4000)
    assert [(rule.unit_id, rule.rule) for rule in found.decision.rules] == [("1-2", RuleName.NOT_DELIVERED)]


def test_an_order_that_is_not_shipped_whole_does_not_give_its_shipping_back() -> None:
    items = [{"line_id": "1", "quantity": 3, "reason": "defective"}, {"line_id": "2", "quantity": 1, "reason": "other"}]
    assert quote(body(items=items), Policy(), NOW).breakdown.shipping == 900
    assert quote(body(items=items, line1={"shipped_quantity": 2}), Policy(), NOW).breakdown.shipping == 0


def test_the_page_says_that_a_line_has_not_come_yet() -> None:
    waits, _ = returnable_lines(request(line1={"shipped_quantity": 0}).order, Policy(), Facts(), NOW)
    assert (waits.available, waits.why) == (0, RuleName.NOT_DELIVERED)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ({"shipped_quantity": 4}, "shipped_quantity: expected from the 0 that came back to the 3"),
        ({"shipped_quantity": 1, "returned_quantity": 2}, "shipped_quantity: expected from the 2"),
        ({"delivered_at": "2026-11-01T00:00:00Z"}, "delivered_at: expected not before placed_at"),
        ({"delivered_at": "2026-12-01T00:00:00Z"}, "delivered_at: expected a date that is not in the future"),
    ],
)
def test_what_cannot_be_is_refused_by_field(line: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidRequest, match=rf"order\.lines\.0\.{said}"):
        parse_request(body(line1=line), now=NOW, forbid_unknown=True)


def test_an_order_without_them_is_sent_and_recorded_as_before() -> None:
    line = request().order.model_dump(mode="json")["lines"][0]
    assert not {"shipped_quantity", "delivered_at"} & line.keys()
