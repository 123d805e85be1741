"""Names on timelines, with the key that they came by."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.contract.errors import InvalidRequest
from lifecycle.contract.said_by import LONGEST, are_two, name_of, signed

NAMES = st.text(min_size=1, max_size=100)
KEYS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,39}", fullmatch=True)


def test_the_keys_name_stands_beside_the_persons() -> None:
    assert signed("alex", "tablet-3") == "alex (key tablet-3)"
    assert signed("alex", "") == "alex"
    assert name_of("alex (key tablet-3)") == "alex"
    assert name_of("alex (night shift)") == "alex (night shift)"


def test_a_name_that_leaves_no_room_is_refused_with_its_longest() -> None:
    assert len(signed("x" * 186, "desk 12")) <= LONGEST
    with pytest.raises(InvalidRequest, match="by: expected at most 186 characters"):
        signed("x" * 187, "desk 12")


@given(NAMES, KEYS, KEYS)
def test_a_key_that_is_written_into_the_name_is_no_other_key(name: str, forged: str, key: str) -> None:
    once, again = signed(name, key), signed(f"somebody else (key {forged})", key)
    assert not are_two(once, again)


@given(NAMES, KEYS)
def test_the_name_is_what_was_written(name: str, key: str) -> None:
    assert name_of(signed(name, key)) == name


@pytest.mark.parametrize(
    ("first", "second", "two"),
    [
        ("alex", "sam", True),
        ("alex", " ALEX ", False),
        ("alex (key a)", "sam (key b)", True),
        ("alex (key a)", "sam (key a)", False),
        ("alex (key a)", "alex (key b)", False),
        ("alex (key a)", "sam", True),
        ("alex (key a)", "alex", False),
    ],
)
def test_two_people_have_two_names_and_two_keys(first: str, second: str, two: bool) -> None:
    assert are_two(first, second) is two
    assert are_two(second, first) is two
