"""EasyPost's webhooks: what carriers say of the parcels that it knows.

Each event brings the whole history of a parcel. Every scan that changes something becomes a message
of its own, named after parcel, status and time: one that a lost event brought first comes with
the next, and is dropped where it came before. The signature has no time in it, so how old an event
may be is measured by its own ``created_at``: EasyPost tries for about a day
(https://www.easypost.com/if-the-customers-webhook-url-goes-down-how-does-easypost-respond).
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from easypost.errors import SignatureVerificationError
from easypost.util import validate_webhook
from pydantic import BaseModel, BeforeValidator, Field

from gateways.errors import code_or
from gateways.webhook_protocol import NotJson, NotSigned, PartnerEvent, read_as, read_json
from lifecycle.contract.messages import TrackingEvent, TrackingStatus
from lifecycle.contract.texts import Identifier
from lifecycle.contract.times import Instant

#: How far ahead of ours EasyPost's clock may be, and how old an event may be.
AHEAD, OLDEST = timedelta(minutes=5), timedelta(days=7)
_SIGNATURE = "X-Hmac-Signature"
_EVENTS = ("tracker.created", "tracker.updated")
#: What a status means (https://docs.easypost.com/docs/trackers). The rest says nothing of where the parcel is:
#: ``unknown``, ``pre_transit`` (there is a label), ``cancelled`` (the label is void), ``error``.
_STATUS = {
    "in_transit": TrackingStatus.IN_TRANSIT,
    "out_for_delivery": TrackingStatus.IN_TRANSIT,
    "available_for_pickup": TrackingStatus.IN_TRANSIT,
    "delivered": TrackingStatus.DELIVERED,
    "return_to_sender": TrackingStatus.RETURNED,
    "failure": TrackingStatus.FAILED,
}


def _in_utc(value: Any) -> Any:
    """Where the carrier does not say where it was, the time is in UTC, and may not say so."""
    if isinstance(value, str):
        try:
            found = datetime.fromisoformat(value)
        except ValueError:
            return value
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    return value


_When = Annotated[Instant, BeforeValidator(_in_utc)]


class _Event(BaseModel):
    description: str
    created_at: _When
    result: Any = None


class _Scan(BaseModel):
    status: str | None = None
    status_detail: str | None = None
    datetime: _When | None = None


class _Tracker(BaseModel):
    id: Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[!-~]+$")]
    tracking_code: Identifier
    status: str | None = None
    status_detail: str | None = None
    updated_at: _When | None = None
    tracking_details: list[_Scan] | None = None
    is_return: bool | None = None
    shipment_id: str | None = None


class _Root(BaseModel):
    result: _Tracker


class EasyPostWebhooks:
    """See the protocol; ``secret`` is the webhook's own, as it was given to EasyPost."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def read(self, body: bytes, headers: Mapping[str, str], now: datetime) -> list[PartnerEvent]:
        """See the protocol."""
        self._check(body, headers)
        raw = read_json(body)
        event = read_as(_Event, raw)
        if event.created_at > now + AHEAD:
            raise NotSigned("created_at: the event is from the future")
        if event.created_at < now - OLDEST:
            raise NotSigned(f"created_at: the event is older than {OLDEST.days} days")
        if event.description not in _EVENTS:
            return []
        tracker = read_as(_Root, raw).result
        # A label that somebody else bought for a parcel to a customer is no return's.
        elsewhere = tracker.is_return is False and bool(tracker.shipment_id)
        return [
            PartnerEvent("easypost", scan.event_id, "tracking", scan, only_if_known=elsewhere)
            for scan in _scans(tracker, event.created_at)
        ]

    def _check(self, body: bytes, headers: Mapping[str, str]) -> None:
        # The SDK looks the header up in this spelling alone.
        given = {_SIGNATURE: headers.get(_SIGNATURE)}
        try:
            validate_webhook(body, given, self._secret)
        except (SignatureVerificationError, TypeError):  # what is not ASCII cannot be compared
            raise NotSigned(f"{_SIGNATURE}: the signature does not fit") from None
        except (ValueError, RecursionError):
            raise NotJson("expected JSON in UTF-8") from None


def _scans(tracker: _Tracker, heard_at: datetime) -> list[TrackingEvent]:
    """What changed where the parcel is, the oldest first.

    Of scans in a row that say the same, the first counts. What comes after the carrier has turned
    back is the way back to the customer.
    """
    found: list[TrackingEvent] = []
    about = tracker.updated_at or heard_at
    timed = [(scan.datetime or about, number, scan) for number, scan in enumerate(tracker.tracking_details or [])]
    for at, number, scan in sorted(timed, key=lambda timed: timed[:2]):
        status = _meaning(scan)
        if status is None or (found and found[-1].status is status is not TrackingStatus.FAILED):
            continue
        name = f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}" if scan.datetime else str(number)
        found.append(_told(tracker, status, at, name, scan.status_detail))
        if status is TrackingStatus.RETURNED:
            return found
    now = _meaning(tracker)
    if now is not None and now not in {event.status for event in found}:
        # No scan says what the carrier says of the parcel as a whole.
        found.append(_told(tracker, now, about, "now", tracker.status_detail))
    return found


def _meaning(said: _Scan | _Tracker) -> TrackingStatus | None:
    if said.status_detail == "lost" and said.status != "delivered":
        return TrackingStatus.LOST
    return _STATUS.get(said.status or "")


def _told(tracker: _Tracker, status: TrackingStatus, at: datetime, name: str, said: str | None) -> TrackingEvent:
    return TrackingEvent(
        event_id=f"{tracker.id}/{status}/{name}",
        tracking_code=tracker.tracking_code,
        status=status,
        at=at,
        # EasyPost's word for it, never the carrier's sentence, which may name whoever took the parcel in.
        detail=code_or(said, "") or None,
    )
