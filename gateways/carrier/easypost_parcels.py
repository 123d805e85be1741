"""What is sent to EasyPost about parcels, and when and where it takes them."""

from datetime import datetime, time, timedelta
from typing import Any

from gateways.carrier.protocol import DropOffPoint, LabelOrder, OutboundOrder
from lifecycle.contract.request import Address, Customer
from lifecycle.contract.times import TimeWindow

#: Nobody weighs a return before it is sent: a box of 1 kg, in EasyPost's ounces and inches.
#: Carriers charge what they weigh.
_PARCEL = {"weight": 35.3, "length": 16, "width": 12, "height": 6}
_HOURS = ((9, 13), (13, 17))
_SUNDAY = 6
_OFFERED_DAYS = 3


def reference(key: str) -> str:
    """A key as it can stand in an address of EasyPost's API."""
    return key.replace("/", ":")


def key_of(reference: str | None) -> str | None:
    """The key that a reference stands for; None for what was not made here."""
    head, colon, step = (reference or "").rpartition(":")
    return f"{head}/{step}" if colon and head.startswith("return-") else None


def return_shipment(order: LabelOrder, key: str) -> dict[str, Any]:
    """A parcel to the shop. The addresses stand as on the way out: EasyPost turns them for a return."""
    return {
        "reference": reference(key),
        "is_return": True,
        "to_address": customer_address(order.sender),
        "from_address": _address(order.to, order.to.name),
        "parcel": _PARCEL,
        "options": _options(order.return_id),
    }


def outbound_shipment(order: OutboundOrder, key: str) -> dict[str, Any]:
    """A parcel to the customer."""
    return {
        "reference": reference(key),
        "to_address": customer_address(order.to),
        "from_address": _address(order.sender, order.sender.name),
        "parcel": _PARCEL,
        "options": _options(order.return_id),
    }


def customer_address(customer: Customer) -> dict[str, Any]:
    """Where the customer lives, and how the carrier reaches them."""
    return _address(customer.home, customer.name) | {"email": customer.email, "phone": customer.phone}


def windows(after: datetime) -> list[TimeWindow]:
    """Mornings and afternoons of the three days after the day of ``after``, in its time zone.

    EasyPost keeps no list of windows: the carrier says yes or no when one is booked.
    """
    day, found = after.date(), list[TimeWindow]()
    while len(found) < _OFFERED_DAYS * len(_HOURS):
        day += timedelta(days=1)
        if day.weekday() != _SUNDAY:
            for hours in _HOURS:
                start, end = (datetime.combine(day, time(hour), after.tzinfo) for hour in hours)
                found.append(TimeWindow(start=start, end=end))
    return found


def points_near(address: Address) -> tuple[DropOffPoint, ...]:
    """EasyPost does not search for places; its QR codes are the US post's, which any post office scans."""
    return (
        DropOffPoint(
            point_id="usps",
            name="Any post office",
            line1="see https://tools.usps.com/locations/",
            city=address.city,
            postal_code=address.postal_code,
            country=address.country,
            hours="as posted there",
        ),
    )


def _address(address: Address, name: str | None) -> dict[str, Any]:
    return {
        "name": name,
        "street1": address.line1,
        "street2": address.line2,
        "city": address.city,
        "state": address.state,
        "zip": address.postal_code,
        "country": address.country,
    }


def _options(return_id: str) -> dict[str, Any]:
    return {"label_format": "PDF", "print_custom_1": return_id}
