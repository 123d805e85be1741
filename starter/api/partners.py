"""The partners, for operators: how failed steps are tried again, and how many begin each second."""

from datetime import datetime
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Path, Response
from pydantic import BaseModel

from client.partners.limits import Limits
from lifecycle.contract.retries import HurrySteps, LimitChange, RetryChange, RetryReset
from starter.api.shared.api_keys import CallerDep, authenticate
from starter.api.shared.bodies import Body, answers, json_of
from starter.api.shared.problems import ALWAYS, NOT_FOUND, OF_A_BODY
from starter.shared.retries import PARTNERS, Moved, Retries
from starter.shared.services import ServicesDep

router = APIRouter(prefix="/v1/partners", tags=["operations"])


class LastChange(BaseModel):
    """Who changed how a partner's failed steps are tried again."""

    at: datetime
    by: str
    why: str


class HeldLimit(BaseModel):
    """At most ``rps`` steps begin each second: 0 is a pause, None no limit. ``reason`` is why and by whom.

    Where it changes by itself, it is ``then_rps`` from ``until`` on.
    """

    rps: float | None
    reason: str | None
    at: datetime | None
    until: datetime | None
    then_rps: float | None


class Breaker(BaseModel):
    """A partner that fails for everybody with one code: one step after the other is tried, ``probed_at`` the last.

    Once one has worked it is ``recovering``: what waits is being hurried.
    """

    code: str
    state: Literal["open", "recovering"]
    since: datetime
    probed_at: datetime | None


class Partner(BaseModel):
    """How a partner's failed steps are tried again, how many steps may begin, and what waits.

    Waits double from ``initial_seconds`` to ``maximum_seconds``. ``since`` is the longest waiting step's first
    failure, ``next_at`` when the first is tried again, ``codes`` how many fail in which way. ``recovery_rps`` of
    them are tried each second once it is back, after a breaker was open.
    """

    partner: str
    initial_seconds: float
    maximum_seconds: float
    give_up_after_seconds: float
    retry_after_maximum_seconds: float
    recovery_rps: float
    limit: HeldLimit | None
    changed: LastChange | None
    waiting: int
    since: datetime | None
    next_at: datetime | None
    codes: dict[str, int]
    breakers: list[Breaker]


class Partners(BaseModel):
    """Every partner."""

    partners: list[Partner]


class MovedSteps(BaseModel):
    """How many waiting steps got another time, and how many are ``left``: repeat the call for these."""

    moved: int
    left: int


PartnerName = Annotated[str, Path(description=f"One of {', '.join(PARTNERS)}.", examples=["carrier"])]
_CHANGE: Final = Body(RetryChange, {"by": "operations", "why": "the carrier asked for calm", "initial_seconds": 30})
_RESET: Final = Body(RetryReset, {"by": "operations", "why": "the carrier is well again"})
_LIMIT: Final = Body(LimitChange, {"by": "operations", "why": "down for maintenance", "rps": 0, "for_seconds": 7200})
_HURRY: Final = Body(HurrySteps, {"code": "503", "rps": 5})
_HELD: Final = {
    "rps": 0.0,
    "reason": "down for maintenance (operations)",
    "at": "2026-03-16T09:55:00Z",
    "until": "2026-03-16T11:55:00Z",
    "then_rps": None,
}
_ONE: Final = {
    "partner": "carrier",
    "initial_seconds": 30.0,
    "maximum_seconds": 300.0,
    "give_up_after_seconds": 43200.0,
    "retry_after_maximum_seconds": 900.0,
    "recovery_rps": 5.0,
    "limit": _HELD,
    "changed": {"at": "2026-03-16T10:02:00Z", "by": "operations", "why": "the carrier asked for calm"},
    "waiting": 20,
    "since": "2026-03-16T09:50:00Z",
    "next_at": "2026-03-16T10:04:10Z",
    "codes": {"503": 20},
    "breakers": [
        {"code": "503", "state": "open", "since": "2026-03-16T09:50:08Z", "probed_at": "2026-03-16T10:02:03Z"}
    ],
}


def _moves(body: Body[Any]) -> dict[str, Any]:
    example, done = {"moved": 100, "left": 20}, "Done; the call lasts some seconds at most."
    return answers(MovedSteps, example, done, *ALWAYS, *OF_A_BODY, NOT_FOUND, body=body)


@router.get(
    "",
    summary="Show each partner: its limit, how failed steps are tried again, and what waits",
    **answers(Partners, {"partners": [_ONE]}, "Each partner.", *ALWAYS),
    dependencies=[Depends(authenticate)],
)
async def list_partners(services: ServicesDep) -> Response:
    """The rules that hold, who changed them, and what waits: an outage is one line."""
    rows = await _retries(services).show()
    return json_of(Partners(partners=[Partner.model_validate(row) for row in rows]))


@router.post(
    "/{partner}/retries",
    summary="Change how a partner's failed steps are tried again",
    **_moves(_CHANGE),
)
async def change_retries(
    partner: PartnerName, caller: CallerDep, message: Annotated[RetryChange, Depends(_CHANGE)], services: ServicesDep
) -> Response:
    """From now on, for new returns, open ones, and steps that wait already."""
    return _moved(await _retries(services).change(partner, caller.signs(message)))


@router.post(
    "/{partner}/retries/reset",
    summary="Have a partner's failed steps tried again as by default",
    **_moves(_RESET),
)
async def reset_retries(
    partner: PartnerName, caller: CallerDep, message: Annotated[RetryReset, Depends(_RESET)], services: ServicesDep
) -> Response:
    """From now on, as the code and the settings say."""
    return _moved(await _retries(services).reset(partner, caller.signs(message)))


@router.post(
    "/{partner}/retries/now",
    summary="Try a partner's waiting steps now",
    **_moves(_HURRY),
    dependencies=[Depends(authenticate)],
)
async def hurry_steps(
    partner: PartnerName, message: Annotated[HurrySteps, Depends(_HURRY)], services: ServicesDep
) -> Response:
    """Try them at the given rate, the longest waiting first; each keeps the number of its attempt."""
    return _moved(await _retries(services).hurry(partner, message.code, message.rps))


@router.post(
    "/{partner}/limit",
    summary="Limit how many of a partner's steps begin each second",
    **answers(HeldLimit, _HELD, "It holds.", *ALWAYS, *OF_A_BODY, NOT_FOUND, body=_LIMIT),
)
async def limit_partner(
    partner: PartnerName, caller: CallerDep, message: Annotated[LimitChange, Depends(_LIMIT)], services: ServicesDep
) -> Response:
    """Bound them: 0 pauses the partner, what would begin waits and no attempt is counted; no figure lifts the limit.

    It holds for `for_seconds`, or ramps up, where the body says so.
    """
    held = await Limits(services.client, services.db).change(partner, caller.signs(message))
    return json_of(HeldLimit.model_validate(held.shown()))


def _retries(services: ServicesDep) -> Retries:
    return Retries(services.client, services.db, services.settings)


def _moved(found: Moved) -> Response:
    return json_of(MovedSteps(moved=found.moved, left=found.left))
