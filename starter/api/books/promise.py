"""How well the promise to customers was kept over a time, and who was late."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from lifecycle.contract.times import Instant
from starter.api.shared.api_keys import authenticate
from starter.api.shared.bodies import answers, json_of
from starter.api.shared.problems import ALWAYS, INVALID
from starter.shared.books.promise import PromiseReport, promise_over
from starter.shared.services import ServicesDep

router = APIRouter(prefix="/v1/promise", tags=["operations"])
_USUAL: Final = timedelta(days=90)


class PromiseQuery(BaseModel):
    """Returns that closed from then on and before then; in the last 90 days when both are left out."""

    model_config = ConfigDict(extra="forbid")

    closed_from: Annotated[Instant | None, Field(description="90 days before the end when left out.")] = None
    closed_before: Annotated[Instant | None, Field(description="Now when left out.")] = None


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
    return json_of(await promise_over(services.db, begins, ends))
