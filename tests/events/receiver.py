"""A subscriber: takes events over HTTP, checks each, and answers as it is told to."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from standardwebhooks import Webhook

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLwMfKQ9r8GKYqrTw"
#: What to answer to an event: a status, and headers besides.
Answer = tuple[int, dict[str, str]]
FINE: Answer = (204, {})


@dataclass
class Receiver:
    """What came, in its order; ``answer`` is asked for each event, after its signature has been checked."""

    url: str = ""
    secret: str = SECRET
    answer: Callable[[dict[str, Any]], Answer] = lambda _: FINE
    #: Every call, and those that were answered with a success.
    calls: list[dict[str, Any]] = field(default_factory=list)
    taken: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    #: How many calls there were at once, at most.
    most: int = 0
    connections: int = 0
    #: Seconds each answer takes.
    slow: float = 0
    _now: int = 0

    def of(self, return_id: str) -> list[dict[str, Any]]:
        """The events of one return that were taken, without repeats, in the order of their first coming."""
        first: dict[str, dict[str, Any]] = {}
        for event in self.taken:
            if event["subject"] == return_id:
                first.setdefault(event["id"], event)
        return list(first.values())

    def numbers(self, return_id: str) -> list[int]:
        """The numbers of the same."""
        return [event["data"]["number"] for event in self.of(return_id)]

    def types(self, return_id: str) -> list[str]:
        """The types of the same, without what all of them begin with."""
        return [event["type"].removeprefix("homeward.return.") for event in self.of(return_id)]

    async def until(self, holds: Callable[[], bool], seconds: float = 30) -> None:
        """Wait until it holds."""
        for _ in range(round(seconds * 50)):
            if holds():
                return
            await asyncio.sleep(0.02)
        raise TimeoutError(f"after {len(self.calls)} calls, {len(self.taken)} taken")

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                await self._take(head.decode(), reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _take(self, head: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines = head.split("\r\n")
        headers = {name.lower(): text for name, _, text in (line.partition(": ") for line in lines[1:] if line)}
        body = await reader.readexactly(int(headers["content-length"]))
        event: dict[str, Any] = Webhook(self.secret).verify(body, headers)
        assert headers["webhook-id"] == event["id"]
        self.calls.append(event)
        self.headers.append(headers)
        self._now += 1
        self.most = max(self.most, self._now)
        await asyncio.sleep(self.slow)
        self._now -= 1
        status, more = self.answer(event)
        if 200 <= status < 300:
            self.taken.append(event)
        fields = "".join(f"{name}: {text}\r\n" for name, text in more.items())
        writer.write(f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n{fields}Content-Length: 0\r\n\r\n".encode())
        await writer.drain()


@asynccontextmanager
async def receiving(path: str = "/events") -> AsyncIterator[Receiver]:
    """A receiver on a free port of this machine."""
    receiver = Receiver()
    server = await asyncio.start_server(receiver._serve, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}{path}"
    try:
        yield receiver
    finally:
        server.close()
