"""Everything a return may have done in the outside world: one dataclass each, with the lane that carries it out.

The handler of each is in ``workflows/returns``.
"""

from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from pydantic import BaseModel

from lifecycle.returns.aggregate.payment import Payment
from lifecycle.shared.agenda import Command

# The books


@dataclass(frozen=True)
class ClaimUnits(Command):
    """Claim the units that the return waits for."""

    lane = "claims"


@dataclass(frozen=True)
class ReleaseUnits(Command):
    """Release the units, and the order's money with them."""

    lane = "claims"


@dataclass(frozen=True)
class ClaimMoney(Command):
    """Claim what the return would give back of the order's money; after its units, what is not claimed pays nothing."""

    lane = "claims"
    standing = True


# The customer's way to hand the goods over


@dataclass(frozen=True)
class VoidLabel(Command):
    """Void whatever the step of that name has bought, or may have."""

    step: str
    lane = "label"


@dataclass(frozen=True)
class ProvideHandover(Command):
    """Get the label, pickup or drop-off code that the customer needs, once the old one is void."""

    lane = "label"
    standing = True


@dataclass(frozen=True)
class FileLossClaim(Command):
    """Claim a lost parcel's worth from the carrier; ``amount`` in minor units, tax included."""

    tracking_code: str
    amount: int
    lane = "loss"


# Stock of what came back


@dataclass(frozen=True)
class BookStock(Command):
    """Book the units of one receipt, or of one inspection; ``source`` is its id."""

    step: Literal["receive", "restock"]
    source: str
    unit_ids: tuple[str, ...]
    #: What was said that led to it, ``{name, message}``: kept with the booking, for a run that begins anew.
    said: dict[str, Any] | None = None
    lane = "goods"


def said(name: str, message: BaseModel) -> dict[str, Any]:
    """What was said, by the update's name, as JSON."""
    return {"name": name, "message": message.model_dump(mode="json")}


# Money


@dataclass(frozen=True, eq=False)
class Pay(Command):
    """Make one payment, or charge it where its amount is negative. Two that look alike are two."""

    payment: Payment
    lane = "money"


@dataclass(frozen=True)
class CheckPendingRefunds(Command):
    """Ask the payment provider for the status of pending refunds."""

    lane = "ask"
    standing = True


# Mails


#: One reason that a mail gives: the ``key`` of its words (``content/en/mails/words.toml``), and what they name.
Why: TypeAlias = dict[str, str | None]


@dataclass(frozen=True)
class SendMail(Command):
    """Write a mail, by its template."""

    template: str
    to: Literal["customer", "operations"] = "customer"
    #: Why, in an operator's own words, or by names of units and goods.
    reason: str | None = None
    #: What it says besides, as it was when the mail became due; amounts in minor units.
    values: dict[str, str | int | None] = field(default_factory=dict)
    #: Why, where that is ours to say.
    why: list[Why] = field(default_factory=list)
    lane = "mail"


# What goes out to the customer, and to others. These lanes begin before all of the above.


@dataclass(frozen=True, eq=False)
class OutboundCommand(Command):
    """Its lanes begin before all others."""

    leads_on = True


@dataclass(frozen=True)
class ReserveStock(OutboundCommand):
    """Reserve what the customer gets, by the names of the items."""

    items: tuple[str, ...]
    lane = "outbound-stock"


@dataclass(frozen=True)
class ReleaseStock(OutboundCommand):
    """Release reservations, ``{step}/{item}``."""

    reservations: tuple[str, ...]
    lane = "outbound-stock"


@dataclass(frozen=True)
class Ship(OutboundCommand):
    """Ship what the customer gets, by the names of the items."""

    items: tuple[str, ...]
    lane = "outbound-ship"


@dataclass(frozen=True)
class SendBack(OutboundCommand):
    """Send rejected units back to the customer."""

    unit_ids: tuple[str, ...]
    lane = "outbound-send_back"


@dataclass(frozen=True)
class PlaceHold(OutboundCommand):
    """Hold money on the card behind an advance replacement."""

    lane = "outbound-hold"


@dataclass(frozen=True)
class ReleaseHold(OutboundCommand):
    """Release the hold."""

    lane = "outbound-hold"


@dataclass(frozen=True)
class CaptureHold(OutboundCommand):
    """Take what is held."""

    lane = "outbound-hold"


@dataclass(frozen=True)
class RepairCustomerUnit(OutboundCommand):
    """Repair the customer's own unit. Each is a lane of its own: one bench does not wait for another."""

    unit_id: str

    @property
    def lane(self) -> str:
        """One for each unit."""
        return f"outbound-repair-{self.unit_id}"


@dataclass(frozen=True)
class RefurbishUnit(OutboundCommand):
    """Give the shop's own unit to the repair bench."""

    unit_id: str
    lane = "outbound-refurbish_unit"


@dataclass(frozen=True)
class SendToSupplier(OutboundCommand):
    """Give a unit to its supplier's journey."""

    unit_id: str
    lane = "outbound-send_to_supplier"


@dataclass(frozen=True)
class NotifySiblingReturns(OutboundCommand):
    """Signal to other returns of the order that they may be the last to come back."""

    return_ids: tuple[str, ...]
    lane = "outbound-beside"
