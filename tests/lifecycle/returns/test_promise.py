"""Counting kept promises."""

from datetime import datetime, timedelta

import pytest

from lifecycle.contract.view import TimelineEntry
from lifecycle.returns.promise import Kept, Report, kept, report
from tests.lifecycle.orders import NOW
from tests.lifecycle.returns.story import BOTH, Story

TARGET, LIMIT = NOW, NOW + timedelta(days=2)


def settled(after: float, took: int = 3) -> Kept:
    return Kept(took=took, target=TARGET, limit=LIMIT, settled=NOW + timedelta(days=after))


def waiting() -> Kept:
    return Kept(took=None, target=TARGET, limit=LIMIT, settled=None)


@pytest.mark.parametrize(
    ("returns", "now", "expected"),
    [
        ([settled(0), settled(0.001), settled(2), settled(2.001)], NOW, (1, 2, 1, 0, 0, 0)),
        ([waiting()], NOW, (0, 0, 0, 1, 0, 0)),
        ([waiting()], NOW + timedelta(seconds=1), (0, 0, 0, 1, 1, 0)),
        ([waiting()], LIMIT + timedelta(seconds=1), (0, 0, 0, 1, 0, 1)),
    ],
)
def test_within_target_within_limit_later_and_open(
    returns: list[Kept], now: datetime, expected: tuple[int, ...]
) -> None:
    found = report(returns, now)
    assert tuple(found.model_dump().values())[:6] == expected


def test_median_and_95th_percentile() -> None:
    found = report([settled(0, days) for days in (*[2] * 10, *[4] * 10, 9)], NOW)
    assert (found.median, found.percentile_95) == (4, 4)
    assert report([], NOW) == Report(
        within_target=0, within_limit=0, later=0, open=0, open_past_target=0, open_past_limit=0, median=None,
        percentile_95=None,
    )  # fmt: skip


def test_a_return_tells_how_many_business_days_it_took() -> None:
    story = Story()
    opening = story.ret.opened.model_dump(mode="json")
    assert kept(story.view, opening) is None
    story.receive(BOTH)
    one = kept(story.view, opening)
    assert one
    assert one.settled is None
    view = story.view
    view.timeline.append(TimelineEntry(at=NOW + timedelta(days=7), event="refunded", by="engine"))
    two = kept(view, opening)
    assert two
    # Handed over on Wednesday 25 November; Thanksgiving and a weekend lie before Tuesday 1 December.
    assert two.took == 3
