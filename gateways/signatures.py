"""Signatures of Standard Webhooks (https://www.standardwebhooks.com): made for what we say, checked of what we hear.

While a secret is being changed two are valid: a setting has both, with a blank between. What we say is then signed
with each, and what we hear may be signed with either.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from standardwebhooks import Webhook, WebhookVerificationError

from gateways.webhook_protocol import NotSigned

HEADERS: Final = ("webhook-id", "webhook-timestamp", "webhook-signature")


class Signatures:
    """``secrets``: one, or several with blanks between, each ``whsec_`` and base64."""

    def __init__(self, secrets: str) -> None:
        self._secrets = [Webhook(secret) for secret in secrets.split()]

    def sign(self, message_id: str, now: datetime, body: str) -> dict[str, str]:
        """The headers that go with the body; ``message_id`` holds no full stop."""
        signatures = [secret.sign(message_id, now, body) for secret in self._secrets]
        return dict(zip(HEADERS, (message_id, str(int(now.timestamp())), " ".join(signatures)), strict=True))

    def check(self, body: bytes, headers: Mapping[str, str]) -> str:
        """The message's id; raises ``NotSigned``, which names the header that is missing or does not fit.

        The library looks at the clock itself: five minutes either way.
        """
        given = {name: headers.get(name, "") for name in HEADERS}
        if missing := [name for name, value in given.items() if not value]:
            raise NotSigned(f"{', '.join(missing)}: expected this header, which is missing")
        wrong = [error for secret in self._secrets if (error := _wrong(secret, body, given))]
        if len(wrong) == len(self._secrets):
            raise NotSigned(f"webhook-signature: {wrong[0]}")
        return given["webhook-id"]


def _wrong(secret: Webhook, body: bytes, given: dict[str, str]) -> str | None:
    """Why it is not signed with this secret; None where it is."""
    try:
        secret.verify(body, given, json_parse=False)
    except WebhookVerificationError as error:  # the library's own words
        return str(error)
    except (ValueError, TypeError):  # whatever it stumbles over is no signature either
        return "cannot be read"
    return None
