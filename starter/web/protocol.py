"""HTTP as uvicorn reads it, but within limits; what cannot be read is answered as every other failure is.

uvicorn bounds neither headers nor the time that they and a body take, its idle time ends at the first byte, and a
client that does not read keeps its connection. Here every wait for the client ends in time, or earlier where its
connection is needed for another.
"""

import time
from asyncio import TimerHandle, Transport
from collections.abc import Callable
from http import HTTPStatus
from math import ceil, inf
from typing import Any, Final, Literal

import structlog
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from starter.api.shared.problems import FULL, HEAD_TOO_LARGE, MALFORMED, TOO_SLOW, Failure, Kind, answer
from starter.web.connection_limits import Limits

#: Bytes of a header line beside name and value: the colon, a blank and the end of the line.
_AROUND: Final = 4
#: Bytes that are parsed at once, so that those of a head are counted soon.
_PIECE: Final = 8192
#: Seconds.
_REPORT_EVERY: Final = 60
_log = structlog.get_logger("homeward.web")


class Config(uvicorn.Config):
    """uvicorn's own, and what the connections of one server share."""

    def __init__(self, app: Any, limits: Limits, **others: Any) -> None:
        super().__init__(
            app,
            http=Protocol,
            ws="none",
            backlog=limits.room.together,
            timeout_keep_alive=ceil(limits.idle_time),
            **others,
        )
        self.limits = limits
        #: Connections that wait for their clients, the one that has waited longest first.
        self.waiting: dict[Protocol, None] = {}
        self._reported = -inf

    def report_full(self) -> None:
        """Log that there is no room, once a minute."""
        if time.monotonic() - self._reported > _REPORT_EVERY:
            self._reported = time.monotonic()
            _log.warning("no room for more connections", count=self.limits.room.connections)


class _TooMuch(Exception):
    """More than the limits allow."""


class Protocol(HttpToolsProtocol):
    """One connection."""

    config: Config
    #: The newest request; None before the first.
    cycle: RequestResponseCycle | None  # type: ignore[assignment]

    def __init__(self, config: Config, *args: Any, **named: Any) -> None:
        super().__init__(config, *args, **named)
        self._limits = config.limits
        self._waits: dict[Literal["request", "reader"], TimerHandle] = {}
        self._at: Literal["rest", "head", "body"] = "rest"
        #: Bytes of the headers that are there, and those that came since the parser last called back.
        self._head = self._gathered = 0
        self._called_back = False
        self._wrong = MALFORMED
        self._refused = False
        self._unsent = 0

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """See asyncio."""
        super().connection_made(transport)
        if len(self.connections) > self._limits.room.connections and not self._make_room():
            self._refused = True
            transport.write(_as_http(FULL, FULL.when))
            transport.close()
            return
        self._wait("request", self._limits.head_time, self._late)

    def connection_lost(self, exc: Exception | None) -> None:
        """See asyncio."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """See asyncio."""
        for start in range(0, len(data), _PIECE):
            if self._refused:
                return
            self._read(data[start : start + _PIECE])

    def _read(self, piece: bytes) -> None:
        """Parse it; what has no end yet the parser gathers without calling back."""
        self._called_back = False
        super().data_received(piece)
        if not self._called_back:
            self._gathered += len(piece)
        if self._head + self._gathered > self._limits.head_bytes:
            self._refuse(HEAD_TOO_LARGE, HEAD_TOO_LARGE.when)

    # What the parser calls

    def on_message_begin(self) -> None:
        """See httptools."""
        super().on_message_begin()
        self._at, self._head = "head", 0
        self._count(0)
        if self.cycle is not None:
            self._wait("request", self._limits.head_time, self._late)

    def on_url(self, url: bytes) -> None:
        """See httptools."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """See httptools; a trailer is one too."""
        self._count(len(name) + len(value) + _AROUND)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """See httptools."""
        self._count(0)
        if len(self.pipeline) >= self._limits.ahead:
            raise _TooMuch
        super().on_headers_complete()
        self._at = "body"
        self._wait("request", self._limits.body_time, self._late)

    def on_body(self, body: bytes) -> None:
        """See httptools."""
        self._count(0)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """See httptools."""
        self._count(0)
        super().on_message_complete()
        self._at = "rest"
        self._stop_waiting("request")
        self._rest()

    def _count(self, length: int) -> None:
        self._called_back = True
        self._gathered = 0
        self._head += length
        if self._head > self._limits.head_bytes:
            self._wrong = HEAD_TOO_LARGE
            raise _TooMuch

    # What uvicorn and asyncio call

    def on_response_complete(self) -> None:
        """See uvicorn."""
        super().on_response_complete()
        if self.transport.is_closing():
            self._wait_for_reader()
        else:
            self._rest()

    def _rest(self) -> None:
        """Wait for the next request, once there is nothing left of the last."""
        if self._at == "rest" and self.cycle and self.cycle.response_complete and not self.transport.is_closing():
            self._wait("request", self._limits.idle_time, self._close)

    def pause_writing(self) -> None:
        """See asyncio: much is unsent."""
        super().pause_writing()
        self._wait_for_reader()

    def resume_writing(self) -> None:
        """See asyncio."""
        super().resume_writing()
        if not self.transport.is_closing():
            self._stop_waiting("reader")

    def send_400_response(self, msg: str) -> None:
        """See uvicorn: the parser has stopped."""
        self._refuse(self._wrong, msg if self._wrong is MALFORMED else self._wrong.when)

    # How a wait ends

    def _wait(self, what: Literal["request", "reader"], seconds: float, end: Callable[[], None]) -> None:
        if self not in self.connections:  # lost, while a request sent ahead of another is still being answered
            return
        self._stop_waiting(what)
        self._waits[what] = self.loop.call_later(seconds, end)
        self.config.waiting[self] = None

    def _stop_waiting(self, *what: Literal["request", "reader"]) -> None:
        for one in what or tuple(self._waits):
            if timer := self._waits.pop(one, None):
                timer.cancel()
        if not self._waits:
            self.config.waiting.pop(self, None)

    def _late(self) -> None:
        """The request is not there in time."""
        if self._at == "rest":
            self._close()
        else:
            self._refuse(TOO_SLOW, TOO_SLOW.when)

    def _close(self) -> None:
        self.transport.close()
        self._wait_for_reader()

    def _wait_for_reader(self) -> None:
        self._unsent = self.transport.get_write_buffer_size()
        self._wait("reader", self._limits.reader_time, self._abort_unless_read)

    def _abort_unless_read(self) -> None:
        if self.transport.get_write_buffer_size() < self._unsent:
            self._wait_for_reader()
        else:
            self.abort()

    def abort(self) -> None:
        """Close it at once, whatever is unsent."""
        self._stop_waiting()
        self.connections.discard(self)
        self.transport.abort()

    def _make_room(self) -> bool:
        """Close the connection that has waited longest for its client; false where none waits."""
        self.config.report_full()
        longest = next(iter(self.config.waiting), None)
        if longest is not None:
            longest.abort()
        return longest is not None

    def _refuse(self, kind: Kind, detail: str) -> None:
        """Listen no more. What was asked in full is answered first; else the client hears why."""
        if self._refused or self.transport.is_closing():
            return
        self._refused = True
        self._stop_waiting("request")
        cycle = self.cycle
        if cycle is None or cycle.response_complete:
            unanswered = self._at != "body"
        elif not cycle.more_body:
            cycle.keep_alive = False
            return
        else:
            unanswered = not cycle.response_started and not self.pipeline
            cycle.disconnected = True
            cycle.message_event.set()
        if not unanswered:
            self._close()
            return
        self.transport.write(_as_http(kind, detail))
        # Closed at once, with more to come from it, the client might lose the answer.
        self.transport.write_eof()
        self._wait("request", self._limits.parting_time, self.abort)


def _as_http(kind: Kind, detail: str) -> bytes:
    status = HTTPStatus(kind.status)
    answered = answer(Failure(kind, detail))
    headers = [b": ".join(header) for header in answered.raw_headers]
    first = f"HTTP/1.1 {status.value} {status.phrase}".encode()
    return b"\r\n".join([first, *headers, b"connection: close", b"", bytes(answered.body)])
