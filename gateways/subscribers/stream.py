"""Events into a stream, NATS or Kafka: CloudEvents in structured mode, each acknowledged before the next is brought."""

import asyncio
import json
from collections.abc import Collection
from typing import Any, Final, Protocol
from urllib.parse import urlsplit, urlunsplit

from gateways.database.messages.events import Event
from gateways.errors import Unavailable
from gateways.subscribers.envelope import MEDIA_TYPE, cloud_event
from gateways.subscribers.protocol import subscriber_id

#: Seconds for one event, from connecting to the acknowledgement.
TIMEOUT: Final = 10.0
#: What every message says of its content.
HEADERS: Final = {"content-type": MEDIA_TYPE}


class Refused(Exception):
    """The broker cannot be reached, or does not take it; the library's own word for why."""


class Stream(Protocol):
    """A connection to a broker, made at first use."""

    async def publish(self, told: dict[str, Any], body: bytes) -> None:
        """Store one event, and wait until the broker has said that it is stored. Raises ``Refused``."""
        ...

    async def close(self) -> None:
        """Let the connection go; the next event makes another one."""
        ...


class StreamSender:
    """The subscriber that is a stream, named after its address without a password."""

    def __init__(self, url: str, stream: Stream, address: str) -> None:
        """``address`` is where the outside reaches our schemas."""
        self._name, self._stream, self._address = subscriber_id(without_user(url)), stream, address

    @property
    def subscribers(self) -> Collection[str]:
        """See the protocol."""
        return [self._name]

    @property
    def anybody(self) -> bool:
        """See the protocol."""
        return True

    async def refresh(self) -> None:
        """See the protocol: nothing changes while the process runs."""

    async def deliver(self, subscriber: str, event: Event) -> None:  # noqa: ARG002  (there is one)
        """See the protocol. What the broker keeps twice for want of an answer has the same message id."""
        told = cloud_event(event, self._address)
        body = json.dumps(told, separators=(",", ":"), ensure_ascii=False).encode()
        try:
            async with asyncio.timeout(TIMEOUT):
                await self._stream.publish(told, body)
        except TimeoutError:
            await self._stream.close()
            raise Unavailable("no acknowledgement in time", "timeout") from None
        except Refused as error:
            await self._stream.close()
            raise Unavailable(f"cannot be reached, or refuses ({error})", "unreachable") from None

    async def close(self) -> None:
        """See the protocol."""
        await self._stream.close()


def without_user(url: str) -> str:
    """An address as it may be shown."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
