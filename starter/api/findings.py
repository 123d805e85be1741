"""What the last comparison of the books with partners and Temporal has found: shown, and acknowledged."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, ConfigDict

from lifecycle.reconciliation.acknowledge import AcknowledgeFinding
from starter.api.shared import examples
from starter.api.shared.api_keys import CallerDep, authenticate
from starter.api.shared.bodies import Body, answers, json_of
from starter.api.shared.problems import ALWAYS, INVALID, NOT_FOUND, OF_A_BODY
from starter.shared.findings import MOST, KnownFinding, acknowledge, known_findings
from starter.shared.services import ServicesDep

router = APIRouter(prefix="/v1/findings", tags=["operations"])


class FindingsQuery(BaseModel):
    """Which of them: those that somebody has acknowledged, or those that nobody has; all when left out."""

    model_config = ConfigDict(extra="forbid")

    acknowledged: bool | None = None


class Findings(BaseModel):
    """What was found first stands first; ``more``: there are more than these."""

    findings: list[KnownFinding]
    more: bool


FINDING: Final[dict[str, Any]] = {
    "kind": "refund_by_hand",
    "return_id": examples.RETURN_ID,
    "subject": "re_1",
    "text": "re_1 over 500 was paid back at the provider, and not by Homeward",
    "advice": f"`homeward show {examples.RETURN_ID}`",
    "since": "2026-11-24T03:12:00Z",
    "acknowledged": None,
}
_NOTED: Final = {"at": "2026-11-24T09:00:00Z", "by": "operations", "why": "a voucher for the long wait"}
_SAID: Final = Body(
    AcknowledgeFinding,
    {
        "by": "operations",
        "why": "a voucher for the long wait",
        "return_id": examples.RETURN_ID,
        "kind": "refund_by_hand",
        "subject": "re_1",
    },
)


@router.get(
    "",
    summary="Show what does not agree between the books, partners and Temporal",
    **answers(Findings, {"findings": [FINDING], "more": False}, "By the last comparison.", *ALWAYS, INVALID),
    dependencies=[Depends(authenticate)],
)
async def list_findings(wishes: Annotated[FindingsQuery, Query()], services: ServicesDep) -> Response:
    """What the comparison of last night has found, or the last `homeward reconcile`; nothing is compared now."""
    found = await known_findings(services.db, acknowledged=wishes.acknowledged)
    return json_of(Findings(findings=found, more=len(found) == MOST))


@router.post(
    "/acknowledge",
    summary="Acknowledge a finding",
    **answers(
        Findings,
        {"findings": [FINDING | {"acknowledged": _NOTED}], "more": False},
        "What it concerns.",
        *(*ALWAYS, *OF_A_BODY, NOT_FOUND),
        body=_SAID,
    ),
)
async def acknowledge_finding(
    caller: CallerDep, message: Annotated[AcknowledgeFinding, Depends(_SAID)], services: ServicesDep
) -> Response:
    """Nobody has to look at it as it is: it is in no metric and no list of what waits. It is again once it changes.

    With `take_back` it is again now.
    """
    return json_of(Findings(findings=await acknowledge(services.db, caller.signs(message)), more=False))
