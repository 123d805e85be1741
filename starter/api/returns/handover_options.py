"""How the goods are handed over: the label, and what can be chosen instead."""

from fastapi import APIRouter, Depends, Response

from lifecycle.contract.view import DropOff, Pickup
from starter.api.returns.start_and_read import ReturnId
from starter.api.shared import examples
from starter.api.shared.api_keys import authenticate
from starter.api.shared.bodies import answers, json_of
from starter.api.shared.problems import ALWAYS, NOT_ALLOWED, NOT_FOUND, problem_responses
from starter.shared.handover_options import drop_off_of, label_of, pickup_of
from starter.shared.services import ServicesDep

router = APIRouter(prefix="/v1/returns/{return_id}", tags=["ways home"], dependencies=[Depends(authenticate)])
_PROBLEMS = (*ALWAYS, NOT_FOUND, NOT_ALLOWED)
_FILE = {"schema": {"type": "string", "format": "binary"}}


@router.get(
    "/label",
    response_class=Response,
    responses={
        200: {"description": "The file.", "content": {"application/pdf": _FILE, "image/png": _FILE}},
        **problem_responses(*_PROBLEMS),
    },
)
async def show_label(return_id: ReturnId, services: ServicesDep) -> Response:
    """Give the label to print as PDF, or the drop-off code to show as PNG."""
    file = await label_of(services, return_id)
    headers = {"Content-Disposition": f'inline; filename="{file.filename}"', "Cache-Control": "private, no-store"}
    return Response(file.content, 200, headers, file.media_type)


@router.get(
    "/pickup-slots",
    **answers(Pickup, examples.PICKUP, "Windows to choose from, and the one that is booked.", *_PROBLEMS),
)
async def list_pickup_slots(return_id: ReturnId, services: ServicesDep) -> Response:
    """List when the carrier can come; `change` with `method` pickup and a `pickup_slot` chooses one."""
    return json_of(await pickup_of(services, return_id))


@router.get(
    "/drop-off-points",
    **answers(DropOff, examples.DROP_OFF, "Points, nearest first, and the code to show there.", *_PROBLEMS),
)
async def list_drop_off_points(return_id: ReturnId, services: ServicesDep) -> Response:
    """List where the parcel can be left; `change` with `method` drop_off gets the code."""
    return json_of(await drop_off_of(services, return_id))
