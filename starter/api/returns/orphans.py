"""What an operator does with a return that no workflow carries."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from lifecycle.contract.messages import Release
from lifecycle.contract.view import Summary
from starter.api.returns.start_and_read import ReturnId
from starter.api.shared import examples
from starter.api.shared.api_keys import CallerDep, authenticate
from starter.api.shared.bodies import Body, answers, json_of
from starter.api.shared.problems import ALWAYS, OF_A_BODY, OF_A_RETURN
from starter.shared.services import ServicesDep

router = APIRouter(prefix="/v1/returns/{return_id}", tags=["actions"])
_RELEASE = Body(Release, {"by": "operations", "why": "ended by mistake, and paid by hand"})


@router.post(
    "/revive",
    summary="Have a return go on that nothing carries",
    **answers(Summary, examples.SUMMARY, "It goes on, or went on before.", *ALWAYS, *OF_A_RETURN),
    dependencies=[Depends(authenticate)],
)
async def revive_return(return_id: ReturnId, services: ServicesDep) -> Response:
    """Resume a return whose workflow has ended or is gone from its records; a repeat changes nothing."""
    return json_of(await services.homeward.revive(return_id))


@router.post(
    "/release",
    summary="End a return that nothing carries",
    **answers(Summary, examples.SUMMARY, "It has ended.", *ALWAYS, *OF_A_BODY, *OF_A_RETURN, body=_RELEASE),
)
async def release_return(
    return_id: ReturnId, caller: CallerDep, message: Annotated[Release, Depends(_RELEASE)], services: ServicesDep
) -> Response:
    """End a return whose workflow has ended or is gone, and release what it claims; again it changes nothing.

    Where something was given for it, its units stay claimed.
    """
    return json_of(await services.homeward.release(return_id, caller.signs(message)))
