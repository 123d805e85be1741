"""EasyPost: return labels, pickups, drop-off codes and parcels to the customer, by many carriers.

EasyPost has no idempotency keys. Each shipment and pickup carries its key as ``reference``, by
which it is looked for before it is made; one that is there and not paid for yet is only paid for.
"""

from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Any

from easypost import EasyPostClient
from easypost.errors import ApiError, BadRequestError, FilteringError, InvalidRequestError, NotFoundError

from gateways.carrier.easypost_connection import AT_ONCE, WITHIN, Connection, code_of
from gateways.carrier.easypost_parcels import (
    customer_address,
    key_of,
    outbound_shipment,
    points_near,
    reference,
    return_shipment,
    windows,
)
from gateways.carrier.protocol import (
    DropOffCode,
    DropOffPoint,
    Label,
    LabelFile,
    LabelOrder,
    Loss,
    OutboundOrder,
    PickupBooking,
    Shipment,
)
from gateways.errors import Declined, Unavailable
from lifecycle.contract.money import Cost, cost_of, format_money
from lifecycle.contract.times import TimeWindow
from lifecycle.reconciliation.outside import MadeParcel

#: A label that the carrier has not seen in use.
_UNUSED = ("unknown", "pre_transit", "cancelled", "error")
#: A label that is given back, or (paid for by scan only) need not be.
_VOIDED = ("submitted", "refunded", "not_applicable")
_CODE_FORM = "label_qr_code"


class EasyPostCarrier:
    """See the protocol; ``url`` names a stand-in.

    In seconds, ``timeout`` is for each wait and ``within`` for all calls of a step; ``at_once`` steps are served.
    """

    def __init__(
        self, key: str, url: str | None = None, timeout: float = 20, within: float = WITHIN, at_once: int = AT_ONCE
    ) -> None:
        self._easypost = Connection(key, url, timeout, within, at_once)

    async def buy_return_label(self, order: LabelOrder, idempotency_key: str) -> Label:
        """See the protocol; at the lowest rate. ``Declined`` (``no_rates``) when no carrier takes it."""
        wanted = return_shipment(order, idempotency_key)
        return _label(await self._easypost.run(lambda client: _buy(client, wanted)), order)

    async def find_label(self, order: LabelOrder, idempotency_key: str) -> Label | None:
        """See the protocol; a shipment that is not paid for yet is none."""
        found = await self._easypost.run(lambda client: _paid(client, idempotency_key))
        return _label(found, order) if found else None

    async def pickup_slots(self, order: LabelOrder, after: datetime) -> list[TimeWindow]:  # noqa: ARG002
        """See the protocol; only booking a window shows whether the carrier keeps it."""
        return windows(after)

    async def book_pickup(
        self, order: LabelOrder, slot: TimeWindow, idempotency_key: str, now: datetime
    ) -> PickupBooking:
        """See the protocol; the label of a window that the carrier does not keep is voided at once."""
        if slot.start <= now:
            raise Declined("the window has begun", "slot_unavailable")
        wanted = return_shipment(order, idempotency_key)
        pickup = {
            "reference": wanted["reference"],
            "address": customer_address(order.sender),
            "min_datetime": slot.start.isoformat(),
            "max_datetime": slot.end.isoformat(),
        }
        bought = await self._easypost.run(lambda client: _book(client, wanted, pickup))
        return PickupBooking(bought.id, bought.tracking_code, _label_url(order), slot.start, slot.end, _cost(bought))

    async def find_pickup(self, order: LabelOrder, idempotency_key: str) -> PickupBooking | None:
        """See the protocol; a label whose pickup is not booked yet is none."""
        found, pickup = await self._easypost.run(lambda client: _picked_up(client, idempotency_key))
        if pickup is None:
            return None
        start, end = (datetime.fromisoformat(at) for at in (pickup.min_datetime, pickup.max_datetime))
        return PickupBooking(found.id, found.tracking_code, _label_url(order), start, end, _cost(found))

    async def drop_off_points(self, order: LabelOrder) -> list[DropOffPoint]:
        """One entry, for all post offices: see ``points_near``."""
        return list(points_near(order.sender.home))

    async def create_drop_off_code(self, order: LabelOrder, idempotency_key: str) -> DropOffCode:
        """See the protocol; the code is the parcel's tracking code, its picture EasyPost's QR code."""
        wanted = return_shipment(order, idempotency_key)
        return _drop_off(await self._easypost.run(lambda client: _with_code(client, _buy(client, wanted))), order)

    async def find_drop_off_code(self, order: LabelOrder, idempotency_key: str) -> DropOffCode | None:
        """See the protocol; a label without its QR code is none."""
        found = await self._easypost.run(lambda client: _paid(client, idempotency_key))
        return _drop_off(found, order) if found and _code_form(found) else None

    async def ship(self, order: OutboundOrder, idempotency_key: str) -> Shipment:
        """See the protocol; at the lowest rate."""
        wanted = outbound_shipment(order, idempotency_key)
        bought = await self._easypost.run(lambda client: _buy(client, wanted))
        return Shipment(bought.id, bought.tracking_code, _cost(bought))

    async def find_shipment(self, idempotency_key: str) -> Shipment | None:
        """See the protocol; a shipment that is not paid for yet is none."""
        found = await self._easypost.run(lambda client: _paid(client, idempotency_key))
        return Shipment(found.id, found.tracking_code, _cost(found)) if found else None

    async def void_label(self, idempotency_key: str, keep: str | None = None) -> bool:
        """See the protocol; ``Unavailable`` while the carrier still refuses a label that is only minutes old."""
        return await self._easypost.run(lambda client: _void(client, reference(idempotency_key), keep))

    async def file_claim(self, loss: Loss, idempotency_key: str) -> str:
        """See the protocol; EasyPost insures in US dollars, other currencies are ``Declined``."""
        if loss.currency != "USD":
            raise Declined(f"EasyPost takes claims in US dollars, not in {loss.currency}", "currency_mismatch")
        return await self._easypost.run(lambda client: _claim(client, loss, reference(idempotency_key)))

    async def find_claim(self, idempotency_key: str) -> str | None:
        """See the protocol; all claims are looked through."""
        return await self._easypost.run(lambda client: _claimed(client, reference(idempotency_key)))

    async def made_since(self, since: datetime) -> AsyncIterator[MadeParcel]:
        """See the protocol; EasyPost lists what is not older than a month."""
        asked = {"start_datetime": since.isoformat(), "purchased": True, "page_size": 100}
        page = await self._easypost.run(lambda client: client.shipment.all(**asked))
        while True:
            for shipment in page["shipments"]:
                key = key_of(shipment.reference)
                if key and shipment.postage_label:
                    yield MadeParcel(shipment.tracking_code, key, usable=_is_usable(shipment))
            if not page["has_more"] or not page["shipments"]:
                return
            page = await self._easypost.run(_next_shipments(page))

    async def label_file(self, tracking_code: str) -> LabelFile:
        """See the protocol."""
        shipment = await self._easypost.run(lambda client: _by_tracking_code(client, tracking_code))
        code = _code_form(shipment)
        if code is not None:
            return LabelFile("drop-off-code.png", "image/png", await self._easypost.download(code.form_url))
        url = await self._easypost.run(lambda client: _pdf_url(client, shipment))
        name = "return-label.pdf" if shipment.is_return else "shipping-label.pdf"
        return LabelFile(name, "application/pdf", await self._easypost.download(url))


def _find(service: Any, wanted: str) -> Any:
    """What carries the reference; None when nothing does."""
    try:
        return service.retrieve(wanted)
    except NotFoundError:
        return None


def _paid(client: EasyPostClient, key: str) -> Any:
    """The shipment that carries the key and has its label paid for; None for none."""
    shipment = _find(client.shipment, reference(key))
    return shipment if shipment and shipment.postage_label else None


def _picked_up(client: EasyPostClient, key: str) -> tuple[Any, Any]:
    """Shipment and pickup that carry the key and are paid for; None for none."""
    shipment = _paid(client, key)
    pickup = _find(client.pickup, reference(key)) if shipment else None
    return shipment, pickup if pickup and pickup.status != "unknown" else None


def _buy(client: EasyPostClient, wanted: dict[str, Any]) -> Any:
    """The shipment with its label paid for, whatever of that was done before."""
    shipment = _find(client.shipment, wanted["reference"]) or client.shipment.create(**wanted)
    if shipment.postage_label:
        return shipment
    try:
        rate = shipment.lowest_rate()
    except FilteringError as error:
        raise Declined("no carrier takes the parcel", "no_rates", _reasons(shipment)) from error
    try:
        return client.shipment.buy(shipment.id, rate=rate)
    except ApiError as error:
        # An earlier try that got no answer has paid for it meanwhile.
        if code_of(error) == "SHIPMENT.POSTAGE.EXISTS":
            return client.shipment.retrieve(shipment.id)
        raise


def _book(client: EasyPostClient, wanted: dict[str, Any], pickup: dict[str, Any]) -> Any:
    """The shipment with its label and its pickup paid for."""
    shipment = _buy(client, wanted)
    refused = _refused(client, shipment, pickup)
    if refused is not None:
        _void_shipment(client, shipment)
        raise Declined("the carrier does not come at that time", "slot_unavailable", refused)
    return shipment


def _refused(client: EasyPostClient, shipment: Any, wanted: dict[str, Any]) -> str | None:
    """Book the pickup, whatever of that was done before.

    Why the carrier does not come, in its own words; None when it does.
    """
    booked = _find(client.pickup, wanted["reference"])
    if booked is None and shipment.refund_status in _VOIDED:
        return "the label has been voided"
    try:
        booked = booked or client.pickup.create(**wanted, shipment={"id": shipment.id})
        if booked.status == "unknown" and booked.pickup_rates:
            rate = booked.lowest_rate()
            booked = client.pickup.buy(booked.id, carrier=rate.carrier, service=rate.service)
    except (BadRequestError, InvalidRequestError) as error:
        # An earlier try that got no answer may have booked it meanwhile.
        booked = _find(client.pickup, wanted["reference"])
        if booked is None or booked.status == "unknown":
            return str(error.message)
    return None if booked.status != "unknown" else _reasons(booked) or "the carrier does not come at that time"


def _with_code(client: EasyPostClient, shipment: Any) -> Any:
    """The shipment with its QR code."""
    return shipment if _code_form(shipment) else client.shipment.generate_form(shipment.id, _CODE_FORM)


def _code_form(shipment: Any) -> Any:
    return next((form for form in shipment.forms or [] if form.form_type == _CODE_FORM), None)


def _void(client: EasyPostClient, wanted: str, keep: str | None) -> bool:
    """Take back what carries the reference: the pickup first, then the label."""
    shipment = _find(client.shipment, wanted)
    if shipment is None or not shipment.postage_label or shipment.tracking_code == keep:
        return False
    if shipment.refund_status not in _VOIDED and shipment.tracker and shipment.tracker.status not in _UNUSED:
        raise Declined("the parcel has been scanned, its label cannot be voided", "already_used")
    pickup = _find(client.pickup, wanted)
    if pickup is not None and pickup.status == "scheduled":
        client.pickup.cancel(pickup.id)
    _void_shipment(client, shipment)
    return True


def _void_shipment(client: EasyPostClient, shipment: Any) -> None:
    if shipment.refund_status in _VOIDED:
        return
    answered = client.shipment.refund(shipment.id)
    if answered.refund_status not in _VOIDED:
        # Asked for soon after the label was made, carriers may refuse at first (EasyPost's guide to refunds).
        words = f"refund_status: {answered.refund_status}"
        raise Unavailable("the carrier does not void the label yet", "not_voided_yet", words)


def _claimed(client: EasyPostClient, wanted: str) -> str | None:
    """The id of the claim that carries the reference."""
    page = client.claim.all(page_size=100)
    while True:
        for claim in page["claims"]:
            if claim.reference == wanted:
                return str(claim.id)
        if not page["has_more"] or not page["claims"]:
            return None
        page = client.claim.get_next_page(page, page_size=100)


def _claim(client: EasyPostClient, loss: Loss, wanted: str) -> str:
    known = _claimed(client, wanted)
    if known is not None:
        return known
    made = client.claim.create(
        type="loss",
        tracking_code=loss.tracking_code,
        amount=format_money(loss.amount, loss.currency).removesuffix(" USD"),
        description=f"Lost on its way back to us ({wanted})",
        reference=wanted,
    )
    return str(made.id)


def _next_shipments(page: Any) -> Callable[[EasyPostClient], Any]:
    return lambda client: client.shipment.get_next_page(page, 100)


def _is_usable(shipment: Any) -> bool:
    seen = shipment.tracker and shipment.tracker.status not in _UNUSED
    return shipment.refund_status not in _VOIDED and not seen


def _by_tracking_code(client: EasyPostClient, tracking_code: str) -> Any:
    for tracker in client.tracker.all(tracking_code=tracking_code)["trackers"]:
        if tracker.tracking_code == tracking_code and tracker.shipment_id:
            return client.shipment.retrieve(tracker.shipment_id)
    raise Declined(f"there is no label {tracking_code}", "not_found")


def _pdf_url(client: EasyPostClient, shipment: Any) -> str:
    label = shipment.postage_label
    if label.label_file_type == "application/pdf":
        return str(label.label_url)
    if not label.label_pdf_url:
        label = client.shipment.label(shipment.id, file_format="PDF").postage_label
    return str(label.label_pdf_url)


def _reasons(answered: Any) -> str:
    """What the carriers said, each thing once."""
    return "; ".join(dict.fromkeys(f"{said.carrier}: {said.message}" for said in answered.messages or []))


def _label(bought: Any, order: LabelOrder) -> Label:
    return Label(bought.id, bought.tracking_code, _label_url(order), _cost(bought))


def _drop_off(bought: Any, order: LabelOrder) -> DropOffCode:
    points = points_near(order.sender.home)
    code = bought.tracking_code
    return DropOffCode(bought.id, code, _label_url(order), code, points, _cost(bought))


def _cost(shipment: Any) -> Cost | None:
    """What its label takes; a pickup, which is paid for by itself, is not in it."""
    rate = getattr(shipment, "selected_rate", None)
    return cost_of(getattr(rate, "rate", None), getattr(rate, "currency", None))


def _label_url(order: LabelOrder) -> str:
    return f"/v1/returns/{order.return_id}/label"
