"""Steps that failed for good, of all returns: shown, and answered many at once."""

from datetime import UTC, datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from client.attention import RATE, AttentionAnswers, WaitingFilter, WaitingReturn, answer_waiting, waiting_returns
from lifecycle.contract.messages import AttentionAction, By, ResolveAttention
from lifecycle.contract.retries import Rate
from lifecycle.contract.texts import Text, Words
from lifecycle.contract.times import Instant
from starter.api.findings import FINDING
from starter.api.shared import examples
from starter.api.shared.api_keys import CallerDep, authenticate
from starter.api.shared.bodies import Body, answers, json_of
from starter.api.shared.problems import ALWAYS, INVALID, OF_A_BODY
from starter.shared.findings import KnownFinding, waiting_findings
from starter.shared.services import ServicesDep

router = APIRouter(prefix="/v1/attention", tags=["operations"])
#: Returns that a call looks at; and the seconds that answers of one call take.
_MOST: Final = 500
_LASTS: Final = 2.0


class WaitingQuery(BaseModel):
    """Which steps: those of that kind, whose error has that in it, that wait since before that."""

    model_config = ConfigDict(extra="forbid")

    step: Annotated[Words | None, Field(examples=["label"])] = None
    error: Annotated[Words | None, Field(description="A part of its error, in letters of any case.")] = None
    before: Annotated[Instant | None, Field(description="Waiting since before that; now when left out.")] = None


class WaitingReturns(BaseModel):
    """Returns by the step that waits longest; ``more``: only the newest that wait were looked at.

    ``findings`` are what does not agree between the books, partners and Temporal, and nobody has acknowledged.
    """

    returns: list[WaitingReturn]
    more: bool
    findings: list[KnownFinding]


class AnswerWaiting(BaseModel):
    """An answer to all steps of a kind, that wait since ``before`` and whose error has ``error`` in it.

    ``rps`` of them are answered each second.
    """

    by: By
    why: Text
    action: AttentionAction
    step: Words
    before: Instant
    error: Words | None = None
    rps: Rate = RATE


_WAITING: Final[dict[str, Any]] = {
    "return_id": examples.RETURN_ID,
    "step": "label",
    "error": "EasyPost answered 503",
    "since": "2026-11-24T15:00:00Z",
    "resolve_by": None,
    "amount": 4033,
    "currency": "USD",
}
_ANSWER: Final = Body(
    AnswerWaiting,
    {
        "by": "operations",
        "why": "the carrier is well again",
        "action": "retry",
        "step": "label",
        "before": "2026-11-24T18:00:00Z",
        "error": "503",
        "rps": 5,
    },
)


@router.get(
    "",
    summary="Show what waits for an operator",
    **answers(
        WaitingReturns,
        {"returns": [_WAITING], "more": False, "findings": [FINDING]},
        "The longest waiting first.",
        *ALWAYS,
        INVALID,
    ),
    dependencies=[Depends(authenticate)],
)
async def list_waiting(wishes: Annotated[WaitingQuery, Query()], services: ServicesDep) -> Response:
    """Each return that waits, by the step that waits longest: with its error, its promise and its amount.

    And what does not agree with the books, unless a step is named.
    """
    wanted = WaitingFilter(wishes.step, wishes.error, wishes.before or datetime.now(UTC))
    found = await waiting_returns(services.homeward, wanted, _MOST)
    findings = [] if wanted.step else await waiting_findings(services.db, wanted.error, wanted.before)
    return json_of(WaitingReturns(returns=found, more=len(found) == _MOST, findings=findings))


@router.post(
    "",
    summary="Answer all steps of a kind that wait for an operator",
    **answers(
        AttentionAnswers,
        {"answered": [examples.RETURN_ID], "refused": {}, "left": 2},
        "Done; the call lasts some seconds at most.",
        *(*ALWAYS, *OF_A_BODY),
        body=_ANSWER,
    ),
)
async def answer_many(
    caller: CallerDep, message: Annotated[AnswerWaiting, Depends(_ANSWER)], services: ServicesDep
) -> Response:
    """Give them the answer, the longest waiting first; repeat the call for those that are `left`.

    A step that fails again after `before` is not answered once more.
    """
    waiting = await waiting_returns(
        services.homeward, WaitingFilter(message.step, message.error, message.before), _MOST
    )
    answer = ResolveAttention.model_validate(message.model_dump(include={"by", "why", "action"}))
    most = max(1, int(message.rps * _LASTS))
    return json_of(await answer_waiting(services.homeward, waiting, caller.signs(answer), message.rps, most))
