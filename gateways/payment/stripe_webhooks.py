"""Stripe's webhooks: the outcome of refunds after they were made."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from pydantic import BaseModel, Field, TypeAdapter, ValidationError
from stripe import SignatureVerificationError, WebhookSignature

from gateways.errors import code_or
from gateways.payment.stripe_answers import REFUND_STATES
from gateways.webhook_protocol import NotSigned, PartnerEvent, read_as, read_json
from lifecycle.contract.messages import PaymentEvent, PaymentStatus
from lifecycle.contract.texts import Identifier, ReturnId

#: How far the time of the signature may be from now, both ways; each try of Stripe's is signed anew.
TOLERANCE = timedelta(minutes=5)
#: A refund that was just made is known from its own answer.
_EVENTS = ("refund.updated", "refund.failed", "charge.refund.updated")
_RETURN_ID: TypeAdapter[str] = TypeAdapter(ReturnId)


class _Event(BaseModel):
    id: Identifier
    type: str


class _Refund(BaseModel):
    id: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[!-~]+$")]
    status: str | None
    failure_reason: str | None = None
    metadata: dict[str, Any] | None = None


class _Data(BaseModel):
    object: _Refund


class _RefundEvent(_Event):
    created: Annotated[int, Field(ge=0, le=10**11)]
    data: _Data


class StripeWebhooks:
    """See the protocol; ``secret`` is the endpoint's own (``whsec_...``)."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def read(self, body: bytes, headers: Mapping[str, str], now: datetime) -> list[PartnerEvent]:
        """See the protocol."""
        self._check(body, headers.get("Stripe-Signature"), now)
        raw = read_json(body)
        if read_as(_Event, raw).type not in _EVENTS:
            return []
        event = read_as(_RefundEvent, raw)
        refund = event.data.object
        status = PaymentStatus(REFUND_STATES.get(refund.status, "pending"))
        message = PaymentEvent(
            event_id=event.id,
            reference=refund.id,
            status=status,
            at=datetime.fromtimestamp(event.created, UTC),
            detail=code_or(refund.failure_reason, "") or None,
        )
        return_id = _return_of(refund)
        # A refund that was made elsewhere and went through is nobody's business here.
        elsewhere = return_id is None and status is not PaymentStatus.FAILED
        return [PartnerEvent("stripe", event.id, "payment", message, return_id, only_if_known=elsewhere)]

    def _check(self, body: bytes, signature: str | None, now: datetime) -> None:
        try:
            WebhookSignature.verify_header(body, signature, self._secret)
            signed_at = next(int(part[2:]) for part in (signature or "").split(",") if part.startswith("t="))
        except (SignatureVerificationError, TypeError, ValueError, StopIteration):
            raise NotSigned("Stripe-Signature: the signature does not fit") from None
        # The SDK looks at the past alone.
        if abs(signed_at - now.timestamp()) > TOLERANCE.total_seconds():
            raise NotSigned("Stripe-Signature: its time is too far from now")


def _return_of(refund: _Refund) -> str | None:
    """What the gateway wrote on the refund; somebody else's refund may carry anything under that name."""
    try:
        return _RETURN_ID.validate_python((refund.metadata or {}).get("return_id"))
    except ValidationError:
        return None
