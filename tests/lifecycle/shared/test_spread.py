"""What is due for many at once is done at a moment of each one's own."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from lifecycle.shared.spread import spread

HOUR = timedelta(hours=1)
LIMIT = datetime(2026, 11, 28, 4, 59, 59, tzinfo=UTC)
_INSTANTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


@given(st.text(), _INSTANTS, st.timedeltas(timedelta(seconds=1), timedelta(days=2)))
@example("", LIMIT, timedelta(seconds=1))
def test_it_is_within_the_time_and_never_after_its_end(identity: str, before: datetime, over: timedelta) -> None:
    at = spread(identity, before, over)
    assert before - over < at <= before
    assert at == spread(identity, before, over)
    assert (before - at).microseconds == 0


@given(st.integers(0, 10**9), st.sampled_from(["R-{}", "SB-{:08}", "returns/2026/{}"]))
def test_ids_that_follow_each_other_are_spread_over_the_hour(first: int, form: str) -> None:
    minutes = Counter(
        (LIMIT - spread(form.format(first + number), LIMIT, HOUR)) // timedelta(minutes=1) for number in range(1200)
    )
    # Twenty a minute when even: none is empty, and none has what three would have.
    assert set(minutes) == set(range(60))
    assert max(minutes.values()) < 60


def test_it_is_the_same_in_every_release() -> None:
    assert spread("R-1001", LIMIT, HOUR) == LIMIT - timedelta(seconds=679)
