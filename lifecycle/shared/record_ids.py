"""Under which names the database keeps what is no return's: events, mails and effects."""

import hashlib
import re
from typing import Final

#: Characters that the database keeps of a record's id.
_LONGEST: Final = 100
#: What the id of a record looks like that was too long; no other id may.
_SHORTENED: Final = re.compile(r"(?s)^.{80}#[0-9a-f]{16}$")


def record_id(kind: str, name: str) -> str:
    """``KIND:NAME``, shortened where it is too long; no return has such an id: it holds a colon."""
    plain = f"{kind}:{name}"
    if len(plain) <= _LONGEST and not _SHORTENED.match(plain):
        return plain
    return f"{plain[:80]}#{hashlib.sha256(name.encode()).hexdigest()[:16]}"


def kind_of(record: str) -> str:
    """The kind of a record, ``return`` for a return's id."""
    kind, colon, _ = record.partition(":")
    return kind if colon else "return"
