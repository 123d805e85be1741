"""How well the promise to customers was kept over a time, as the command line and the API tell it."""

from datetime import datetime, timedelta
from typing import Final

from pydantic import AwareDatetime, BaseModel

from gateways.database.engine import Database
from gateways.database.returns.promises import kept_between
from lifecycle.contract.errors import InvalidRequest
from lifecycle.returns.promise import Kept, report

_LONGEST: Final = timedelta(days=3650)
#: Late ones that are named.
_MOST: Final = 500


class LateReturn(BaseModel):
    """Settled after its target: ``past_limit``, after the limit too. ``business_days`` is how many it took."""

    return_id: str
    business_days: int | None
    target: AwareDatetime
    limit: AwareDatetime
    settled: AwareDatetime
    past_limit: bool


class PromiseReport(BaseModel):
    """Settled returns of that time, and how long they took, in business days.

    ``share_within_target`` and ``share_within_limit`` are of all of them, from 0 to 1; the second counts those of the
    first too. ``late`` are those after the target, the latest last; ``more``: there are more than these.
    """

    closed_from: AwareDatetime
    closed_before: AwareDatetime
    settled: int
    within_target: int
    within_limit: int
    later: int
    share_within_target: float | None
    share_within_limit: float | None
    median: float | None
    percentile_95: float | None
    late: list[LateReturn]
    more: bool


async def promise_over(db: Database, begins: datetime, ends: datetime) -> PromiseReport:
    """Of the returns that closed from ``begins`` on and before ``ends``, of those whose clock had started.

    Raises ``InvalidRequest`` for no time, or one that is longer than ten years.
    """
    if not timedelta(0) < ends - begins <= _LONGEST:
        expected = "expected an instant before closed_before, by ten years at most"
        raise InvalidRequest([("closed_from", expected)])
    known = await kept_between(db, begins, ends)
    found = report([one for _, one in known], ends)
    settled = found.within_target + found.within_limit + found.later
    late = sorted(
        (_late(return_id, one, one.settled) for return_id, one in known if one.settled and one.settled > one.target),
        key=lambda one: one.settled,
    )
    return PromiseReport(
        closed_from=begins,
        closed_before=ends,
        settled=settled,
        within_target=found.within_target,
        within_limit=found.within_limit,
        later=found.later,
        share_within_target=found.within_target / settled if settled else None,
        share_within_limit=(settled - found.later) / settled if settled else None,
        median=found.median,
        percentile_95=found.percentile_95,
        late=late[-_MOST:],
        more=len(late) > _MOST,
    )


def _late(return_id: str, one: Kept, settled: datetime) -> LateReturn:
    return LateReturn(
        return_id=return_id,
        business_days=one.took,
        target=one.target,
        limit=one.limit,
        settled=settled,
        past_limit=settled > one.limit,
    )
