"""What a customer needs to hand the goods over: the label, and what can be chosen instead."""

from datetime import UTC, datetime

from client.errors import NotAllowed, UnknownReturn
from gateways.carrier.protocol import LabelFile, LabelOrder
from gateways.database.returns.records import get_return
from lifecycle.contract.request import Method, ReturnRequest
from lifecycle.contract.statuses import ENDED_UNSETTLED, Status
from lifecycle.contract.view import DropOff, Pickup, View
from starter.shared.services import Services


async def label_of(services: Services, return_id: str) -> LabelFile:
    """The label as PDF, or the drop-off code as PNG; raises ``NotAllowed`` while, or once, there is none to use."""
    view = await services.homeward.view(return_id)
    if view.status in ENDED_UNSETTLED:
        raise NotAllowed(f"{return_id} is {view.status}: its label is void")
    if not view.handover.label_url or not view.handover.tracking_code or _waits_for_label(view):
        raise NotAllowed(f"{return_id} has no label ({view.status})")
    return await services.carrier.label_file(view.handover.tracking_code)


def _waits_for_label(view: View) -> bool:
    """A change has made the old label void; the new one is not there yet, or has to be approved first."""
    way = view.handover
    if view.status in (Status.REQUESTED, Status.IN_REVIEW):
        return True
    booked, code = way.pickup and way.pickup.booked, way.drop_off and way.drop_off.code
    return (way.method is Method.PICKUP and not booked) or (way.method is Method.DROP_OFF and not code)


async def pickup_of(services: Services, return_id: str) -> Pickup:
    """When the carrier can come, whatever the method is now; raises ``NotAllowed`` after the handover."""
    view = await _open(services, return_id)
    if view.handover.method is Method.PICKUP and view.handover.pickup and view.handover.pickup.slots:
        return view.handover.pickup
    windows = await services.carrier.pickup_slots(await _order(services, return_id), datetime.now(UTC))
    booked = view.handover.pickup.booked if view.handover.pickup else None
    return Pickup(slots=windows, booked=booked)


async def drop_off_of(services: Services, return_id: str) -> DropOff:
    """Where the parcel can be left, whatever the method is now; raises ``NotAllowed`` after the handover."""
    view = await _open(services, return_id)
    if view.handover.method is Method.DROP_OFF and view.handover.drop_off and view.handover.drop_off.points:
        return view.handover.drop_off
    points = await services.carrier.drop_off_points(await _order(services, return_id))
    return DropOff(points=[vars(point) for point in points])


async def _open(services: Services, return_id: str) -> View:
    view = await services.homeward.view(return_id)
    if view.closed or view.status in ENDED_UNSETTLED:
        raise NotAllowed(f"{return_id} is {'closed' if view.closed else view.status}")
    if view.handover.at:
        raise NotAllowed("the goods have been handed over")
    return view


async def _order(services: Services, return_id: str) -> LabelOrder:
    row = await get_return(services.db, return_id)
    if row is None:
        raise UnknownReturn(return_id)
    customer = ReturnRequest.model_validate(row.request).order.customer
    return LabelOrder(return_id=return_id, sender=customer, to=services.policy().shop.return_address)
