"""What an order carries for others: it changes nothing, and comes out as it went in."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateways.orders.protocol import read_order
from lifecycle.contract.errors import InvalidRequest
from lifecycle.contract.policy import Policy
from lifecycle.contract.request import parse_request
from lifecycle.returns.decisions.quote import quote
from tests.lifecycle.orders import NOW, body

WORDS = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=20)
OF_LINE = st.fixed_dictionaries(
    {},
    optional={
        "category": WORDS,
        "tags": st.lists(WORDS, min_size=1, max_size=3),
        "image_url": WORDS.map(lambda name: f"https://shop.example/{name}.png"),
        "tax_lines": st.just([{"title": "VAT", "rate_percent": "8.875", "amount": 30}, {"title": "", "amount": 3}]),
    },
)
OF_ORDER = st.fixed_dictionaries(
    {}, optional={"locale": st.sampled_from(["de", "pt-BR", "zh_Hant_TW"]), "tags": st.lists(WORDS, min_size=1)}
)


def asked(line: dict[str, Any], order: dict[str, Any]) -> dict[str, Any]:
    made = body(line1={"tax_total": 33, **line}, tenders=[{"tender_id": "t", "kind": "card", "captured": 15433}])
    made["order"] |= order
    return made


@settings(max_examples=25)
@given(OF_LINE, OF_ORDER)
def test_what_is_carried_comes_out_as_it_went_in_and_changes_no_amount(
    line: dict[str, Any], order: dict[str, Any]
) -> None:
    raw = asked(line, order)
    kept = parse_request(raw, now=NOW, forbid_unknown=True).order.model_dump(mode="json")
    assert {name: kept["lines"][0][name] for name in line if name != "tax_lines"} == {
        name: value for name, value in line.items() if name != "tax_lines"
    }
    assert {name: kept[name] for name in order} == order
    assert ("tax_lines" in kept["lines"][0]) is ("tax_lines" in line)
    assert read_order(kept, NOW).order.model_dump(mode="json") == kept
    assert quote(raw, Policy(), NOW) == quote(asked({}, {}), Policy(), NOW)


@pytest.mark.parametrize(
    ("line", "order", "field"),
    [
        ({"tax_lines": [{"amount": 32}]}, {}, "lines.0.tax_lines"),
        ({"image_url": "javascript:alert(1)"}, {}, "lines.0.image_url"),
        ({"tags": ["a\nb"]}, {}, "lines.0.tags.0"),
        ({}, {"locale": "german!"}, "locale"),
        ({}, {"shipping": {"price": 900, "tax_lines": [{"amount": 1}]}}, "shipping.tax_lines"),
    ],
)
def test_what_is_wrong_is_refused_by_field(line: dict[str, Any], order: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        parse_request(asked(line, order), now=NOW, forbid_unknown=True)
    assert f"order.{field}" in dict(refused.value.problems)
