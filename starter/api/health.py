"""Whether the process is alive, and whether what it needs answers."""

from datetime import timedelta

from fastapi import APIRouter, Response
from pydantic import BaseModel
from sqlalchemy import text
from temporalio.service import RPCError

from gateways.errors import GatewayError
from starter.web.doors import Doors, DoorsHere

router = APIRouter(tags=["health"])
_SOON = timedelta(seconds=2)


class Health(BaseModel):
    """What answers."""

    temporal: bool
    database: bool


@router.get("/healthz")
async def alive() -> dict[str, bool]:
    """The process is alive."""
    return {"alive": True}


@router.get("/readyz", responses={503: {"model": Health, "description": "One of them does not answer."}})
async def ready(doors: DoorsHere, response: Response) -> Health:
    """Temporal and the database answer."""
    found = Health(temporal=await _temporal_answers(doors), database=await _database_answers(doors))
    if not (found.temporal and found.database):
        response.status_code = 503
    return found


async def _temporal_answers(doors: Doors) -> bool:
    try:
        return await doors.client.service_client.check_health(timeout=_SOON)
    except (RPCError, RuntimeError):
        return False


async def _database_answers(doors: Doors) -> bool:
    try:
        await doors.db.read(lambda connection: connection.execute(text("SELECT 1")))
    except GatewayError:
        return False
    return True
