"""Whether a request was made on this machine: without keys only such are trusted."""

from typing import Final

from fastapi import Request

#: How this machine is called by itself. A page of another site can have a browser make calls here, but
#: under its own name.
_HERE: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})
#: What proxies write: whoever asked them may be anywhere.
_PASSED_ON: Final = ("forwarded", "x-forwarded-for", "x-real-ip")


def is_nearby(request: Request) -> bool:
    """Made to a loopback name, and passed on by nobody."""
    host = request.headers.get("host", "").lower()
    here = host in _HERE or host.rpartition(":")[0] in _HERE
    return here and not any(name in request.headers for name in _PASSED_ON)
