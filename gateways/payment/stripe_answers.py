"""Stripe's objects as ours."""

from datetime import UTC, datetime, timedelta
from typing import Literal

import stripe

from gateways.errors import Declined, Unavailable, code_or
from gateways.payment.protocol import Charge, ChargeOrder, Hold, HoldOrder, Refund, RefundOrder
from gateways.payment.stripe_units import from_stripe
from lifecycle.reconciliation.outside import MadePayment

#: Where an object's metadata keeps the key that it was made with.
KEY = "homeward_key"
#: The shortest time that a card network keeps an amount aside, where Stripe does not say until
#: when: Visa's for a payment without the customer
#: (https://docs.stripe.com/payments/place-a-hold-on-a-payment-method).
_SHORTEST_HOLD = timedelta(days=4, hours=18)
REFUND_STATES: dict[str | None, Literal["pending", "succeeded", "failed"]] = {
    "succeeded": "succeeded",
    "failed": "failed",
    "canceled": "failed",
}
_HOLD_STATES: dict[str, Literal["held", "captured"]] = {"requires_capture": "held", "succeeded": "captured"}


def metadata(order: RefundOrder | HoldOrder | ChargeOrder, key: str) -> dict[str, str]:
    """What an object is found by, here and in Stripe's dashboard."""
    return {KEY: key, "return_id": order.return_id, "step": order.step}


def key_of(made: stripe.Refund | stripe.PaymentIntent) -> str | None:
    """The key that an object was made with; None for one that was not made here."""
    return getattr(made.metadata, KEY, None)


def as_refund(refund: stripe.Refund) -> Refund:
    """``requires_action`` (the customer must give a bank account) is pending."""
    status: Literal["pending", "succeeded", "failed"] = REFUND_STATES.get(refund.status, "pending")
    return Refund(refund.id, status, from_stripe(refund.amount, refund.currency.upper()))


def as_hold(intent: stripe.PaymentIntent) -> Hold:
    """Raises ``Unavailable`` while Stripe is at it, ``Declined`` when nothing was set aside."""
    state: Literal["held", "released", "captured", "expired"] | None = _HOLD_STATES.get(intent.status)
    if intent.status == "canceled":
        state = "expired" if intent.cancellation_reason in ("automatic", "expired") else "released"
    if state is None:
        raise _not_done(intent)
    return Hold(intent.id, from_stripe(intent.amount, intent.currency.upper()), state, _expires_at(intent))


def as_charge(intent: stripe.PaymentIntent) -> Charge:
    """Raises ``Unavailable`` while Stripe is at it, ``Declined`` when nothing was paid."""
    if intent.status != "succeeded":
        raise _not_done(intent)
    return Charge(intent.id, from_stripe(intent.amount_received, intent.currency.upper()))


def made_refund(refund: stripe.Refund) -> MadePayment:
    """A refund of a list, whoever made it."""
    paid_back = refund.payment_intent or refund.charge
    payment = paid_back if isinstance(paid_back, str) or paid_back is None else paid_back.id
    kept = as_refund(refund)
    return MadePayment("refund", kept.reference, key_of(refund), payment, kept.amount, kept.status, _at(refund.created))


def made_payment(intent: stripe.PaymentIntent) -> MadePayment | None:
    """A charge or a hold of a list; None for a payment that was not made here, or that came to nothing."""
    key, currency = key_of(intent), intent.currency.upper()
    if key is None:
        return None
    if intent.capture_method != "manual":
        amount = from_stripe(intent.amount_received, currency)
        made = intent.status == "succeeded"
        return MadePayment("charge", intent.id, key, None, amount, "succeeded", _at(intent.created)) if made else None
    state = "released" if intent.status == "canceled" else _HOLD_STATES.get(intent.status)
    taken = intent.amount_received if state == "captured" else intent.amount
    amount = from_stripe(taken, currency)
    return MadePayment("hold", intent.id, key, None, amount, state, _at(intent.created)) if state else None


def _at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def latest_charge(intent: stripe.PaymentIntent) -> stripe.Charge | None:
    """The expanded charge of a payment."""
    return intent.latest_charge if isinstance(intent.latest_charge, stripe.Charge) else None


def check_capture(hold: Hold, amount: int) -> None:
    """Whether ``amount`` can be taken from the hold; raises ``Declined``."""
    if hold.state == "captured":
        raise Declined("another amount of the hold has been captured", "already_captured")
    if hold.state == "released":
        raise Declined("the hold has been released", "hold_released")
    if hold.state == "expired":
        raise Declined("the hold has expired", "hold_expired")
    if amount > hold.amount:
        raise Declined("more than was held cannot be captured", "amount_too_large")


def _not_done(intent: stripe.PaymentIntent) -> Declined | Unavailable:
    if intent.status == "processing":
        return Unavailable(f"Stripe is still processing {intent.id}", "processing")
    status = code_or(intent.status, "unpaid")
    return Declined(f"the payment {intent.id} stayed {status}", status)


def _expires_at(intent: stripe.PaymentIntent) -> datetime:
    card = getattr(getattr(latest_charge(intent), "payment_method_details", None), "card", None)
    until: int | None = getattr(card, "capture_before", None)
    return datetime.fromtimestamp(until, UTC) if until else datetime.fromtimestamp(intent.created, UTC) + _SHORTEST_HOLD
