"""What Homeward asks of a mail service."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a mail; ``media_type`` such as ``application/pdf``."""

    filename: str
    media_type: str
    content: bytes


@dataclass(frozen=True)
class Mail:
    """One plain-text mail, with at most one file, made when it is asked for.

    ``data`` is what ``template`` made subject and text of, ``about`` the return's id or what stands for it.
    """

    to: str
    recipient_name: str
    subject: str
    text: str
    attachment: Callable[[], Awaitable[Attachment]] | None = None
    template: str = ""
    about: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


class Mailer(Protocol):
    """Hands mails over; raises ``gateways.errors``."""

    async def send(self, mail: Mail, idempotency_key: str) -> None:
        """Hand one mail over; the key becomes its identity, so that a repeat can be recognised."""
        ...
