"""What may be said to a running return: one call for each update (CONTRACT section 7)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel

from client.returns import Homeward
from lifecycle.contract import messages
from lifecycle.contract.view import Summary
from starter.api.returns.exchanges import check_changed
from starter.api.returns.start_and_read import ReturnId
from starter.api.shared import examples
from starter.api.shared.api_keys import CallerDep
from starter.api.shared.bodies import Body, answers, json_of
from starter.api.shared.idempotency import Repeats
from starter.api.shared.problems import ALWAYS, KEY_REUSED, OF_A_BODY, OF_A_RETURN
from starter.shared.services import ServicesDep

router = APIRouter(prefix="/v1/returns/{return_id}", tags=["actions"])


@dataclass(frozen=True)
class Action:
    """One call: its name, its body, the update that it sends."""

    name: str
    body: Body[Any]
    send: Callable[..., Awaitable[BaseModel]]
    summary: str
    #: The message has an id of its own: repeated, it changes nothing.
    has_id: bool = False


ACTIONS = (
    Action(
        "approve",
        Body(messages.Approve, {"by": "reviewer", "note": "a good customer"}),
        Homeward.approve,
        "Approve a return in review",
    ),
    Action(
        "decline",
        Body(messages.Decline, {"by": "reviewer", "reason": "worn for months"}),
        Homeward.decline,
        "Decline a return in review",
    ),
    Action(
        "cancel",
        Body(messages.Cancel, {"by": "customer", "reason": "changed my mind"}),
        Homeward.cancel,
        "Cancel a return, until handover or the first settlement effect",
    ),
    Action(
        "receipts",
        Body(messages.Receipt, {"receipt_id": "RC-1", "complete": True, "units": [{"line_id": "1", "quantity": 1}]}),
        Homeward.record_receipt,
        "Record what arrived in one parcel",
        has_id=True,
    ),
    Action(
        "inspections",
        Body(
            messages.Inspection,
            {"inspection_id": "IN-1", "by": "warehouse", "units": [{"unit_id": "1-1", "accepted": True, "grade": "A"}]},
        ),
        Homeward.record_inspection,
        "Record the grades of received units",
        has_id=True,
    ),
    Action(
        "change",
        Body(messages.ChangeRequest, {"by": "customer", "resolution": "store_credit"}),
        Homeward.change_request,
        "Change items, resolution, method or pickup time, before the handover",
    ),
    Action(
        "charge",
        Body(messages.AnswerCharge, {"by": "customer", "accepted": False, "instead": "store_credit"}),
        Homeward.answer_charge,
        "Answer whether an exchange may cost more than was agreed",
    ),
    Action(
        "wipes",
        Body(messages.AttestWipe, {"by": "bench", "unit_id": "1-1", "how": "factory reset"}),
        Homeward.attest_wipe,
        "Attest that a unit's personal data was wiped",
    ),
    Action(
        "attention",
        Body(messages.ResolveAttention, {"by": "finance", "action": "mark_done", "reference": "bank transfer 12"}),
        Homeward.resolve_attention,
        "Answer a step that failed for good",
    ),
    Action(
        "override",
        Body(messages.Override, {"by": "support", "why": "agreed by phone", "field": "amount", "value": 4000}),
        Homeward.override,
        "Override a fact by hand",
    ),
)


def declared(action: Action, answer: type[BaseModel], example: Any, subject: str = "return") -> dict[str, Any]:
    """How a call of this kind is described; ``subject`` is what it is done to."""
    problems = (*ALWAYS, *OF_A_BODY, *OF_A_RETURN, KEY_REUSED)
    return {
        "path": f"/{action.name}",
        "methods": ["POST"],
        "operation_id": _operation_id(action.send.__name__, subject),
        "summary": action.summary,
        "description": action.body.model.__doc__,
        **answers(answer, example, "Accepted; the return's summary.", *problems, body=action.body),
    }


def _operation_id(verb: str, subject: str) -> str:
    """The name that a generated client gives the call, beside those of all others."""
    return verb if "_" in verb else f"{verb}_{subject}"


def _add(action: Action) -> None:
    async def act(
        return_id: ReturnId,
        caller: CallerDep,
        message: Annotated[Any, Depends(action.body)],
        repeats: Repeats,
        services: ServicesDep,
    ) -> Response:
        if isinstance(message, messages.ChangeRequest):
            await check_changed(services, caller, return_id, message)
        await repeats.return_id(services, caller, message, return_id)
        more = () if action.has_id else (repeats.request_id(caller),)
        return json_of(await action.send(services.homeward, return_id, caller.signs(message), *more))

    router.add_api_route(endpoint=act, **declared(action, Summary, examples.SUMMARY))


for _action in ACTIONS:
    _add(_action)
