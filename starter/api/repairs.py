"""What bench and customer say of a unit that is being repaired."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Response

from client.repairs import Repairs
from lifecycle.contract.messages import ResolveAttention
from lifecycle.repairs.messages import Diagnosis, EstimateAnswer, RepairCheck, RepairSummary, RepairWork
from starter.api.returns.actions import Action, declared
from starter.api.returns.start_and_read import ReturnId
from starter.api.shared import examples
from starter.api.shared.api_keys import CallerDep
from starter.api.shared.bodies import Body, json_of
from starter.api.shared.idempotency import Repeats
from starter.shared.services import ServicesDep

#: A line's id may hold a slash.
router = APIRouter(prefix="/v1/returns/{return_id}/repairs/{unit_id:path}", tags=["repairs"])

ACTIONS = (
    Action(
        "diagnosis",
        Body(Diagnosis, {"diagnosis_id": "D-1", "by": "bench", "outcome": "repairable", "estimate": 4500}),
        Repairs.diagnose,
        "Say what the bench found",
        has_id=True,
    ),
    Action(
        "estimate",
        Body(EstimateAnswer, {"by": "customer", "accepted": True}),
        Repairs.answer_estimate,
        "Say what the customer answers to the estimate",
    ),
    Action(
        "repair",
        Body(RepairWork, {"repair_id": "W-1", "by": "bench", "parts": [{"sku": "SCREEN-6", "quantity": 1}]}),
        Repairs.record_repair,
        "Say that the unit was repaired, and with which parts",
        has_id=True,
    ),
    Action(
        "check",
        Body(RepairCheck, {"check_id": "C-1", "by": "bench", "passed": True}),
        Repairs.record_check,
        "Say whether the repaired unit works",
        has_id=True,
    ),
    Action(
        "attention",
        Body(ResolveAttention, {"by": "operations", "action": "retry"}),
        Repairs.resolve_attention,
        "Answer a step of a repair that failed for good",
    ),
)
#: The update is called as that of returns.
_NAMED: Final = {"attention": {"operation_id": "resolve_repair_attention"}}


def _add(action: Action) -> None:
    async def act(
        return_id: ReturnId,
        unit_id: Annotated[str, Path(examples=["1-1"])],
        caller: CallerDep,
        message: Annotated[Any, Depends(action.body)],
        repeats: Repeats,
        services: ServicesDep,
    ) -> Response:
        await repeats.return_id(services, caller, message, return_id)
        more = () if action.has_id else (repeats.request_id(caller),)
        return json_of(await action.send(services.repairs, return_id, unit_id, caller.signs(message), *more))

    told = declared(action, RepairSummary, examples.REPAIR, "repair")
    router.add_api_route(endpoint=act, **(told | _NAMED.get(action.name, {})))


for _action in ACTIONS:
    _add(_action)
