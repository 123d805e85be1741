"""Parcels in which the goods come."""

from dataclasses import dataclass
from datetime import datetime


@dataclass
class Parcel:
    """A label bought, or a parcel that turned up under a code of its own."""

    tracking_code: str
    label_url: str | None = None
    #: The name of the step that bought it; None for a parcel not labelled by us.
    step: str | None = None
    #: Its label was voided, or is about to be.
    voided: bool = False
    #: The carrier turned it back to the customer then: its scans say nothing of the goods any more.
    returned_at: datetime | None = None
    #: The carrier has called it lost, and with it whatever was on its way then.
    lost: bool = False
