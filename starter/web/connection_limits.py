"""What one client may cost the server: bytes, time and connections."""

import resource
from dataclasses import dataclass, field
from typing import Final

#: More than these at once is a flood rather than visitors, and each may hold a body in memory
#: (``starter.shared.body_sizes``).
_MOST_CONNECTIONS: Final = 1024
_MOST_TOGETHER: Final = 128


@dataclass(frozen=True)
class Room:
    """How many connections there may be, out of the handles (``ulimit -n``) that the process may open.

    A quarter of them stays for its database, Temporal and partners, however many callers come in at once.
    """

    #: Connections at once: half of the handles.
    connections: int
    #: Callers that are let in together, before anybody makes room for them; some such groups are on their way.
    together: int


def room_in(handles: int) -> Room:
    """The room in a process that may open so many."""
    return Room(min(_MOST_CONNECTIONS, max(1, handles // 2)), min(_MOST_TOGETHER, max(1, handles // 32)))


def _room_here() -> Room:
    handles, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return room_in(2 * _MOST_CONNECTIONS if handles == resource.RLIM_INFINITY else handles)


@dataclass(frozen=True)
class Limits:
    """For each connection; times in seconds."""

    #: Bytes of the request line and the headers together, and of whatever else is no body.
    head_bytes: int = 65_536
    #: From a connection's beginning, or the first byte of its next request, to the end of the headers.
    head_time: float = 10
    #: From the end of the headers to the end of the body.
    body_time: float = 30
    #: From an answer to the first byte of the next request.
    idle_time: float = 5
    #: Without the reader taking any byte of an answer.
    reader_time: float = 30
    #: For a client that is refused to read why.
    parting_time: float = 2
    #: Requests that are sent before the one ahead of them is answered.
    ahead: int = 20
    room: Room = field(default_factory=_room_here)
