"""Partners' webhooks, one row each: from it come the call, its description, who may make it and how it is read.

A reader loads its partner's library at the first webhook: that costs half a second. Beside its row a partner needs
its secret in ``workers/settings.py`` and its headers in ``ops/proxy/webhook_headers.conf``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from gateways.webhook_protocol import Webhooks


@dataclass(frozen=True)
class PartnerWebhook:
    """How one partner calls ``POST /v1/webhooks/{name}``."""

    #: Which holds the secret that the partner signs with; without it the address is closed.
    setting: str
    #: The header that brings the signature.
    signature: str
    #: Makes the reader of body and headers; it is given the secret, and its events' ``source`` is the row's name.
    reader: Callable[[str], Webhooks]
    #: What the API's description says of the call, and shows as its body.
    description: str
    example: Mapping[str, Any]
    #: Further headers that are signed.
    signed_headers: tuple[str, ...] = ()
    #: Whether what comes again under the same id has to say the same as before, else it is refused.
    compares_repeats: bool = False
    #: Whether a call of several messages is answered with the state of each.
    answers_each: bool = False

    @property
    def headers(self) -> tuple[str, ...]:
        """All that its reader needs, which a proxy has to pass on."""
        return (self.signature, *self.signed_headers)


def _easypost(secret: str) -> Webhooks:
    from gateways.carrier.easypost_webhooks import EasyPostWebhooks

    return EasyPostWebhooks(secret)


def _stripe(secret: str) -> Webhooks:
    from gateways.payment.stripe_webhooks import StripeWebhooks

    return StripeWebhooks(secret)


def _payments(secret: str) -> Webhooks:
    from gateways.payment.http_webhooks import RefundNews

    return RefundNews(secret)


def _warehouse(secret: str) -> Webhooks:
    from gateways.warehouse.standard_webhooks import StandardWebhooks

    return StandardWebhooks("warehouse", secret)


_SCAN: Final = {
    "id": "evt_1",
    "object": "Event",
    "description": "tracker.updated",
    "created_at": "2026-11-10T09:00:05Z",
    "result": {
        "id": "trk_1",
        "object": "Tracker",
        "tracking_code": "9400100000000000000000",
        "status": "in_transit",
        "tracking_details": [{"status": "in_transit", "message": "Accepted", "datetime": "2026-11-10T09:00:00Z"}],
    },
}
_REFUND: Final = {
    "id": "evt_1",
    "object": "event",
    "type": "refund.failed",
    "created": 1794474000,
    "data": {
        "object": {
            "id": "re_1",
            "object": "refund",
            "status": "failed",
            "failure_reason": "expired_or_canceled_card",
            "metadata": {"return_id": "R-1001"},
        }
    },
}
_NEWS: Final = {
    "type": "refund",
    "reference": "RF-1001",
    "status": "failed",
    "at": "2026-11-10T09:00:00Z",
    "code": "account_closed",
    "return_id": "R-1001",
}
_RECEIPT: Final = {
    "type": "receipt",
    "return_id": "R-1001",
    "data": {"receipt_id": "rcpt-1", "complete": True, "units": [{"line_id": "1", "quantity": 1}]},
}

#: By the last part of the address, which the inbox keeps as the source of what it brings.
WEBHOOKS: Final[Mapping[str, PartnerWebhook]] = {
    "easypost": PartnerWebhook(
        setting="easypost_webhook_secret",
        signature="X-Hmac-Signature",
        reader=_easypost,
        description="What a carrier says of a parcel, from EasyPost: events of trackers; others are ignored.",
        example=_SCAN,
    ),
    "stripe": PartnerWebhook(
        setting="stripe_webhook_secret",
        signature="Stripe-Signature",
        reader=_stripe,
        description="The outcome of a refund, from Stripe: events of refunds; others are ignored.",
        example=_REFUND,
    ),
    "warehouse": PartnerWebhook(
        setting="warehouse_webhook_secret",
        signature="webhook-signature",
        reader=_warehouse,
        description="A receipt or an inspection, from the warehouse, signed as Standard Webhooks are. "
        "It names its return by return_id, or by the tracking_code of its parcel.",
        example=_RECEIPT,
        signed_headers=("webhook-id", "webhook-timestamp"),
        compares_repeats=True,
        answers_each=True,
    ),
    "payments": PartnerWebhook(
        setting="payments_webhook_secret",
        signature="webhook-signature",
        reader=_payments,
        description="The outcome of a refund, from the shop's own refund service, signed as Standard Webhooks are.",
        example=_NEWS,
        signed_headers=("webhook-id", "webhook-timestamp"),
        compares_repeats=True,
    ),
}
