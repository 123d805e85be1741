"""Where a page of a list goes on: opaque to the caller, and good for the same list only."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256

from client.search import ListFilter
from starter.api.shared.problems import invalid

_MARK = 8


def cursor_of(wanted: ListFilter, after: bytes | None) -> str | None:
    """The cursor for what comes after; None at the end."""
    return urlsafe_b64encode(_mark(wanted, after) + after).decode().rstrip("=") if after else None


def after(wanted: ListFilter, cursor: str | None) -> bytes | None:
    """What the cursor stands for; raises ``Failure`` for one that this list never gave."""
    if cursor is None:
        return None
    try:
        found = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except ValueError:
        found = b""
    mark, token = found[:_MARK], found[_MARK:]
    if not token or mark != _mark(wanted, token):
        raise invalid(("cursor", "expected the next_cursor of a page of this very list"))
    return token


def _mark(wanted: ListFilter, token: bytes) -> bytes:
    return sha256(wanted.query.encode() + token).digest()[:_MARK]
