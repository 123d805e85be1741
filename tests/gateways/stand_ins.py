"""A small HTTP server on loopback that a partner's own SDK talks to, and that fails as it is told.

The partners' stand-ins (``stripe_stand_in.py``, ``easypost_stand_in.py``) say what it answers.
"""

import json
import threading
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

#: Seconds after which the SDKs under test give up on an answer: enough on a busy machine.
PATIENCE = 10.0
#: Seconds for the tests of a time-out alone.
IMPATIENCE = 1.0

Json = dict[str, Any]


FaultKind = Literal["busy", "down", "broken", "conflict", "before", "after", "late", "shaken"]


@dataclass(frozen=True)
class Fault:
    """How the next request to ``on`` (``"POST /v1/refunds"``, a beginning) goes wrong.

    ``busy`` 429, ``down`` 503, ``broken`` 502 with HTML, ``conflict`` 409, ``before`` the
    connection drops without an effect; with the effect: ``after`` the connection drops, ``late``
    no answer comes in time, ``shaken`` a 500.
    """

    on: str
    kind: FaultKind
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Request:
    """What the SDK sent; ``params`` are the query's and the body's."""

    method: str
    path: str
    params: Json
    headers: dict[str, str]


class Refused(Exception):
    """An answer other than 200."""

    def __init__(self, status: int, body: Json) -> None:
        self.status = status
        self.body = body


class StandIn(ABC):
    """Answers one request at a time, so that its books are never read half-written."""

    def __init__(self) -> None:
        self.faults: deque[Fault] = deque()
        self.requests: list[Request] = []
        #: What it says when it refuses or fails, instead of its usual words.
        self.words: str | None = None
        self.url = ""
        #: Set at the end, so that nobody who is late is waited for.
        self._over = threading.Event()
        self._lock = threading.Lock()

    @abstractmethod
    def answer(self, request: Request) -> Json | bytes:
        """What the partner does and says; raises ``Refused``."""

    def sent(self, method: str, path: str) -> list[Request]:
        """The requests so far to exactly this path."""
        return [request for request in self.requests if (request.method, request.path) == (method, path)]

    def respond(self, request: Request) -> tuple[int, dict[str, str], bytes] | None:
        """Status, headers and body; null where the connection is to be dropped."""
        with self._lock:
            self.requests.append(request)
            fault = self._struck(request)
            if fault and fault.kind in _BEFORE:
                status, text = _BEFORE[fault.kind]
                return (status, fault.headers, text.encode()) if status else None
            answered = self._answer(request)
        if fault and fault.kind == "late":
            self._over.wait(PATIENCE)
        if fault and fault.kind in ("late", "after"):
            return None
        if fault and fault.kind == "shaken":
            return 500, fault.headers, b'{"error": {"type": "api_error", "message": "something broke"}}'
        return answered

    def _struck(self, request: Request) -> Fault | None:
        line = f"{request.method} {request.path}"
        found = next((fault for fault in self.faults if line.startswith(fault.on)), None)
        if found:
            self.faults.remove(found)
        return found

    def _answer(self, request: Request) -> tuple[int, dict[str, str], bytes]:
        try:
            body = self.answer(request)
        except Refused as refused:
            if self.words:
                refused.body["error"]["message"] = self.words
            return refused.status, {}, json.dumps(refused.body).encode()
        return 200, {}, body if isinstance(body, bytes) else json.dumps(body).encode()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Serve on a free port of loopback."""
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        server.daemon_threads = True
        self.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            server.shutdown()
            server.server_close()
            thread.join()


_ERROR = '{"error": {"code": "%s", "type": "api_error", "message": "%s"}}'
_BEFORE: dict[str, tuple[int, str]] = {
    "busy": (429, _ERROR % ("rate_limit", "too many requests")),
    "down": (503, _ERROR % ("unavailable", "down for a moment")),
    "broken": (502, "<html>bad gateway</html>"),
    "conflict": (409, _ERROR % ("lock_timeout", "another request is at it")),
    "before": (0, ""),
}


def _handler(stand_in: StandIn) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        #: Head and body in one piece: in two, the second waits 40 ms for the other side's word.
        wbufsize = -1

        def _serve(self) -> None:
            answered = stand_in.respond(_request(self))
            if answered is None:
                self.close_connection = True
                return
            status, headers, body = answered
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            self._serve()

        def do_POST(self) -> None:
            self._serve()

        def log_message(self, format: str, *args: Any) -> None:
            """Tests keep quiet."""

    return Handler


def _request(handler: BaseHTTPRequestHandler) -> Request:
    parts = urlsplit(handler.path)
    body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0)).decode()
    is_json = "json" in (handler.headers.get("Content-Type") or "")
    params = _flat(parts.query) | (json.loads(body) if is_json and body else _flat(body))
    return Request(str(handler.command), parts.path, params, {k.lower(): v for k, v in handler.headers.items()})


def _flat(text: str) -> Json:
    """A form's fields; one that comes more than once keeps its last value."""
    return {name: values[-1] for name, values in parse_qs(text, keep_blank_values=True).items()}
