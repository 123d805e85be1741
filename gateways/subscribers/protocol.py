"""What the engine asks of the way to subscribers."""

from collections.abc import Collection
from hashlib import sha256
from typing import Protocol

from gateways.database.messages.events import Event
from gateways.errors import GatewayError


class Gone(GatewayError):
    """The subscriber answered 410: it wants no more events at all."""


class EventSender(Protocol):
    """Delivers events to subscribers, each named by ``subscriber_id``."""

    @property
    def subscribers(self) -> Collection[str]:
        """Those that events are sent to."""
        ...

    @property
    def anybody(self) -> bool:
        """Whether anybody wants events, sent or polled."""
        ...

    async def refresh(self) -> None:
        """Look for those that were made or changed meanwhile. Raises ``Unavailable``."""
        ...

    async def deliver(self, subscriber: str, event: Event) -> None:
        """Deliver one event, if its type is wanted; it may have arrived when this fails, and be delivered again.

        Raises ``Gone``, ``Busy``, ``Unavailable``: whatever the answer, it may be another one tomorrow.
        """
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...


def subscriber_id(url: str) -> str:
    """A name that stays when the secret changes, and gives nothing away of the URL."""
    return sha256(url.encode()).hexdigest()[:32]
