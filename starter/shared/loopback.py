"""Whether a request was made on this machine: without keys only such are trusted.

It is a second look, not a wall: a proxy that passes on neither the name that was asked for nor who asked
cannot be distinguished from a caller on this machine. So whoever is reached from elsewhere needs keys.
"""

from typing import Final

from fastapi import Request

from workers.settings import Settings, SettingsError

#: How this machine is called by itself. A page of another site can have a browser make calls here, but
#: under its own name.
_HERE: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})
#: What proxies write: whoever asked them may be anywhere.
_FORWARDED: Final = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")


def is_loopback(request: Request) -> bool:
    """Made to a loopback name, and passed on by nobody."""
    here = _is_here(request.headers.get("host", "").lower())
    return here and not any(name in request.headers for name in _FORWARDED)


def is_of_another_site(request: Request) -> bool:
    """Made by a browser for a page that is not this machine's, or that hides whose it is."""
    origin = request.headers.get("origin")
    return origin is not None and not _is_here(origin.lower().rpartition("://")[2])


def _is_here(host: str) -> bool:
    name, _, port = host.rpartition(":")
    return host in _HERE or (name in _HERE and port.isdecimal())


def require_keys(settings: Settings) -> None:
    """What customers reach from elsewhere asks for keys; raises ``SettingsError`` where there are none."""
    if settings.is_public and not settings.asks_for_keys:
        raise SettingsError(
            "HOMEWARD_API_KEYS: expected keys, as HOMEWARD_PUBLIC_URL is a public address; "
            "without keys API and warehouse would be open to whoever reaches them"
        )
