"""What the policy says, each rule on both sides of its boundary."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lifecycle.contract.policy import Policy
from lifecycle.returns.eligibility import ClaimedUnit, Decided, Facts, decide
from tests.lifecycle.orders import NOW, policy, request

LAST_SECOND = datetime(2026, 12, 20, 23, 59, 59, tzinfo=ZoneInfo("America/New_York"))


def decided(rules: Policy | None = None, facts: Facts | None = None, now: datetime = NOW, **changes: Any) -> Decided:
    return decide(request(**changes), rules or Policy(), facts or Facts(), now)


def fired(found: Decided) -> list[tuple[str, str | None]]:
    return [(rule.rule.value, rule.unit_id) for rule in found.decision.rules]


def allowed(found: Decided) -> list[str]:
    return [unit.unit_id for unit in found.units if unit.allowed]


def test_a_plain_request_is_allowed() -> None:
    found = decided()
    assert (found.decision.outcome, fired(found), allowed(found)) == ("allowed", [], ["1-1", "1-2"])


@pytest.mark.parametrize(("late", "outcome"), [(timedelta(), "allowed"), (timedelta(seconds=1), "declined")])
def test_the_window_ends_with_its_last_day_in_the_shops_zone(late: timedelta, outcome: str) -> None:
    found = decided(now=(LAST_SECOND + late).astimezone(UTC))
    assert found.decision.outcome == outcome
    assert [rule for rule, _ in fired(found)] == ([] if outcome == "allowed" else ["window", "window"])


def test_an_order_that_was_not_delivered_is_not_due_yet() -> None:
    assert fired(decided(delivered_at=None)) == [("not_delivered", "1-1"), ("not_delivered", "1-2")]


@pytest.mark.parametrize(
    ("reason", "setting", "outcome"),
    [
        ("unwanted", "declined", "declined"),
        ("defective", "declined", "allowed"),
        ("unwanted", "review", "review"),
        ("defective", "review", "allowed"),
    ],
)
def test_final_sale_bends_for_a_sellers_fault(reason: str, setting: str, outcome: str) -> None:
    found = decided(
        policy(eligibility={"final_sale": setting}),
        line1={"final_sale": True},
        items=[{"line_id": "1", "quantity": 1, "reason": reason}],
    )
    assert found.decision.outcome == outcome


def test_the_window_does_not_bend_for_a_sellers_fault() -> None:
    found = decided(
        now=LAST_SECOND + timedelta(seconds=1), items=[{"line_id": "1", "quantity": 1, "reason": "defective"}]
    )
    assert found.decision.outcome == "declined"


def test_a_mixed_request_is_answered_unit_by_unit() -> None:
    items = [{"line_id": line, "quantity": 1, "reason": "unwanted"} for line in ("1", "2")]
    found = decided(line1={"final_sale": True}, items=items)
    assert (found.decision.outcome, fired(found), allowed(found)) == ("partial", [("final_sale", "1-1")], ["2-1"])


@pytest.mark.parametrize(("limit", "outcome"), [(8000, "allowed"), (7999, "review")])
def test_strictly_more_than_the_amount_is_reviewed(limit: int, outcome: str) -> None:
    assert decided(policy(approval={"review_above": limit})).decision.outcome == outcome


def test_declined_units_do_not_count_for_the_review() -> None:
    found = decided(policy(approval={"review_above": 4000}), facts=Facts({"1-1": ClaimedUnit("R-0")}), items=[
        {"line_id": "1", "quantity": 1, "reason": "unwanted"}
    ])  # fmt: skip
    assert found.decision.outcome == "allowed"


@pytest.mark.parametrize(("returns", "outcome"), [(4, "allowed"), (5, "review")])
def test_many_returns_are_reviewed(returns: int, outcome: str) -> None:
    found = decided(facts=Facts(customer_returns=returns))
    assert found.decision.outcome == outcome
    assert fired(found) == ([("frequent_returner", None)] if outcome == "review" else [])


@pytest.mark.parametrize(
    ("claimed", "counted", "expected"),
    [
        (set(), 0, ["1-1", "1-2"]),
        ({"1-1"}, 0, ["1-2", "1-3"]),
        ({"1-2"}, 1, ["1-1", "1-3"]),
        (set(), 1, ["1-2", "1-3"]),
        ({"1-3"}, 2, ["1-2"]),
        ({"1-1", "1-2"}, 0, ["1-3"]),
        (set(), 3, []),
    ],
)
def test_units_that_came_back_are_spent_by_name_and_by_count(
    claimed: set[str], counted: int, expected: list[str]
) -> None:
    found = decided(facts=Facts({name: ClaimedUnit("R-0") for name in claimed}), line1={"returned_quantity": counted})
    assert allowed(found) == expected
    assert len(found.units) == 2
    assert {rule for rule, _ in fired(found)} <= {"already_returned"}


def test_what_the_shop_does_not_offer_is_declined() -> None:
    found = decided(policy(eligibility={"resolutions": ["store_credit"]}))
    assert fired(found) == [("resolution", None)]
    assert "the shop does not offer" in found.decision.rules[0].detail


def test_earlier_returns_count_when_the_order_is_complete() -> None:
    everything = [
        {"line_id": "1", "quantity": 3, "reason": "unwanted"},
        {"line_id": "2", "quantity": 1, "reason": "color"},
    ]
    assert decided(items=everything).completes_order
    assert not decided(items=everything[:1]).completes_order
    back = ClaimedUnit("R-0", sellers_fault=True, back=True)
    found = decided(facts=Facts({"2-1": back}), items=everything[:1])
    assert (found.completes_order, found.fault_elsewhere, found.waiting) == (True, True, frozenset())
    open_yet = ClaimedUnit("R-0", sellers_fault=True)
    found = decided(facts=Facts({"2-1": open_yet}), items=everything[:1])
    assert (found.completes_order, found.fault_elsewhere, found.may_complete) == (False, False, True)
    assert found.waiting == {"R-0"}


def test_a_claim_on_a_unit_that_the_order_no_longer_has_does_not_keep_it_incomplete() -> None:
    items = [{"line_id": line, "quantity": count, "reason": "color"} for line, count in (("1", 3), ("2", 1))]
    assert decided(facts=Facts({"1-9": ClaimedUnit("R-0")}), items=items).completes_order
