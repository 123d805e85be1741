"""What Homeward asks of a mail service."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Mail:
    """One plain-text mail, with at most one PDF, made when it is asked for."""

    to: str
    recipient_name: str
    subject: str
    text: str
    attachment_name: str | None = None
    attachment: Callable[[], Awaitable[bytes]] | None = None


class Mailer(Protocol):
    """Hands mails over; raises ``gateways.errors``."""

    async def send(self, mail: Mail, idempotency_key: str) -> None:
        """Hand one mail over; the key becomes its identity, so that a repeat can be recognised."""
        ...
