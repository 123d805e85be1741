"""NATS: a message in JetStream for each event, in the subject that its type names."""

import asyncio
from contextlib import suppress
from typing import Any, Final

from faststream.nats import NatsBroker
from nats.errors import Error
from nats.js.errors import NotFoundError

from gateways.subscribers.stream import HEADERS, Refused

#: The stream that is made where there is none for these subjects; one that is there stays as it is.
STREAM: Final = "homeward"
SUBJECTS: Final = "homeward.>"
#: By which JetStream knows a repeat, for as long as the stream's window says.
_MESSAGE_ID: Final = "Nats-Msg-Id"
#: Whoever brings events tries again by itself, and later each time.
_ONCE: Final[dict[str, Any]] = {
    "allow_reconnect": False,
    "max_reconnect_attempts": 1,
    "reconnect_time_wait": 0,
    "connect_timeout": 2,
}


class NatsStream:
    """One connection. A lost one is not restored by itself: what it still held would come after newer events."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connecting = asyncio.Lock()
        self._broker: NatsBroker | None = None
        self._stream = STREAM

    async def publish(self, told: dict[str, Any], body: bytes) -> None:
        """See the protocol."""
        headers = HEADERS | {_MESSAGE_ID: told["id"]}
        try:
            broker = await self._connected()
            await broker.publish(body, told["type"], headers=headers, stream=self._stream)
        except (Error, OSError) as error:
            raise Refused(type(error).__name__) from error

    async def _connected(self) -> NatsBroker:
        async with self._connecting:
            if self._broker is None:
                broker = NatsBroker(self._url, error_cb=_pass, logger=None, **_ONCE)
                try:
                    self._stream = await _stream_of(broker)
                except BaseException:
                    with suppress(Error, OSError):
                        await broker.stop()
                    raise
                self._broker = broker
            return self._broker

    async def close(self) -> None:
        """See the protocol."""
        broker, self._broker = self._broker, None
        if broker:
            with suppress(Error, OSError):
                await broker.stop()


async def _stream_of(broker: NatsBroker) -> str:
    """Connect, and find the stream of these subjects, or make it."""
    jetstream = (await broker.connect()).jetstream()
    try:
        return str(await jetstream.find_stream_name_by_subject(SUBJECTS))
    except NotFoundError:
        await jetstream.add_stream(name=STREAM, subjects=[SUBJECTS])
        return STREAM


async def _pass(_: Exception) -> None:
    """What fails is said where it is awaited."""
