"""How well the promise was kept: settled within target, within limit, later, or not yet."""

from collections.abc import Iterable
from datetime import datetime
from statistics import median, quantiles
from typing import Any

from pydantic import BaseModel

from lifecycle.calendar.clock import Calendar
from lifecycle.contract.statuses import ENDED_UNSETTLED, SETTLED
from lifecycle.contract.view import View


class Kept(BaseModel):
    """One return: ``took`` business days from the clock's start to the settlement, None while it is open."""

    took: int | None
    target: datetime
    limit: datetime
    settled: datetime | None


class Report(BaseModel):
    """Counts of returns whose clock has started; median and 95th percentile in business days."""

    within_target: int
    within_limit: int
    later: int
    open: int
    open_past_target: int
    open_past_limit: int
    median: float | None
    percentile_95: float | None


def kept(view: View, opening: dict[str, Any]) -> Kept | None:
    """What one return says of the promise; None when its clock never started, or it ended unsettled."""
    target, limit = view.deadlines.target, view.deadlines.limit
    if target is None or limit is None or view.status in ENDED_UNSETTLED:
        return None
    settled = next((entry.at for entry in view.timeline if entry.event in SETTLED), None)
    start = _start(view, opening["terms"]["starts_on"])
    calendar = Calendar.model_validate(opening["calendar"])
    took = calendar.business_days_between(start, settled) if settled and start else None
    return Kept(took=took, target=target, limit=limit, settled=settled)


def _start(view: View, starts_on: str) -> datetime | None:
    if starts_on == "handover":
        return view.handover.at
    event = "requested" if starts_on == "requested" else "received"
    return next((entry.at for entry in view.timeline if entry.event == event), None)


def report(returns: Iterable[Kept], now: datetime) -> Report:
    """Put them together."""
    known = list(returns)
    settled = [one for one in known if one.settled]
    days = sorted(one.took for one in settled if one.took is not None)
    waiting = [one for one in known if not one.settled]
    in_target = [one for one in settled if one.settled and one.settled <= one.target]
    in_limit = [one for one in settled if one.settled and one.target < one.settled <= one.limit]
    return Report(
        within_target=len(in_target),
        within_limit=len(in_limit),
        later=len(settled) - len(in_target) - len(in_limit),
        open=len(waiting),
        open_past_target=sum(one.target < now <= one.limit for one in waiting),
        open_past_limit=sum(one.limit < now for one in waiting),
        median=median(days) if days else None,
        percentile_95=_percentile_95(days),
    )


def _percentile_95(days: list[int]) -> float | None:
    if len(days) < 2:
        return float(days[0]) if days else None
    return quantiles(days, n=20, method="inclusive")[-1]
