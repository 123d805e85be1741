"""Who did something, as timelines name them: ``alex``, or ``alex (key tablet-3)`` where an API key said so.

What stands before the key is whatever its holder wrote; the key is what was shown.
"""

import re
import unicodedata
from typing import Final

from lifecycle.contract.errors import InvalidRequest

#: Characters of a name on a timeline, its key included; see ``lifecycle.contract.texts.Words``.
LONGEST: Final = 200
_OPENS, _CLOSES = " (key ", ")"
#: Signs that take no room: formats, marks on the sign before, controls.
_UNSEEN: Final = frozenset({"Cf", "Cc", "Mn", "Me"})
#: What a reader takes for a key's name, wherever it stands.
_KEY_LIKE: Final = re.compile(r"[(\[{]\s*key\b")


def signed(by: str, key: str) -> str:
    """The name with the key's; without a key the name alone.

    Raises ``InvalidRequest`` for a name that leaves no room for the key's.
    """
    if not key:
        return by
    suffix = f"{_OPENS}{key}{_CLOSES}"
    if len(by) + len(suffix) > LONGEST:
        raise InvalidRequest([("by", f"expected at most {LONGEST - len(suffix)} characters beside the key's name")])
    return by + suffix


def name_of(by: str) -> str:
    """The name alone, as it was written."""
    return _parted(by)[0]


def key_of(by: str) -> str | None:
    """The name of the key that was shown; None where none was."""
    return _parted(by)[1] or None


def check_unsigned(by: str) -> str:
    """The name; raises ``InvalidRequest`` where it looks as if a key had been shown, which nobody has.

    However it is spelt: other blanks, letters and signs that nobody sees look the same on a timeline.
    """
    seen = unicodedata.normalize("NFKC", by)
    seen = "".join(sign for sign in seen if unicodedata.category(sign) not in _UNSEEN)
    if _KEY_LIKE.search(seen.casefold()):
        raise InvalidRequest([("by", "expected a name without an API key, none of which was shown")])
    return by


def are_two(first: str, second: str) -> bool:
    """Whether two people said it: names that differ, and two keys where both came by one.

    A name is free text, so that one key is one person. Blanks and case make no other name.
    """
    (one, one_key), (other, other_key) = _parted(first), _parted(second)
    return _plain(one) != _plain(other) and not (one_key and one_key == other_key)


def _parted(by: str) -> tuple[str, str]:
    name, opens, key = by.rpartition(_OPENS)
    return (name, key.removesuffix(_CLOSES)) if opens and by.endswith(_CLOSES) else (by, "")


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()
