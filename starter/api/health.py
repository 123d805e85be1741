"""Whether the process is alive, and whether it can do its work."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel

from starter.api.shared.bodies import shown
from starter.api.shared.problems import FAILED, MALFORMED, problem_responses
from starter.doctor.readiness import SILENT, Readiness

router = APIRouter(tags=["health"])


class Alive(BaseModel):
    """Said by whoever can say it."""

    alive: Literal[True] = True


class Health(BaseModel):
    """Whether Temporal and the database are as they should be; ``failing`` says what is not, by name, and how."""

    temporal: bool
    database: bool
    failing: dict[str, str]


#: Of the names in ``failing``, those that are Temporal's.
_OF_TEMPORAL = frozenset({"temporal", "search_attributes", "workers"})
_WELL = Health(temporal=True, database=True, failing={})
_ILL = Health(temporal=False, database=True, failing={"temporal": SILENT})


@router.get("/healthz", responses={200: shown({"alive": True}, "It is."), **problem_responses(MALFORMED, FAILED)})
async def check_liveness() -> Alive:
    """The process is alive."""
    return Alive()


async def _readiness(request: Request) -> Readiness:
    found: Readiness = request.app.state.readiness
    return found


@router.get(
    "/readyz",
    responses={
        200: shown(_WELL.model_dump(), "Returns can be taken."),
        503: {"model": Health, **shown(_ILL.model_dump(), "They cannot; `failing` names what is in the way.")},
        **problem_responses(MALFORMED, FAILED),
    },
)
async def check_readiness(readiness: Annotated[Readiness, Depends(_readiness)], response: Response) -> Health:
    """Temporal and the database answer, are set up for this version, and somebody takes the work."""
    failing = dict(await readiness.failing())
    if failing:
        response.status_code = 503
    of_temporal = failing.keys() & _OF_TEMPORAL
    return Health(temporal=not of_temporal, database=failing.keys() == of_temporal, failing=failing)
