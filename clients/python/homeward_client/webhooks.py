"""Whether an event is Homeward's: Standard Webhooks, https://www.standardwebhooks.com."""

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from homeward_client._base import Shape
from homeward_client.answers import AnyEvent
from homeward_client.errors import NotVerified

#: Seconds by which the sender's clock may be off.
TOLERANCE: Final = 300
_KNOWN: Final[TypeAdapter[AnyEvent]] = TypeAdapter(AnyEvent)


class OtherEvent(Shape):
    """An event that this version has no shape for, such as ``homeward.test``, or one that a newer Homeward adds."""

    id: str
    source: str
    type: str
    subject: str | None = None
    time: datetime
    data: dict[str, Any]


def verify(
    body: bytes | str, headers: Mapping[str, str], secret: str | Sequence[str], *, tolerance: float = TOLERANCE
) -> AnyEvent | OtherEvent:
    """The event in a webhook's body; raises ``NotVerified`` unless it was signed with a secret of yours, and just now.

    ``body`` is the raw body, as it came. Of several secrets one is enough, for the days in which they change.
    """
    raw = body.encode() if isinstance(body, str) else body
    there = {name.lower(): value for name, value in headers.items()}
    missing = [name for name in ("webhook-id", "webhook-timestamp", "webhook-signature") if not there.get(name)]
    if missing:
        raise NotVerified(f"lacks the header {missing[0]}")
    sent = there["webhook-timestamp"]
    if not (sent.isascii() and sent.isdigit()) or abs(time.time() - int(sent)) > tolerance:
        raise NotVerified(f"webhook-timestamp is more than {tolerance:g} s from now, or no time")
    signed = f"{there['webhook-id']}.{sent}.".encode() + raw
    shown = [one.removeprefix("v1,").encode() for one in there["webhook-signature"].split() if one.startswith("v1,")]
    secrets = [secret] if isinstance(secret, str) else secret
    if not any(_fits(signed, shown, one) for one in secrets):
        raise NotVerified("webhook-signature does not fit")
    return _event(raw)


def _event(raw: bytes) -> AnyEvent | OtherEvent:
    try:
        return _KNOWN.validate_json(raw)
    except ValidationError:
        pass
    try:
        return OtherEvent.model_validate_json(raw)
    except ValidationError as error:
        raise NotVerified("is signed, and no event") from error


def _fits(signed: bytes, shown: Sequence[bytes], secret: str) -> bool:
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        raise ValueError("a secret is base64, as `whsec_...`") from None
    expected = base64.b64encode(hmac.digest(key, signed, hashlib.sha256))
    return any(hmac.compare_digest(expected, one) for one in shown)
