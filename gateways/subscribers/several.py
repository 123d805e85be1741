"""Several ways to subscribers, as one."""

from collections.abc import Collection, Sequence

from gateways.database.messages.events import Event
from gateways.subscribers.protocol import EventSender


class SeveralEventSenders:
    """Each subscriber is reached by the way that knows it; the first one knows those of the API too."""

    def __init__(self, senders: Sequence[EventSender]) -> None:
        self._senders = senders

    @property
    def subscribers(self) -> Collection[str]:
        """See the protocol."""
        return [name for sender in self._senders for name in sender.subscribers]

    @property
    def anybody(self) -> bool:
        """See the protocol."""
        return any(sender.anybody for sender in self._senders)

    async def refresh(self) -> None:
        """See the protocol."""
        for sender in self._senders:
            await sender.refresh()

    async def deliver(self, subscriber: str, event: Event) -> None:
        """See the protocol; whoever was removed meanwhile wants nothing."""
        for sender in self._senders:
            if subscriber in sender.subscribers:
                await sender.deliver(subscriber, event)

    async def close(self) -> None:
        """See the protocol."""
        for sender in self._senders:
            await sender.close()
