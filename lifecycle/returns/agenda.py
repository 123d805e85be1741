"""What waits to be done in the outside world; the workflow takes it off."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel


@dataclass
class Payment:
    """One refund to one tender, or to store credit: its one entry in ``paid``."""

    tender_id: str
    amount: int
    #: The part of store credit that is given on top.
    bonus: int = 0
    #: From the captured hold, not from what the order paid.
    of_hold: bool = False
    state: Literal["planned", "pending", "succeeded", "failed"] = "planned"
    reference: str | None = None
    #: When it failed, by the provider's own clock: what is older says nothing any more.
    failed_at: datetime | None = None


@dataclass(frozen=True)
class Booking:
    """Stock to book: the units of one receipt, or of one inspection; ``source`` is its id."""

    step: Literal["receive", "restock"]
    source: str
    unit_ids: tuple[str, ...]
    #: What was said that led to it, ``{name, message}``: kept with the booking, for a run that begins anew.
    said: dict[str, Any] | None = None


def said(name: str, message: BaseModel) -> dict[str, Any]:
    """What was said, by the update's name, as JSON."""
    return {"name": name, "message": message.model_dump(mode="json")}


@dataclass(frozen=True)
class Notice:
    """A mail to write, by its template."""

    template: str
    to: Literal["customer", "operations"] = "customer"
    #: Why, where an operator said it.
    reason: str | None = None
    #: What it says besides, as it was when the mail became due; amounts in minor units.
    values: dict[str, str | int | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Command:
    """One more thing to do in the outside world, for one lane; what ``about`` names depends on its kind.

    ``reserve`` ``ship``: what the customer gets; ``unreserve``: reservations, ``{step}/{name}``; ``send_back``
    ``repair_customer_unit`` ``refurbish_unit`` ``send_to_supplier``: units; ``hold`` ``release_hold`` ``capture``: the
    card hold; ``notify_sibling_returns``: other returns of the order.
    """

    kind: str
    about: tuple[str, ...] = ()


@dataclass(frozen=True)
class LostParcel:
    """What is to be claimed from the carrier; ``amount`` in minor units, tax included."""

    tracking_code: str
    amount: int


@dataclass
class Agenda:
    """What waits to be done in the outside world, each list for one track of the workflow."""

    label: bool = False
    ask_payment: bool = False
    void: list[str] = field(default_factory=list)
    losses: deque[LostParcel] = field(default_factory=deque)
    claims: Literal["release", "claim"] | None = None
    #: To claim what the return would give back of the order's money.
    claim_money: bool = False
    bookings: deque[Booking] = field(default_factory=deque)
    payments: deque[Payment] = field(default_factory=deque)
    notices: deque[Notice] = field(default_factory=deque)
    commands: list[Command] = field(default_factory=list)
    #: Tracking codes that an operator named: a step's own parcel is void unless it is that one.
    kept_codes: dict[str, str] = field(default_factory=dict)

    def void_unless(self, step: str, code: str | None) -> None:
        """An operator did it themselves: what the step may have bought is void, unless it is what they name."""
        self.void.append(step)
        if code:
            self.kept_codes[step] = code

    @property
    def busy(self) -> bool:
        """Whether anything waits to be done, or is being done."""
        return bool(
            self.label
            or self.ask_payment
            or self.void
            or self.losses
            or self.claims
            or self.claim_money
            or self.bookings
            or self.payments
            or self.notices
            or self.commands
        )
