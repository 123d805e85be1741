"""The id of the return that a form begins: sealed into the form, so that sending it twice begins one return."""

from typing import Final

from fastapi import HTTPException, Request
from starlette.datastructures import FormData

from client.ids import new_return_id
from gateways.database.returns.records import StoredReturn, get_return
from lifecycle.contract.request import Order
from starter.portal.shared.forms import field
from starter.portal.shared.session import LASTS
from starter.shared.services import Services

_PURPOSE: Final = "start"


async def new_form(request: Request, order: Order) -> str:
    """What names the form that begins a return, from the order's page on."""
    started = {"return_id": new_return_id(), "order": order.order_id}
    return str(await request.app.state.signer.sign(_PURPOSE, started))


async def return_id_of(request: Request, order: Order, form: FormData) -> str:
    """The id that the form was given; 403 for one of another order's form, or an old one's."""
    opened = await request.app.state.signer.verified(_PURPOSE, field(form, "sealed"), LASTS)
    if not isinstance(opened, dict) or opened.get("order") != order.order_id:
        raise HTTPException(403)
    return str(opened["return_id"])


async def begun_by(request: Request, services: Services, order: Order, sealed: str) -> StoredReturn | None:
    """The return that this form has begun; None when it has begun none, or is no form of ours."""
    opened = await request.app.state.signer.verified(_PURPOSE, sealed, LASTS)
    ours = isinstance(opened, dict) and opened.get("order") == order.order_id
    return await get_return(services.db, str(opened["return_id"])) if ours else None
