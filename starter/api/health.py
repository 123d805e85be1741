"""Whether the process is alive, and whether what it needs answers."""

import asyncio
from datetime import timedelta
from typing import Final, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from client.within import answers
from gateways.database.tables.access import secrets
from gateways.errors import GatewayError
from starter.api.shared.bodies import shown
from starter.api.shared.problems import FAILED, MALFORMED, problem_responses
from starter.shared.services import Services, ServicesDep

router = APIRouter(tags=["health"])
_NEWEST: Final = select(secrets.c.name).limit(1)
_SOON = timedelta(seconds=2)


class Alive(BaseModel):
    """Said by whoever can say it."""

    alive: Literal[True] = True


class Health(BaseModel):
    """What answers."""

    temporal: bool
    database: bool


@router.get("/healthz", responses={200: shown({"alive": True}, "It is."), **problem_responses(MALFORMED, FAILED)})
async def alive() -> Alive:
    """The process is alive."""
    return Alive()


@router.get(
    "/readyz",
    responses={
        200: shown({"temporal": True, "database": True}, "Both answer."),
        503: {"model": Health, **shown({"temporal": False, "database": True}, "One of them does not.")},
        **problem_responses(MALFORMED, FAILED),
    },
)
async def ready(services: ServicesDep, response: Response) -> Health:
    """Temporal and the database answer."""
    temporal, database = await asyncio.gather(answers(services.client, _SOON), _database_answers(services))
    found = Health(temporal=temporal, database=database)
    if not (found.temporal and found.database):
        response.status_code = 503
    return found


async def _database_answers(services: Services) -> bool:
    try:
        async with asyncio.timeout(_SOON.total_seconds()):
            await services.db.read(lambda connection: connection.execute(_NEWEST).first())
    except (GatewayError, DBAPIError, TimeoutError):  # away, or without its newest tables
        return False
    return True
