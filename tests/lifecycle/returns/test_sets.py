"""A set whose price is on one line: for money it comes back whole, or not at all."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.contract.errors import InvalidRequest
from lifecycle.contract.policy import Policy
from lifecycle.contract.request import ReturnRequest, parse_request
from lifecycle.contract.resolutions import Resolution
from lifecycle.returns.decisions.quote import quote
from lifecycle.returns.eligibility import ClaimedUnit, Decided, Facts, decide
from lifecycle.returns.resolutions.table import rule_of
from tests.lifecycle.orders import NOW, body

#: Two sets of one pot and two lids each, and a spoon.
LINES = [
    {"line_id": "set", "sku": "POT", "quantity": 2, "unit_price": 5000},
    {"line_id": "lid", "sku": "LID", "quantity": 4, "unit_price": 0, "part_of": "set"},
    {"line_id": "spoon", "sku": "SPOON", "quantity": 1, "unit_price": 900},
]


def asked(*, lines: list[dict[str, Any]] = LINES, **counts: int) -> dict[str, Any]:
    items = [{"line_id": line, "quantity": count, "reason": "unwanted"} for line, count in counts.items() if count]
    return body(lines=lines, items=items)


def decided(raw: dict[str, Any], facts: Facts | None = None) -> Decided:
    return decide(ReturnRequest.model_validate(raw), Policy(), facts or Facts(), NOW)


def allowed(found: Decided) -> set[str]:
    return {unit.unit_id for unit in found.units if unit.allowed}


@given(st.integers(0, 2), st.integers(0, 4), st.integers(0, 1))
def test_all_of_a_set_or_nothing_of_it(pots: int, lids: int, spoons: int) -> None:
    raw = asked(set=pots, lid=lids, spoon=spoons)
    if not raw["items"]:
        return
    found = decided(raw)
    whole = lids == 2 * pots
    assert len(allowed(found)) == (pots + lids if whole else 0) + spoons
    refused = {rule.unit_id for rule in found.decision.rules if rule.rule == "set"}
    assert refused == {unit.unit_id for unit in found.units if not unit.allowed}
    assert quote(raw, Policy(), NOW).amount == (5000 * pots if whole else 0) + 900 * spoons


def test_a_part_that_is_gone_keeps_its_set_back() -> None:
    facts = Facts(claimed={"lid-1": ClaimedUnit("R-2", back=True)})
    assert allowed(decided(asked(set=2, lid=4), facts)) == set()
    assert allowed(decided(asked(set=1, lid=2), facts)) == {"set-1", "lid-2", "lid-3"}


@pytest.mark.parametrize("resolution", [one for one in Resolution if rule_of(one).pays is None])
def test_a_part_alone_is_repaired_or_replaced(resolution: Resolution) -> None:
    assert allowed(decided(asked(lid=1) | {"resolution": resolution})) == {"lid-1"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"part_of": "pan"}, "part_of: expected a line of the order that is no part itself"),
        ({"part_of": "lid"}, "part_of: expected a line of the order"),
        ({"quantity": 3}, "quantity: expected a multiple of the 2 of line set"),
    ],
)
def test_what_is_no_set_is_refused_by_field(changes: dict[str, Any], said: str) -> None:
    raw = asked(lines=[LINES[0], LINES[1] | changes, LINES[2]], spoon=1)
    with pytest.raises(InvalidRequest, match=rf"order\.lines\.1\.{said}"):
        parse_request(raw, now=NOW, forbid_unknown=True)
