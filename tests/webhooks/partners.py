"""The partners, as their webhooks are seen from here: each signs in its own scheme."""

import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import uuid4

import httpx
from standardwebhooks import Webhook
from stripe import WebhookSignature

from lifecycle.contract.messages import TrackingStatus

Json = dict[str, Any]
Partner = Literal["easypost", "stripe", "warehouse", "payments"]
SECRETS: dict[Partner, str] = {
    "easypost": "a secret of ours, long enough",
    "stripe": "whsec_stripes_own_long_enough",
    "warehouse": "whsec_" + "c2VjcmV0LW9mLXRoZS13YXJlaG91c2Uh",
    "payments": "whsec_" + "c2VjcmV0LW9mLXRoZS1vd24tbGVkZ2VyISEh",
}


@dataclass
class Hook:
    """One webhook, signed when it is sent: ``secret`` and ``ago`` (seconds) make it a wrong one."""

    partner: Partner
    body: Any
    id: str = field(default_factory=lambda: f"msg_{uuid4().hex}")
    secret: str | None = None
    ago: float = 0

    @property
    def raw(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()

    @property
    def headers(self) -> dict[str, str]:
        secret = self.secret or SECRETS[self.partner]
        if self.partner == "easypost":
            digest = hmac.new(secret.encode(), self.raw, hashlib.sha256).hexdigest()
            return {"x-hmac-signature": f"hmac-sha256-hex={digest}"}
        at = time.time() - self.ago
        text = self.raw.decode(errors="replace")
        if self.partner == "stripe":
            signature = WebhookSignature.generate_signature_header(text, secret, timestamp=int(at))
            return {"stripe-signature": signature}
        signed_at = datetime.fromtimestamp(int(at), UTC)
        signature = Webhook(secret).sign(self.id, signed_at, text)
        return {"webhook-id": self.id, "webhook-timestamp": str(int(at)), "webhook-signature": signature}


@dataclass
class Door:
    """The address that partners send to."""

    http: httpx.AsyncClient

    async def send(self, hook: Hook, **changes: Any) -> httpx.Response:
        """Send it; ``content`` and ``headers`` replace what was signed."""
        sent = {"content": hook.raw, "headers": hook.headers | {"content-type": "application/json"}} | changes
        return await self.http.post(f"/v1/webhooks/{hook.partner}", **sent)

    async def told(self, hook: Hook) -> tuple[int, str]:
        """Send it; status and state."""
        answered = await self.send(hook)
        return answered.status_code, answered.json()["state"]


def scan(code: str, *scans: tuple[str, datetime], about: Json | None = None, ago: float = 0) -> Hook:
    """EasyPost's event of a parcel with these scans so far, made so many seconds ago."""
    now = datetime.fromtimestamp(time.time() - ago, UTC)
    tracker = {
        "id": f"trk_{hashlib.sha256(code.encode()).hexdigest()[:32]}",
        "object": "Tracker",
        "tracking_code": code,
        "status": scans[-1][0] if scans else "unknown",
        "status_detail": "unknown",
        "updated_at": now.isoformat(),
        "signed_by": None,
        "tracking_details": [
            {"object": "TrackingDetail", "status": status, "status_detail": "x", "message": "Seen", "source": "USPS"}
            | {"datetime": at.isoformat().replace("+00:00", "Z"), "tracking_location": {"city": None}}
            for status, at in scans
        ],
    } | (about or {})
    return Hook("easypost", event(tracker, now))


def event(tracker: Json, at: datetime, description: str = "tracker.updated") -> Json:
    """EasyPost's envelope."""
    event_id = f"evt_{uuid4().hex}"
    created_at = at.isoformat().replace("+00:00", "Z")
    return {"id": event_id, "object": "Event", "mode": "test", "description": description} | {
        "created_at": created_at,
        "previous_attributes": {"status": "unknown"},
        "result": tracker,
    }


def refund(
    reference: str,
    status: str,
    return_id: str | None = None,
    kind: str = "refund.updated",
    at: float | None = None,
    **about: Any,
) -> Hook:
    """Stripe's event of a refund."""
    made = {"id": reference, "object": "refund", "amount": 4000, "currency": "usd", "status": status} | {
        "charge": "ch_1",
        "metadata": {"return_id": return_id, "step": "refund-t1", "homeward_key": "k"} if return_id else {},
        "failure_reason": "expired_or_canceled_card" if status == "failed" else None,
    }
    body = {
        "id": f"evt_{uuid4().hex}",
        "object": "event",
        "api_version": "2026-10-28",
        "created": int(at if at is not None else time.time()),
        "type": kind,
        "data": {"object": made | about},
    }
    return Hook("stripe", body)


def news(
    reference: str, status: str, return_id: str | None = "R-unknown", *, at: datetime | None = None, **about: Any
) -> Hook:
    """What the shop's own refund service says of a refund."""
    told = {"type": "refund", "reference": reference, "status": status}
    told |= {"return_id": return_id} if return_id else {}
    return Hook("payments", told | {"at": (at or datetime.now(UTC)).isoformat()} | about)


def receipt(return_id: str, *, receipt_id: str | None = None, complete: bool = True, line_id: str = "1") -> Hook:
    """The warehouse opened a parcel with one unit."""
    data = {"receipt_id": receipt_id or uuid4().hex, "complete": complete, "units": [{"line_id": line_id}]}
    return Hook("warehouse", {"type": "receipt", "return_id": return_id, "data": data})


def inspection(return_id: str, grade: str = "A", *, unit_id: str = "1-1", inspection_id: str | None = None) -> Hook:
    """The warehouse judged one unit."""
    data = {"inspection_id": inspection_id or uuid4().hex, "units": [{"unit_id": unit_id, "grade": grade}]}
    return Hook("warehouse", {"type": "inspection", "return_id": return_id, "data": data})


#: EasyPost's words for the scans of a plain return.
WORDS = {TrackingStatus.IN_TRANSIT: "in_transit", TrackingStatus.DELIVERED: "delivered"}
