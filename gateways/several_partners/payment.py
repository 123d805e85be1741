"""Several payment providers as one: chosen by the kind of tender, and true to whom made what.

Another of them changes nothing here: ``workers.partner_table`` lists them.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection

from gateways.database import effect_partners, ledger
from gateways.database.engine import Database
from gateways.database.returns import records
from gateways.payment.protocol import Charge, ChargeOrder, Hold, HoldOrder, Payments, Refund, RefundOrder
from gateways.several_partners.partners import Partners
from lifecycle.contract.tenders import TenderKind
from lifecycle.reconciliation.outside import MadePayment

Payment = TypeVar("Payment", bound=Refund | Hold | Charge | None)
#: The name of the provider for a kind of tender; None for a tender that the order does not have.
Choose = Callable[[TenderKind | None], str]


class RoutedPayments:
    """See the protocol; the first of ``providers`` is the default.

    What was charged by a provider, or captured of its hold, it pays back itself.
    """

    def __init__(self, database: Database, providers: Mapping[str, Payments], choose: Choose) -> None:
        self._database = database
        self._providers = Partners(database, providers)
        self._choose = choose

    async def held(self, order: RefundOrder) -> int:
        """See the protocol; asked of whoever is asked for the refund."""
        return await (await self._refunding(order, ledger.key(order.return_id, order.step))).held(order)

    async def refund(self, order: RefundOrder, idempotency_key: str) -> Refund:
        """See the protocol."""
        provider = await self._refunding(order, idempotency_key)
        return await self._kept(idempotency_key, await provider.refund(order, idempotency_key))

    async def find_refund(self, order: RefundOrder, idempotency_key: str) -> Refund | None:
        """See the protocol."""
        provider = await self._providers.asked(idempotency_key)
        return await self._kept(idempotency_key, await provider.find_refund(order, idempotency_key))

    async def refund_status(self, reference: str) -> Refund:
        """See the protocol; asked of whoever made it."""
        return await self._providers.about(reference, lambda provider: provider.refund_status(reference))

    async def hold(self, order: HoldOrder, idempotency_key: str) -> Hold:
        """See the protocol."""
        provider = await self._paying(order, idempotency_key)
        return await self._kept(idempotency_key, await provider.hold(order, idempotency_key))

    async def find_hold(self, idempotency_key: str, tender_reference: str | None = None) -> Hold | None:
        """See the protocol."""
        provider = await self._providers.asked(idempotency_key)
        return await self._kept(idempotency_key, await provider.find_hold(idempotency_key, tender_reference))

    async def release_hold(self, reference: str) -> Hold:
        """See the protocol; asked of whoever placed it."""
        return await self._providers.about(reference, lambda provider: provider.release_hold(reference))

    async def capture_hold(self, reference: str, amount: int, now: datetime) -> Hold:
        """See the protocol; asked of whoever placed it."""
        return await self._providers.about(reference, lambda provider: provider.capture_hold(reference, amount, now))

    async def charge(self, order: ChargeOrder, idempotency_key: str) -> Charge:
        """See the protocol."""
        provider = await self._paying(order, idempotency_key)
        return await self._kept(idempotency_key, await provider.charge(order, idempotency_key))

    async def find_charge(self, idempotency_key: str, tender_reference: str | None = None) -> Charge | None:
        """See the protocol."""
        provider = await self._providers.asked(idempotency_key)
        return await self._kept(idempotency_key, await provider.find_charge(idempotency_key, tender_reference))

    async def made_since(self, since: datetime) -> AsyncIterator[MadePayment]:
        """See the protocol; of all of them."""
        for provider in self._providers.all():
            async for made in provider.made_since(since):
                yield made

    async def _refunding(self, order: RefundOrder, key: str) -> Payments:
        # A refund that takes the place of another one is the same provider's.
        return await self._assigned(key, order.return_id, order.replaces, order.tender_reference)

    async def _paying(self, order: HoldOrder | ChargeOrder, key: str) -> Payments:
        return await self._assigned(key, order.return_id, None, order.tender_reference)

    async def _assigned(self, key: str, return_id: str, replaces: str | None, tender: str) -> Payments:
        def name(connection: Connection) -> str:
            made_by = replaces and effect_partners.maker_in(connection, replaces)
            made_by = made_by or effect_partners.maker_in(connection, tender)
            return made_by or self._choose(_kind(connection, return_id, tender))

        return await self._providers.assign(key, await self._database.read(name))

    async def _kept(self, key: str, made: Payment) -> Payment:
        if made is not None:
            await self._providers.keep(key, made.reference)
        return made


def _kind(connection: Connection, return_id: str, reference: str) -> TenderKind | None:
    """The kind of the tender that the provider knows by the reference."""
    tenders = records.request_in(connection, return_id).order.tenders
    return next((one.kind for one in tenders if reference in (one.reference, f"{return_id}/{one.tender_id}")), None)
