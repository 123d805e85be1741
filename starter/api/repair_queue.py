"""What is on the repair bench, and each repair by itself."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from client.repairs import QueuedRepair
from lifecycle.repairs.messages import RepairView
from lifecycle.shared.repair_messages import RepairState
from starter.api.returns.start_and_read import ReturnId
from starter.api.shared import examples
from starter.api.shared.api_keys import authenticate
from starter.api.shared.bodies import answers, json_of
from starter.api.shared.problems import ALWAYS, INVALID, NOT_FOUND
from starter.shared.services import ServicesDep

router = APIRouter(prefix="/v1/repairs", tags=["repairs"], dependencies=[Depends(authenticate)])


class BenchQuery(BaseModel):
    """Which repairs that are under way."""

    model_config = ConfigDict(extra="forbid")

    state: RepairState | None = None
    attention: Annotated[bool, Field(description="Only those that wait for an operator.")] = False
    limit: Annotated[int, Field(ge=1, le=500)] = 100


class Bench(BaseModel):
    """What is on the bench, the longest waiting first."""

    repairs: list[QueuedRepair]


_QUEUED: Final[dict[str, Any]] = {
    "return_id": examples.RETURN_ID,
    "unit_id": "1-1",
    "sku": "PHONE-X",
    "location": "main",
    "state": "awaiting_customer",
    "since": "2026-11-24T15:04:05Z",
    "attention": None,
}
_VIEW: Final[dict[str, Any]] = {
    **examples.REPAIR,
    "order_id": "SO-5501",
    "sku": "PHONE-X",
    "title": "Phone",
    "serial_number": None,
    "location": "main",
    "in_warranty": False,
    "rounds": 0,
    "parts": [],
    "closed": False,
    "timeline": [{"at": "2026-11-24T15:04:05Z", "event": "diagnosed", "by": "bench", "detail": None}],
}


@router.get(
    "",
    summary="List what is on the repair bench",
    **answers(Bench, {"repairs": [_QUEUED]}, "The longest waiting first.", *ALWAYS, INVALID),
)
async def list_repairs(wishes: Annotated[BenchQuery, Query()], services: ServicesDep) -> Response:
    """Repairs that are under way, a moment behind the repairs themselves."""
    found = await services.repairs.queue(wishes.state, attention=wishes.attention, limit=wishes.limit)
    return json_of(Bench(repairs=found))


@router.get(
    "/{return_id}/{unit_id:path}",
    summary="Show a repair",
    **answers(RepairView, _VIEW, "All there is to see.", *ALWAYS, NOT_FOUND, INVALID),
)
async def show_repair(
    return_id: ReturnId, unit_id: Annotated[str, Path(examples=["1-1"])], services: ServicesDep
) -> Response:
    """What the bench and the customer said, what it costs, and what comes next; as long as Temporal keeps it."""
    return json_of(await services.repairs.view(return_id, unit_id))
