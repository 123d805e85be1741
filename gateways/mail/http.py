"""Mails by the shop's own sender, over HTTP: ``docs/own-systems.md`` is its protocol."""

from base64 import b64encode
from typing import Any

from gateways.mail.protocol import Mail
from gateways.signed_calls import TIMEOUT, SignedCalls


class HttpMailer:
    """See the protocol; ``secrets`` sign what it is asked, ``timeout`` is in seconds for all of each call."""

    def __init__(self, url: str, secrets: str, timeout: float = TIMEOUT) -> None:
        self._calls = SignedCalls("mail sender", url, secrets, timeout)

    async def send(self, mail: Mail, idempotency_key: str) -> None:
        """See the protocol; any success is one."""
        asked = {
            "idempotency_key": idempotency_key,
            "template": mail.template,
            "about": mail.about,
            "to": {"address": mail.to, "name": mail.recipient_name},
            "subject": mail.subject,
            "text": mail.text,
            "data": mail.data,
            "attachment": await _attached(mail),
        }
        await self._calls.tell("/mails", asked)

    async def close(self) -> None:
        """Let connections go."""
        await self._calls.close()


async def _attached(mail: Mail) -> dict[str, Any] | None:
    if mail.attachment is None:
        return None
    file = await mail.attachment()
    content = b64encode(file.content).decode()
    return {"filename": file.filename, "media_type": file.media_type, "content": content}
