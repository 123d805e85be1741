"""What somebody of the staff may be called: a sign-in name, and the name that timelines show."""

import re
from typing import Final

from lifecycle.contract.errors import InvalidRequest
from lifecycle.contract.said_by import check_unsigned

#: Characters of a name; short enough to be signed for anywhere.
LONGEST: Final = 80
_LOGIN: Final = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,99}")
#: Who timelines name where nobody of the staff was it.
_TAKEN: Final = frozenset(
    {
        "bench",
        "carrier",
        "customer",
        "engine",
        "homeward",
        "operations",
        "operator",
        "payment",
        "records",
        "staff",
        "support",
        "temporal",
        "warehouse",
    }
)


def is_login(text: str) -> bool:
    """1 to 100 small letters, digits and ``._@+-``, a letter or digit first."""
    return _LOGIN.fullmatch(text) is not None


def is_name(text: str) -> bool:
    """At most 80 printable characters, no name of a part of Homeward, and none that looks as if it had a key."""
    try:
        check_unsigned(text)
    except InvalidRequest:
        return False
    plain = " ".join(text.split())
    return plain == text and text.isprintable() and 0 < len(text) <= LONGEST and plain.casefold() not in _TAKEN
