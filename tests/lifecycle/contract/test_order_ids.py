"""An order's id is one id, however it is spelt."""

import pytest
from hypothesis import given
from hypothesis.strategies import sampled_from, text

from lifecycle.contract.order_ids import order_key, spellings

IDS = text(min_size=1, max_size=100)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("echo-78", "ECHO-78"),
        ("WEB-77", "web-77"),
        ("#1071", "1071"),
        ("# 1071", "##1071"),
        ("WEB 77", "web\u00a077"),
        ("SO\u200b-5501", "SO-5501"),
        ("１０７１", "1071"),  # noqa: RUF001 - as a Japanese keyboard types it
        ("Straße-1", "STRASSE-1"),
        ("Zoe\u0301-1", "zoé-1"),
    ],
)
def test_spellings_of_one_id_have_one_key(one: str, other: str) -> None:
    assert order_key(one) == order_key(other)


@pytest.mark.parametrize(("one", "other"), [("SO-1", "SO-10"), ("SO-1", "SO1"), ("1-071", "1071"), ("A#1", "A1")])
def test_other_ids_have_other_keys(one: str, other: str) -> None:
    assert order_key(one) != order_key(other)


@given(IDS, sampled_from([str.upper, str.lower, str.swapcase, "#{}".format, " {} ".format, "{}\u200b".format]))
def test_a_key_fits_its_column_and_stands_for_every_spelling(order_id: str, spelt: object) -> None:
    key = order_key(order_id)
    assert 0 < len(key) <= 100
    if callable(spelt) and order_id.isascii() and order_id.strip(" #"):
        assert order_key(spelt(order_id)) == key


@given(IDS)
def test_what_was_typed_is_looked_for_first(typed: str) -> None:
    found = spellings(typed)
    assert found == [] or found[0] == typed.strip()
    assert len(set(found)) == len(found) <= 5


def test_every_usual_spelling_is_looked_for() -> None:
    assert spellings(" #Web-77 ") == ["#Web-77", "Web-77", "WEB-77", "web-77"]
    assert spellings("1071") == ["1071", "#1071"]
    assert spellings(" # ") == []
