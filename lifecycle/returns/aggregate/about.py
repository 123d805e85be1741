"""What an entry of the timeline is about, for whoever is told of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from lifecycle.returns.aggregate.outbound_item import OutboundItem
from lifecycle.returns.aggregate.payment import Payment


@dataclass(frozen=True)
class About:
    """The units (by id), payments, things sent, parcel or step that an entry is about."""

    units: Sequence[str] = ()
    paid: Sequence[Payment] = ()
    sent: Sequence[OutboundItem] = ()
    tracking_code: str | None = None
    step: str | None = None
