"""How well the promise to customers was kept over a time, and who was late."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from gateways.database.returns.promises import kept_between
from lifecycle.contract.times import Instant
from lifecycle.returns.promise import Kept, report
from starter.api.shared.api_keys import authenticate
from starter.api.shared.bodies import answers, json_of
from starter.api.shared.problems import ALWAYS, INVALID, invalid
from starter.shared.services import ServicesDep

router = APIRouter(prefix="/v1/promise", tags=["operations"])
_USUAL: Final = timedelta(days=90)
_LONGEST: Final = timedelta(days=3650)
#: Late ones that are named.
_MOST: Final = 500


class PromiseQuery(BaseModel):
    """Returns that closed from then on and before then; in the last 90 days when both are left out."""

    model_config = ConfigDict(extra="forbid")

    closed_from: Annotated[Instant | None, Field(description="90 days before the end when left out.")] = None
    closed_before: Annotated[Instant | None, Field(description="Now when left out.")] = None


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


_LATE: Final[dict[str, Any]] = {
    "return_id": "R-1001",
    "business_days": 4,
    "target": "2026-11-20T22:59:59Z",
    "limit": "2026-11-27T22:59:59Z",
    "settled": "2026-11-23T09:00:00Z",
    "past_limit": False,
}
_REPORT: Final[dict[str, Any]] = {
    "closed_from": "2026-10-01T00:00:00Z",
    "closed_before": "2026-11-28T00:00:00Z",
    "settled": 200,
    "within_target": 190,
    "within_limit": 9,
    "later": 1,
    "share_within_target": 0.95,
    "share_within_limit": 0.995,
    "median": 2.0,
    "percentile_95": 3.0,
    "late": [_LATE],
    "more": True,
}


@router.get(
    "",
    summary="Show how well the promise was kept",
    **answers(PromiseReport, _REPORT, "Of the returns that closed in that time.", *ALWAYS, INVALID),
    dependencies=[Depends(authenticate)],
)
async def show_promise(wishes: Annotated[PromiseQuery, Query()], services: ServicesDep) -> Response:
    """Count returns whose clock had started. Open ones that are late: `GET /v1/returns?escalated=true`."""
    ends = wishes.closed_before or datetime.now(UTC)
    begins = wishes.closed_from or ends - _USUAL
    if not timedelta(0) < ends - begins <= _LONGEST:
        raise invalid(("closed_from", "expected an instant before closed_before, by ten years at most"))
    known = await kept_between(services.db, begins, ends)
    found = report([one for _, one in known], ends)
    settled = found.within_target + found.within_limit + found.later
    late = sorted(
        (_late(return_id, one, one.settled) for return_id, one in known if one.settled and one.settled > one.target),
        key=lambda one: one.settled,
    )
    return json_of(
        PromiseReport(
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
