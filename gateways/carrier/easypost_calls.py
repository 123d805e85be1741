"""EasyPost's SDK bounded: its `requests` knows a time for each read alone, and reads an answer of any length."""

import socket
import threading
from contextlib import suppress
from io import BytesIO
from typing import Any, Final

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from gateways.errors import Unavailable

#: Bytes of an answer; a label takes a hundredth of this.
_LARGEST: Final = 10_000_000
_here = threading.local()


class Work:
    """Calls in a thread, which whoever waits for them may cut off from outside."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cut = False
        self._connection: HTTPConnection | None = None
        self._socket: socket.socket | None = None

    def begin(self) -> None:
        """From now on this thread's calls belong to it."""
        _here.work = self

    def check(self) -> None:
        """Raise ``Unavailable`` once it is cut off."""
        if self._cut:
            raise Unavailable("nobody waits for this call any more", "given_up")

    def use(self, connection: HTTPConnection) -> None:
        """The connection that the next call takes; raises as ``check``."""
        with self._lock:
            self.check()
            # Both: the one gets its socket while it connects, and loses it to an answer that closes it.
            self._connection, self._socket = connection, connection.sock

    def cut(self) -> None:
        """End the call under way, and let none come after it."""
        with self._lock:
            self._cut = True
            used = (self._connection and self._connection.sock) or self._socket
            if used:
                with suppress(OSError):  # closed meanwhile
                    used.shutdown(socket.SHUT_RDWR)


class Adapter(HTTPAdapter):
    """Makes calls that ``Work`` can cut off, and reads no more of an answer than it may have."""

    def init_poolmanager(self, *args: Any, **named: Any) -> None:
        """See requests."""
        super().init_poolmanager(*args, **named)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}

    def send(self, request: requests.PreparedRequest, *_: Any, **named: Any) -> requests.Response:
        """See requests; the answer is whole."""
        answer = super().send(request, **named | {"stream": True})
        try:
            content = answer.raw.read(_LARGEST + 1, decode_content=True)
        except HTTPError as error:
            raise requests.ConnectionError(error) from error
        if len(content) > _LARGEST:
            answer.close()
            raise requests.ConnectionError("the answer is too large")
        answer.raw = BytesIO(content)
        return answer


class _Cuttable(HTTPConnection):
    def connect(self) -> None:
        _here.work.use(self)
        super().connect()
        _here.work.use(self)

    def request(self, *args: Any, **named: Any) -> None:
        _here.work.use(self)
        super().request(*args, **named)


class _SecurelyCuttable(_Cuttable, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Cuttable


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecurelyCuttable
