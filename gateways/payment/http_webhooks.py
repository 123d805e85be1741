"""News of refunds from the shop's own service: its outcome after it was asked for."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import BaseModel, Field

from gateways.errors import code_or
from gateways.payment.http_answers import STATUSES
from gateways.signatures import Signatures
from gateways.webhook_protocol import PartnerEvent, read_as, read_json
from lifecycle.contract.errors import InvalidRequest
from lifecycle.contract.messages import PaymentEvent
from lifecycle.contract.texts import ReturnId
from lifecycle.contract.times import Instant

_LONGEST_ID: Final = 100


class _News(BaseModel):
    type: Literal["refund"]
    return_id: ReturnId | None = None
    reference: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[!-~]+$")]
    status: Literal["done", "pending", "failed"]
    at: Instant
    code: str | None = None


class RefundNews:
    """See the protocol; ``secrets`` as ``gateways.signatures`` takes them."""

    def __init__(self, secrets: str) -> None:
        self._signatures = Signatures(secrets)

    def read(self, body: bytes, headers: Mapping[str, str], now: datetime) -> list[PartnerEvent]:  # noqa: ARG002
        """See the protocol; the signature's time is checked with it."""
        event_id = self._signatures.check(body, headers)
        if len(event_id) > _LONGEST_ID:
            raise InvalidRequest([("webhook-id", f"expected at most {_LONGEST_ID} characters")])
        news = read_as(_News, read_json(body), strict=True)
        told = {"event_id": event_id, "reference": news.reference, "status": STATUSES[news.status], "at": news.at}
        message = read_as(PaymentEvent, told | {"detail": code_or(news.code, "") or None}, strict=True)
        return [PartnerEvent("payments", event_id, "payment", message, news.return_id)]
