"""Stripe: refunds of payments, holds on the card of a payment, and new payments with that card.

A tender's reference is a PaymentIntent (``pi_...``) or a charge (``ch_...``, ``py_...``). What
is made here carries its key in its metadata, by which it is looked for: Stripe forgets an
idempotency key after a day. Refunds are found in the list of their payment, which is always up to
date; holds and payments by Stripe's search, which lags by about a minute: there the key bridges
that, or, where nothing is to be made, the list of the customer's payments.
"""

from collections.abc import AsyncIterator, Collection, Iterable
from datetime import datetime
from typing import Literal

import stripe

from gateways.errors import Declined
from gateways.payment.protocol import Charge, ChargeOrder, Hold, HoldOrder, Refund, RefundOrder
from gateways.payment.stripe_answers import (
    KEY,
    as_charge,
    as_hold,
    as_refund,
    check_capture,
    key_of,
    latest_charge,
    made_payment,
    made_refund,
    metadata,
)
from gateways.payment.stripe_errors import gateway_errors
from gateways.payment.stripe_http import StripeHttp
from gateways.payment.stripe_units import from_stripe, to_stripe
from lifecycle.reconciliation.outside import MadePayment

#: A payment in another state came to nothing: its card was refused, or the customer had to be there.
_HELD_ONCE = ("requires_capture", "succeeded", "canceled", "processing")
_PAID = ("succeeded", "processing")


class StripePayments:
    """See the protocol; ``url`` names a stand-in, ``timeout`` is in seconds for all of each call."""

    def __init__(self, key: str, url: str | None = None, timeout: float = 20) -> None:
        self._http = StripeHttp(timeout)
        client = stripe.StripeClient(
            key, http_client=self._http, base_addresses={"api": url} if url else {}, max_network_retries=0
        )
        self._refunds = client.v1.refunds
        self._intents = client.v1.payment_intents
        self._charges = client.v1.charges

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close_async()

    async def held(self, order: RefundOrder) -> int:
        """See the protocol; what Stripe has captured and not paid back, the failed refunds left out."""
        with gateway_errors():
            return _held(await self._charge(order), await self._refunds_of(order), order)

    async def refund(self, order: RefundOrder, idempotency_key: str) -> Refund:
        """See the protocol; ``Declined`` in another currency, too, or when the amount is not exact."""
        amount = to_stripe(order.amount, order.currency)
        with gateway_errors():
            refunds = await self._refunds_of(order)
            if found := _made_with(refunds, idempotency_key):
                return as_refund(found)
            # Stripe would keep its refusal under the key, and the rest could not be paid back with it.
            if order.amount > _held(await self._charge(order), refunds, order):
                raise Declined("the refund is more than the payment still holds", "amount_too_large")
            params: stripe.params.RefundCreateParams = {
                "amount": amount,
                "reason": "requested_by_customer",
                "metadata": metadata(order, idempotency_key),
            }
            params["payment_intent" if _is_intent(order.tender_reference) else "charge"] = order.tender_reference
            made = await self._refunds.create_async(params, {"idempotency_key": idempotency_key})
        return as_refund(made)

    async def find_refund(self, order: RefundOrder, idempotency_key: str) -> Refund | None:
        """See the protocol: all refunds of the tender are looked through."""
        with gateway_errors():
            found = _made_with(await self._refunds_of(order), idempotency_key)
        return as_refund(found) if found else None

    async def refund_status(self, reference: str) -> Refund:
        """See the protocol."""
        with gateway_errors():
            return as_refund(await self._refunds.retrieve_async(reference))

    async def hold(self, order: HoldOrder, idempotency_key: str) -> Hold:
        """See the protocol; ``Declined`` (``no_card_on_file``) where the payment left no card to use again."""
        found = await self.find_hold(idempotency_key)
        return found or as_hold(await self._pay(order, idempotency_key, "manual"))

    async def find_hold(self, idempotency_key: str, tender_reference: str | None = None) -> Hold | None:
        """See the protocol."""
        intent = await self._find_intent(idempotency_key, _HELD_ONCE, tender_reference)
        return as_hold(intent) if intent else None

    async def release_hold(self, reference: str) -> Hold:
        """See the protocol."""
        with gateway_errors():
            intent = await self._intent(reference)
            if intent.status == "succeeded":
                raise Declined("the hold has been captured", "already_captured")
            if intent.status != "canceled":
                intent = await self._intents.cancel_async(
                    reference, {"cancellation_reason": "requested_by_customer", "expand": ["latest_charge"]}
                )
        return as_hold(intent)

    async def capture_hold(self, reference: str, amount: int, now: datetime) -> Hold:
        """See the protocol; whether the hold has expired is Stripe's to say, ``now`` is not looked at."""
        del now
        with gateway_errors():
            intent = await self._intent(reference)
            hold = as_hold(intent)
            sent = to_stripe(amount, intent.currency.upper())
            if hold.state == "captured" and intent.amount_received == sent:
                return hold
            check_capture(hold, amount)
            intent = await self._intents.capture_async(
                reference,
                {"amount_to_capture": sent, "expand": ["latest_charge"]},
                {"idempotency_key": f"{reference}/capture/{sent}"},
            )
        return as_hold(intent)

    async def charge(self, order: ChargeOrder, idempotency_key: str) -> Charge:
        """See the protocol; ``Declined`` (``no_card_on_file``) where the payment left no card to use again."""
        found = await self.find_charge(idempotency_key)
        return found or as_charge(await self._pay(order, idempotency_key, "automatic"))

    async def find_charge(self, idempotency_key: str, tender_reference: str | None = None) -> Charge | None:
        """See the protocol."""
        intent = await self._find_intent(idempotency_key, _PAID, tender_reference)
        return as_charge(intent) if intent else None

    async def made_since(self, since: datetime) -> AsyncIterator[MadePayment]:
        """See the protocol; the shop's own payments are read with them, and left out."""
        created: stripe.params.RefundListParamsCreated = {"gte": int(since.timestamp())}
        with gateway_errors():
            refunds = await self._refunds.list_async({"created": created, "limit": 100})
            async for refund in refunds.auto_paging_iter():
                yield made_refund(refund)
            intents = await self._intents.list_async({"created": {"gte": created["gte"]}, "limit": 100})
            async for intent in intents.auto_paging_iter():
                if (made := made_payment(intent)) is not None:
                    yield made

    async def _pay(
        self, order: HoldOrder | ChargeOrder, key: str, capture: Literal["manual", "automatic"]
    ) -> stripe.PaymentIntent:
        """A payment with the card of an earlier one, without the customer being there."""
        amount = to_stripe(order.amount, order.currency)
        with gateway_errors():
            customer, card = await self._card(order.tender_reference)
            return await self._intents.create_async(
                {
                    "amount": amount,
                    "currency": order.currency.lower(),
                    "customer": customer,
                    "payment_method": card,
                    "capture_method": capture,
                    "confirm": True,
                    "off_session": True,
                    "metadata": metadata(order, key),
                    "expand": ["latest_charge"],
                },
                {"idempotency_key": key},
            )

    async def _card(self, reference: str) -> tuple[str, str]:
        """``(customer, payment method)`` of an earlier payment."""
        payment: stripe.PaymentIntent | stripe.Charge
        if _is_intent(reference):
            payment = await self._intents.retrieve_async(reference)
        else:
            payment = await self._charges.retrieve_async(reference)
        if not payment.customer or not payment.payment_method:
            raise Declined(f"the payment {reference} left no card to use again", "no_card_on_file")
        return str(payment.customer), str(payment.payment_method)

    async def _find_intent(self, key: str, states: Collection[str], tender: str | None) -> stripe.PaymentIntent | None:
        """The payment made with the key, if it is in one of the states."""
        text = key.replace("\\", "\\\\").replace("'", "\\'")
        with gateway_errors():
            found = await self._intents.search_async(
                {"query": f"metadata['{KEY}']:'{text}'", "expand": ["data.latest_charge"]}
            )
            made = found.data or (await self._lately_made(key, tender) if tender else [])
        return next((intent for intent in made if intent.status in states), None)

    async def _lately_made(self, key: str, tender: str) -> list[stripe.PaymentIntent]:
        """The same, among the last hundred payments of whoever paid with the tender: their list does not lag."""
        try:
            customer, _ = await self._card(tender)
        except Declined:  # no card to use again, so that nothing was made with it
            return []
        listed = await self._intents.list_async({"customer": customer, "limit": 100, "expand": ["data.latest_charge"]})
        return [intent for intent in listed.data if getattr(intent.metadata, KEY, None) == key]

    async def _intent(self, reference: str) -> stripe.PaymentIntent:
        return await self._intents.retrieve_async(reference, {"expand": ["latest_charge"]})

    async def _charge(self, order: RefundOrder) -> stripe.Charge:
        """What the tender was paid with, in the order's currency."""
        reference = order.tender_reference
        if _is_intent(reference):
            charge = latest_charge(await self._intent(reference))
            if charge is None:
                raise Declined(f"nothing was paid with {reference}", "not_found")
        else:
            charge = await self._charges.retrieve_async(reference)
        if charge.currency.upper() != order.currency:
            raise Declined("the charge is in another currency", "currency_mismatch")
        return charge

    async def _refunds_of(self, order: RefundOrder) -> list[stripe.Refund]:
        """All refunds of the tender, newest first."""
        params: stripe.params.RefundListParams = {"limit": 100}
        params["payment_intent" if _is_intent(order.tender_reference) else "charge"] = order.tender_reference
        listed = await self._refunds.list_async(params)
        return [refund async for refund in listed.auto_paging_iter()]


def _is_intent(reference: str) -> bool:
    return reference.startswith("pi_")


def _made_with(refunds: Iterable[stripe.Refund], key: str) -> stripe.Refund | None:
    return next((refund for refund in refunds if key_of(refund) == key), None)


def _held(charge: stripe.Charge, refunds: Iterable[stripe.Refund], order: RefundOrder) -> int:
    """How much of the charge is left, whether or not the refund that the order replaces has failed already."""
    counted = (refund for refund in refunds if refund.id != order.replaces)
    gone = sum(refund.amount for refund in counted if as_refund(refund).status != "failed")
    return max(0, from_stripe(charge.amount_captured - gone, order.currency))
