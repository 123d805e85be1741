"""Refunds by the shop's own service, over HTTP: ``docs/own-systems.md`` is its protocol.

It remembers for good what it made with a key, so that asking for a refund again brings its outcome. It gives
money back, and neither holds nor charges any.
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any, NoReturn

from gateways.database.engine import Database
from gateways.database.returns import records
from gateways.errors import Declined, Unavailable, code_or
from gateways.payment.http_answers import STATUSES, FoundRefund, HeldAmount, ListedRefund, RefundAnswer, RefundPage
from gateways.payment.protocol import Charge, ChargeOrder, Hold, HoldOrder, Refund, RefundOrder
from gateways.signed_calls import TIMEOUT, NotOffered, SignedCalls
from lifecycle.contract.request import Order, Tender
from lifecycle.reconciliation.outside import MadePayment
from lifecycle.returns.settlement.itemized import Itemized


class HttpPayments:
    """See the protocol; ``secrets`` sign what it is asked, ``timeout`` is in seconds for all of each call."""

    def __init__(self, database: Database, url: str, secrets: str, timeout: float = TIMEOUT) -> None:
        self._database = database
        self._calls = SignedCalls("refund service", url, secrets, timeout)

    async def close(self) -> None:
        """Close the connections."""
        await self._calls.close()

    async def held(self, order: RefundOrder) -> int:
        """See the protocol; ``Declined`` (``amount_too_large``) where the service does not say."""
        try:
            return (await self._calls.ask("/refunds/held", await self._asked(order), HeldAmount)).amount
        except NotOffered:
            why = "the refund is more than the tender holds, and the refund service does not say how much that is"
            raise Declined(why, "amount_too_large") from None

    async def refund(self, order: RefundOrder, idempotency_key: str) -> Refund:
        """See the protocol: what was made with the key is its answer."""
        asked = {"idempotency_key": idempotency_key, "amount": order.amount, "replaces": order.replaces}
        asked |= await self._asked(order)
        answer = await self._calls.ask("/refunds", asked, RefundAnswer)
        if answer.status == "refused":
            code = code_or(answer.code, "refused")
            raise Declined(f"the refund service refused: {code}", code)
        amount = order.amount if answer.amount is None else answer.amount
        if answer.reference is None or not 0 < amount <= order.amount:
            expected = "a reference, and an amount of at most what was asked for"
            raise Unavailable(f"the refund service's answer is not right: expected {expected}", "misshaped")
        return Refund(answer.reference, STATUSES[answer.status], amount)

    async def find_refund(self, order: RefundOrder, idempotency_key: str) -> Refund | None:  # noqa: ARG002
        """See the protocol."""
        return await self._find({"idempotency_key": idempotency_key})

    async def refund_status(self, reference: str) -> Refund:
        """See the protocol."""
        found = await self._find({"reference": reference})
        if found is None:
            raise Declined(f"there is no refund {reference}", "not_found")
        return found

    async def hold(self, order: HoldOrder, idempotency_key: str) -> Hold:  # noqa: ARG002
        """Refused: the service gives money back alone."""
        _unsupported("sets no money aside")

    async def find_hold(self, idempotency_key: str, tender_reference: str | None = None) -> Hold | None:  # noqa: ARG002
        """None: it places no holds."""
        return None

    async def release_hold(self, reference: str) -> Hold:
        """Refused (``not_found``): it places no holds."""
        raise Declined(f"there is no hold {reference}", "not_found")

    async def capture_hold(self, reference: str, amount: int, now: datetime) -> Hold:  # noqa: ARG002
        """Refused (``not_found``): it places no holds."""
        raise Declined(f"there is no hold {reference}", "not_found")

    async def charge(self, order: ChargeOrder, idempotency_key: str) -> Charge:  # noqa: ARG002
        """Refused: the service gives money back alone."""
        _unsupported("charges nobody")

    async def find_charge(self, idempotency_key: str, tender_reference: str | None = None) -> Charge | None:  # noqa: ARG002
        """None: it makes no charges."""
        return None

    async def made_since(self, since: datetime) -> AsyncIterator[MadePayment]:
        """See the protocol; nothing where the service keeps no list, and then each refund is asked after by itself."""
        asked: dict[str, str | None] = {"since": since.astimezone(UTC).isoformat(), "cursor": None}
        while True:
            try:
                page = await self._calls.ask("/refunds/list", asked, RefundPage)
            except NotOffered:
                return
            for one in page.refunds:
                yield _made(one)
            if page.cursor is None:
                return
            if page.cursor == asked["cursor"]:
                raise Unavailable("the refund service's list does not go on", "misshaped")
            asked["cursor"] = page.cursor

    async def _find(self, asked: dict[str, Any]) -> Refund | None:
        found = (await self._calls.ask("/refunds/find", asked, FoundRefund)).refund
        return Refund(found.reference, STATUSES[found.status], found.amount) if found else None

    async def _asked(self, order: RefundOrder) -> dict[str, Any]:
        """What the service is told of a refund, whatever it is asked."""
        request = await self._database.read(lambda connection: records.request_in(connection, order.return_id))
        tender = next(one for one in request.order.tenders if one.tender_id == order.tender_id)
        return {
            "return_id": order.return_id,
            "order_id": request.order.order_id,
            "customer_id": request.order.customer.customer_id,
            "currency": order.currency,
            "tender": _tender(tender, order),
            "settlement": _settlement(request.order, order.itemized) if order.itemized else None,
        }


def _unsupported(does: str) -> NoReturn:
    raise Declined(f"the shop's refund service {does}", "unsupported")


def _tender(tender: Tender, order: RefundOrder) -> dict[str, Any]:
    return {
        "tender_id": tender.tender_id,
        "kind": tender.kind.value,
        "reference": tender.reference,
        "captured": order.captured,
        "refunded": order.refunded,
    }


def _settlement(order: Order, given: Itemized) -> dict[str, Any]:
    lines = [line.model_dump(mode="json") | {"sku": order.line(line.line_id).sku} for line in given.lines]
    return {"lines": lines, "breakdown": given.breakdown.model_dump(mode="json")}


def _made(one: ListedRefund) -> MadePayment:
    state = STATUSES[one.status]
    key, paid_back = one.idempotency_key, one.tender_reference
    return MadePayment("refund", one.reference, key, paid_back, one.amount, state, one.made_at)
