"""What a customer may see: their own orders and returns, nothing else, and no hint of what else there is."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, HTTPException, Request

from gateways.database.orders import order_names
from gateways.database.returns.records import get_return
from gateways.orders.identity import tell_apart
from gateways.orders.protocol import FoundOrder
from lifecycle.contract.order_ids import order_key
from lifecycle.contract.request import ReturnRequest
from starter.portal.shared.session import visitor
from starter.shared.services import Services, ServicesDep


class SignInFirst(HTTPException):
    """Nobody is signed in on this device."""

    def __init__(self) -> None:
        super().__init__(401)


@dataclass(frozen=True)
class OwnReturn:
    """A return of an order that the visitor has shown to be theirs; ``order_id`` as the shop spells it."""

    return_id: str
    order_id: str
    request: ReturnRequest


async def own_order(order_id: str, request: Request, services: ServicesDep) -> FoundOrder:
    """The order; 404 for one that is not theirs, whether it exists or not."""
    alike = _spelt_alike(request, order_id)
    found = await services.orders.find(order_id) if alike else None
    # What the shop answers is the id: of two that are spelt alike, another customer's may be the one.
    if found is None or found.order.order_id not in alike:
        raise HTTPException(404)
    return found


async def own_return(return_id: str, request: Request, services: ServicesDep) -> OwnReturn:
    """The return; 404 for one that is not theirs, whether it exists or not."""
    if not visitor(request).orders:
        raise SignInFirst
    row = await get_return(services.db, return_id)
    if row is None:
        raise HTTPException(404)
    for order_id in _spelt_alike(request, row.order_id):
        if await _are_one(services, order_id, row.order_id):
            return OwnReturn(return_id, order_id, ReturnRequest.model_validate(row.request))
    raise HTTPException(404)


def _spelt_alike(request: Request, order_id: str) -> list[str]:
    """Those of the visitor's orders that may be this one, itself first."""
    orders = visitor(request).orders
    if not orders:
        raise SignInFirst
    alike = [known for known in orders if order_key(known) == order_key(order_id)]
    return sorted(alike, key=lambda known: known != order_id)


async def _are_one(services: Services, order_id: str, other: str) -> bool:
    """Whether a return that spells its order's id otherwise is one of this order."""
    if order_id == other:
        return True
    await tell_apart(services.db, services.orders, order_id)
    return await services.db.read(
        lambda connection: order_names.canonical(connection, order_id) == order_names.canonical(connection, other)
    )


OrderDep = Annotated[FoundOrder, Depends(own_order)]
ReturnDep = Annotated[OwnReturn, Depends(own_return)]
