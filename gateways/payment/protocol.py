"""What Homeward asks of a payment provider. Amounts in minor units."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from lifecycle.reconciliation.outside import MadePayment
from lifecycle.returns.settlement.itemized import Itemized


@dataclass(frozen=True)
class RefundOrder:
    """Money back to the tender that ``tender_reference`` names, which the order calls ``tender_id``.

    ``captured`` and ``refunded`` are what the shop knows of that tender.
    """

    return_id: str
    step: str
    tender_id: str
    tender_reference: str
    amount: int
    currency: str
    captured: int
    refunded: int
    #: A refund that the provider itself has reported as failed since, and that this one takes the place of.
    replaces: str | None = None
    #: What it pays for, where a provider asks for that.
    itemized: Itemized | None = None


@dataclass(frozen=True)
class Refund:
    """A refund as the provider knows it."""

    reference: str
    status: Literal["pending", "succeeded", "failed"]
    amount: int


@dataclass(frozen=True)
class HoldOrder:
    """An amount to set aside on the card that ``tender_reference`` names."""

    return_id: str
    step: str
    tender_reference: str
    amount: int
    currency: str
    now: datetime


@dataclass(frozen=True)
class Hold:
    """An amount that was set aside; ``amount`` stays what was held, also when less was captured.

    From ``expires_at`` on the provider has released it by itself.
    """

    reference: str
    amount: int
    state: Literal["held", "released", "captured", "expired"]
    expires_at: datetime


@dataclass(frozen=True)
class ChargeOrder:
    """A new payment with the card that ``tender_reference`` names."""

    return_id: str
    step: str
    tender_reference: str
    amount: int
    currency: str


@dataclass(frozen=True)
class Charge:
    """A payment that was taken; a refund names it by ``reference``."""

    reference: str
    amount: int


class Payments(Protocol):
    """Refunds, holds and charges; raises ``gateways.errors``.

    Who asks first: ``refund``, ``hold`` and ``charge`` themselves look for what was made with the key, however long
    ago, before they make anything, so that nobody has to ask before a first try. Each ``find_...`` makes nothing: it
    is for who does not know what came of an earlier call, and what the provider answers decides what is asked next.
    """

    async def held(self, order: RefundOrder) -> int:
        """How much the tender still holds, whoever paid back what was paid back before."""
        ...

    async def refund(self, order: RefundOrder, idempotency_key: str) -> Refund:
        """Pay back once for each key; raises ``Declined`` (``amount_too_large``) above what the tender holds."""
        ...

    async def find_refund(self, order: RefundOrder, idempotency_key: str) -> Refund | None:
        """The refund made with that key, if there is one.

        The order says which tender to look at; its amount may differ from what was paid back.
        """
        ...

    async def refund_status(self, reference: str) -> Refund:
        """The status of a refund; raises ``Declined`` for an unknown one."""
        ...

    async def hold(self, order: HoldOrder, idempotency_key: str) -> Hold:
        """Set an amount aside once for each key; raises ``Declined`` when the card refuses."""
        ...

    async def find_hold(self, idempotency_key: str, tender_reference: str | None = None) -> Hold | None:
        """The hold placed with that key, if there is one.

        With the tender that it was to be placed on, one that was placed a moment ago is found as well.
        """
        ...

    async def release_hold(self, reference: str) -> Hold:
        """Release a hold; again, or for one that has expired, nothing changes.

        Raises ``Declined`` (``already_captured``, ``not_found``).
        """
        ...

    async def capture_hold(self, reference: str, amount: int, now: datetime) -> Hold:
        """Take at most the held amount, once; the same amount again gives the same answer.

        What was captured is a charge: a refund names it by the hold's reference. Raises
        ``Declined`` (``already_captured`` for another amount, ``amount_too_large``,
        ``hold_released``, ``hold_expired``, ``not_found``).
        """
        ...

    async def charge(self, order: ChargeOrder, idempotency_key: str) -> Charge:
        """Take a new payment with the card on file, once for each key.

        It can be paid back under its own reference. Raises ``Declined`` when the card refuses.
        """
        ...

    async def find_charge(self, idempotency_key: str, tender_reference: str | None = None) -> Charge | None:
        """The payment taken with that key, if there is one.

        With the tender that it was to be taken from, one that was taken a moment ago is found as well.
        """
        ...

    def made_since(self, since: datetime) -> AsyncIterator[MadePayment]:
        """Refunds, whoever made them, and charges and holds made with a key of ours; in no order, page by page."""
        ...
