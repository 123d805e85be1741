"""How an order's id is compared: people, shops and services spell one in more than one way."""

import unicodedata
from hashlib import sha256
from typing import Final

#: Characters of an id, and of its key.
_LONGEST: Final = 100


def order_key(order_id: str) -> str:
    """What all spellings of one order's id have in common: without case, blanks, invisible signs and a leading ``#``.

    ``#1071`` and ``1071``, ``echo-78`` and ``ECHO-78`` have the same. At most 100 characters.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", order_id).casefold())
    plain = "".join(sign for sign in folded if not sign.isspace() and unicodedata.category(sign) != "Cf")
    key = plain.lstrip("#") or plain or order_id
    return key if len(key) <= _LONGEST else sha256(key.encode(errors="replace")).hexdigest()


def spellings(typed: str) -> list[str]:
    """The ids that somebody who typed this may mean, the likeliest first; none for blanks alone."""
    whole = typed.strip()
    bare = whole.lstrip("#").strip()
    return list(dict.fromkeys((whole, bare, bare.upper(), bare.lower(), f"#{bare}"))) if bare else []
