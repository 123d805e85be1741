"""What one client may cost the server, as bare sockets find out."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from itertools import repeat
from pathlib import Path
from typing import Any

import pytest
import structlog

from gateways.database.engine import Database
from starter.demo.story import Stage
from starter.local.up import Ready
from starter.shared.body_sizes import LARGEST_BODY, LARGEST_FORM
from starter.shared.services import services_of
from starter.web.connection_limits import Limits, Room, room_in
from starter.web.protocol import Protocol
from starter.web.server import WebServer
from tests.api.conftest import settings_of

#: Seconds, long enough for any machine: a server within its limits answers or hangs up in a fraction of one.
PATIENCE = 20
NEVER = 1000.0
#: Of which each test shortens the one that it is about.
PATIENT = Limits(
    head_time=NEVER, body_time=NEVER, idle_time=NEVER, reader_time=NEVER, parting_time=1, ahead=100, room=Room(100, 100)
)


class Connection:
    """Says and hears bytes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def say(self, *parts: bytes) -> None:
        """Send them."""
        self.writer.write(b"".join(parts))
        await self.writer.drain()

    async def answers(self, count: int = 1) -> list[int]:
        """The next answers' statuses."""
        return [await self._answer() for _ in range(count)]

    async def _answer(self) -> int:
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode().lower()
        await self.reader.readexactly(int(head.partition("\ncontent-length: ")[2].partition("\r")[0]))
        return int(head.split()[1])

    async def end(self) -> int | None:
        """The status with which the other side hangs up; None where it does so without a word."""
        with suppress(ConnectionError):
            answer = await self.reader.read(-1)
            if not answer:
                return None
            assert answer.count(b"HTTP/1.1 ") == 1
            assert b"\r\nconnection: close\r\n" in answer
            return int(answer.split()[1])
        return None

    async def end_of(self, parts: Iterable[bytes], every: float = 0) -> int | None:
        """The same, while they are being sent."""

        async def send() -> None:
            with suppress(ConnectionError):
                for part in parts:
                    await self.say(part)
                    await asyncio.sleep(every)

        sending = asyncio.create_task(send())
        try:
            return await self.end()
        finally:
            sending.cancel()


class Server:
    """Where clients connect."""

    def __init__(self, web: WebServer) -> None:
        self.web = web
        self.name = web.url.removeprefix("http://")

    def head(self, line: str = "GET /healthz", *headers: str) -> bytes:
        """A request's head, without the blank line at its end."""
        return "\r\n".join([f"{line} HTTP/1.1", f"Host: {self.name}", *headers, ""]).encode()

    @asynccontextmanager
    async def connection(self, limit: int = 2**16) -> AsyncIterator[Connection]:
        """One, closed at the end."""
        host, _, port = self.name.rpartition(":")
        reader, writer = await asyncio.open_connection(host, int(port), limit=limit)
        try:
            async with asyncio.timeout(PATIENCE):
                yield Connection(reader, writer)
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()


Serve = Callable[..., Server]


@pytest.fixture
async def serve(ready: Ready, stage: Stage) -> AsyncIterator[Serve]:
    """Make a server on the running engine, with limits of its own."""
    database, stop = Database(ready.database), asyncio.Event()
    running: list[asyncio.Task[None]] = []

    def make(**limits: Any) -> Server:
        web = WebServer("127.0.0.1", 0, replace(PATIENT, **limits))
        services = services_of(settings_of(shutdown_seconds=1), stage.clock.client, database)
        running.append(asyncio.create_task(web.serve(services, stop)))
        return Server(web)

    yield make
    stop.set()
    await asyncio.gather(*running)
    await database.dispose()


async def test_half_a_head_is_not_waited_for(serve: Serve) -> None:
    server = serve(head_time=0.2)
    async with server.connection() as silent, server.connection() as half, server.connection() as dripping:
        await half.say(server.head())
        await dripping.say(server.head(), b"X: ")
        assert await dripping.end_of(repeat(b"x"), every=0.01) == 408
        assert await half.end() == 408
        assert await silent.end() is None


@pytest.mark.parametrize(
    ("said", "told"), [(b"", None), (b"\r\n", None), (b"GE", 408)], ids=["nothing", "blank", "part"]
)
async def test_a_kept_connection_that_asks_nothing_is_closed(serve: Serve, said: bytes, told: int | None) -> None:
    server = serve(head_time=0.5, idle_time=0.5)
    async with server.connection() as kept:
        await kept.say(server.head(), b"\r\n")
        assert await kept.answers() == [200]
        await kept.say(said)
        assert await kept.end() == told


async def test_blank_lines_do_not_keep_a_connection(serve: Serve) -> None:
    server = serve(idle_time=0.5)
    async with server.connection() as kept:
        await kept.say(server.head(), b"\r\n")
        assert await kept.answers() == [200]
        assert await kept.end_of(repeat(b"\r\n"), every=0.01) is None


async def logged(lines: Sequence[Mapping[str, Any]]) -> list[tuple[str, int | None]]:
    """Events and statuses, once the request is there; its client may hear of its end before."""
    for _ in range(100 * PATIENCE):
        if any(line["event"] == "request" for line in lines):
            break
        await asyncio.sleep(0.01)
    return [(line["event"], line.get("status")) for line in lines]


CHUNKED = ("POST /v1/returns", "Content-Type: application/json", "Transfer-Encoding: chunked")


@pytest.mark.parametrize(
    ("lines", "begins", "goes_on"),
    [
        ((), b"X: ", b"x"),
        ((), b"", b"X: x\r\n"),
        ((), b"", b"x:\r\n"),
        ((), None, b"x"),
        (CHUNKED, b"\r\n1;", b"x"),
        (CHUNKED, b"\r\n0\r\nX: ", b"x"),
        (CHUNKED, b"\r\n0\r\n", b"X: x\r\n"),
    ],
    ids=["header", "headers", "empty-headers", "address", "extension", "trailer", "trailers"],
)
async def test_a_head_without_end_is_refused(
    serve: Serve, lines: tuple[str, ...], begins: bytes | None, goes_on: bytes
) -> None:
    server = serve()
    async with server.connection() as flood:
        await flood.say(b"GET /healthz?" if begins is None else server.head(*lines) + begins)
        assert await flood.end_of(repeat(goes_on * 10_000)) == 431


async def test_a_head_within_the_limit_is_read(serve: Serve) -> None:
    server = serve(head_bytes=65_536)
    async with server.connection() as kept:
        for line, headers in (
            ("GET /healthz", ["X: " + "x" * 65_000]),
            ("GET /healthz", ["X: xxxxxx"] * 5500),
            ("GET /healthz?" + "x" * 65_000, []),
        ):
            await kept.say(server.head(line, *headers), b"\r\n")
            assert await kept.answers() == [200]


BODY = ("POST /v1/returns", "Content-Type: application/json", "Content-Length: 1000000")


@pytest.mark.parametrize("drip", [False, True])
async def test_a_body_is_not_waited_for(serve: Serve, drip: bool) -> None:
    server = serve(body_time=0.3)
    async with server.connection() as late:
        with structlog.testing.capture_logs() as lines:
            await late.say(server.head(*BODY), b"\r\n ")
            assert await late.end_of(repeat(b" ") if drip else (), every=0.01) == 408
            assert await logged(lines) == [("request", 408)]


async def test_a_form_that_does_not_come_is_no_failure_of_ours(serve: Serve) -> None:
    server = serve(body_time=0.3)
    form = "Content-Type: application/x-www-form-urlencoded"
    async with server.connection() as late:
        with structlog.testing.capture_logs() as lines:
            await late.say(server.head("POST /", form, "Content-Length: 100000"), b"\r\nemail=")
            assert await late.end() == 408
            assert await logged(lines) == [("request", 408)]


async def test_a_body_that_nobody_reads_does_not_keep_the_connection(serve: Serve) -> None:
    server = serve(body_time=0.3)
    async with server.connection() as late:
        await late.say(server.head("POST /v1/nothing", "Content-Length: 1000000"), b"\r\n")
        assert await late.answers() == [404]
        assert await late.end_of(repeat(b" "), every=0.01) is None


async def test_a_large_body_may_come_slowly(serve: Serve) -> None:
    server = serve(head_time=1)
    mebibyte = 1_048_576
    async with server.connection() as slow:
        await slow.say(server.head(*BODY[:2], f"Content-Length: {mebibyte}"), b"\r\n")
        for _ in range(64):
            await slow.say(b" " * (mebibyte // 64))
            await asyncio.sleep(0.02)
        assert await slow.answers() == [400]
        await slow.say(server.head(), b"\r\n")
        assert await slow.answers() == [200]


async def test_requests_sent_ahead_are_answered_in_their_order(serve: Serve) -> None:
    server = serve(ahead=20)
    paths = ["/healthz", "/v1/nothing"] * 10
    async with server.connection() as piped:
        await piped.say(*(server.head(f"GET {path}") + b"\r\n" for path in paths))
        assert await piped.answers(20) == [200, 404] * 10
        await piped.say(server.head(), b"\r\n")
        assert await piped.answers() == [200]


async def test_too_many_requests_sent_ahead_are_not_kept(serve: Serve) -> None:
    server = serve(ahead=20)
    async with server.connection() as piped:
        await piped.say(*repeat(server.head() + b"\r\n", 500))
        answers = await piped.reader.read(-1)
        assert 21 <= answers.count(b"HTTP/1.1 200") <= 30


@pytest.mark.parametrize("junk", [b"\x00\x01\r\n\r\n", b"GET / HTTP/1.1\r\nX: " + b"x" * 100_000])
async def test_what_came_whole_is_answered_before_the_rest_is_refused(serve: Serve, junk: bytes) -> None:
    server = serve()
    async with server.connection() as mixed:
        await mixed.say(server.head(), b"\r\n", junk)
        assert await mixed.answers() == [200]
        assert await mixed.end() in (None, 400, 431)


async def test_whoever_lets_us_wait_longest_makes_room(serve: Serve) -> None:
    server = serve(room=Room(3, 50))
    async with AsyncExitStack() as open_ones:
        kept = await open_ones.enter_async_context(server.connection())
        await kept.say(server.head(), b"\r\n")
        assert await kept.answers() == [200]
        waiting = [await open_ones.enter_async_context(server.connection()) for _ in range(30)]
        for one in waiting:
            await one.say(server.head())
        assert await kept.end() is None
        async with server.connection() as new:
            await new.say(server.head(), b"\r\n")
            assert await new.answers() == [200]
        assert [await one.end() for one in waiting[:-2]] == [None] * 28
        await waiting[-1].say(b"\r\n")
        assert await waiting[-1].answers() == [200]


async def test_a_crowd_is_let_in_bit_by_bit(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    there: set[Protocol] = set()
    most = 0
    makes, loses = Protocol.connection_made, Protocol.connection_lost

    def connection_made(self: Protocol, transport: asyncio.Transport) -> None:
        nonlocal most
        there.add(self)
        most = max(most, len(there))
        makes(self, transport)

    def connection_lost(self: Protocol, exc: Exception | None) -> None:
        there.discard(self)
        loses(self, exc)

    monkeypatch.setattr(Protocol, "connection_made", connection_made)
    monkeypatch.setattr(Protocol, "connection_lost", connection_lost)
    server = serve(room=Room(10, 5))
    async with AsyncExitStack() as open_ones:
        host, _, port = server.name.rpartition(":")
        for _ in range(200):
            open_ones.enter_context(socket.create_connection((host, int(port))))
        async with server.connection() as new:
            await new.say(server.head(), b"\r\n")
            assert await new.answers() == [200]
    assert most <= 10 + 4 * 5


async def test_whoever_has_hung_up_does_not_count_as_waiting(serve: Serve) -> None:
    server = serve(room=Room(3, 50))
    cancel = server.head("POST /v1/returns/R-none/cancel", "Content-Type: application/json", "Content-Length: 13")
    for _ in range(5):
        async with server.connection() as gone:
            await gone.say(*repeat(cancel + b'\r\n{"by": "ale"}', 2))
    async with server.connection() as last:
        await last.say(cancel, b'\r\n{"by": "ale"}')
        assert await last.answers() == [404]
    async with AsyncExitStack() as open_ones:
        waiting = [await open_ones.enter_async_context(server.connection()) for _ in range(6)]
        assert [await one.end() for one in waiting[:3]] == [None] * 3


async def test_where_nobody_can_make_room_a_caller_hears_so(serve: Serve) -> None:
    server = serve(room=Room(0, 50))
    async with server.connection() as new:
        assert await new.end() == 503


@pytest.fixture
def lost(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Set once a connection has ended, which a client that does not read cannot see."""
    ended = asyncio.Event()
    loses = Protocol.connection_lost

    def connection_lost(self: Protocol, exc: Exception | None) -> None:
        ended.set()
        loses(self, exc)

    monkeypatch.setattr(Protocol, "connection_lost", connection_lost)
    return ended


LARGE = "GET /openapi.json"


@pytest.mark.parametrize("last", ["", "Connection: close"])
async def test_whoever_does_not_read_is_not_waited_for(serve: Serve, lost: asyncio.Event, last: str) -> None:
    server = serve(reader_time=0.2, idle_time=0.2)
    async with server.connection(limit=1) as deaf:
        await deaf.say(*repeat(server.head(LARGE) + b"\r\n", 90), server.head(LARGE, last) + b"\r\n")
        await lost.wait()


async def test_whoever_reads_slowly_hears_all(serve: Serve, lost: asyncio.Event) -> None:
    server = serve(reader_time=1)
    async with server.connection(limit=4096) as slow:
        await slow.say(*repeat(server.head(LARGE) + b"\r\n", 50))
        for _ in range(50):
            assert await slow.answers() == [200]
            await asyncio.sleep(0.03)
        assert not lost.is_set()


@pytest.mark.parametrize(
    ("handles", "room"), [(256, Room(128, 8)), (400, Room(200, 12)), (1024, Room(512, 32)), (10**6, Room(1024, 128))]
)
def test_the_room_leaves_handles_for_others(handles: int, room: Room) -> None:
    assert room_in(handles) == room


def test_the_page_names_the_limits_that_hold() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "operating.md").read_text()
    _, _, after = page.partition("## Limits for each connection\n")
    rows = re.findall(r"^\| [^|]+ \| ([^|]+) \|", after.partition("\n## ")[0], re.MULTILINE)[2:]
    limits = Limits()
    assert rows == [
        f"{limits.head_bytes // 1024} KiB",
        f"{limits.head_time} s",
        f"{limits.body_time} s",
        f"{LARGEST_BODY // 1024**2} MiB, a page's form {LARGEST_FORM // 1024} KiB",
        f"{limits.idle_time} s",
        f"{limits.reader_time} s",
        f"{limits.ahead}",
        f"half of the file handles (`ulimit -n`), {room_in(10**6).connections}",
    ]
