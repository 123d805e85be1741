"""How often operations are written to of one kind of step that fails for good."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from lifecycle.shared.digest import EVERY, GATHER, digest_due

START = datetime(2026, 3, 16, 9, tzinfo=UTC)


@given(st.lists(st.floats(0, 10_000), min_size=1, max_size=200))
def test_never_two_within_a_quarter_of_an_hour_and_nobody_waits_longer(seconds: list[float]) -> None:
    dues: list[datetime] = []
    for now in sorted(START + timedelta(seconds=second) for second in seconds):
        due = digest_due(dues[-1] if dues else None, now)
        assert now < due <= now + max(GATHER, EVERY)
        if due not in dues:
            dues.append(due)
    assert all(later - earlier >= EVERY for earlier, later in pairwise(dues))


def test_a_first_one_waits_a_moment_for_others() -> None:
    assert digest_due(None, START) == START + GATHER
    assert digest_due(START + GATHER, START + timedelta(seconds=10)) == START + GATHER


def test_what_comes_when_it_has_gone_out_is_in_the_next() -> None:
    assert digest_due(START, START) == START + EVERY
    assert digest_due(START, START + timedelta(hours=5)) == START + timedelta(hours=5) + GATHER
