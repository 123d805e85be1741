"""What was done a moment ago, said on the page that follows."""

from dataclasses import dataclass
from typing import Final

from fastapi import Request

from starter.portal.shared.texts import catalogue

_LONGEST_ID: Final = 100


@dataclass(frozen=True)
class Done:
    """``do`` is a key of the texts, ``id`` what it was done to."""

    do: str
    id: str


def done_of(request: Request) -> Done | None:
    """What the address says; None for nothing, and for what is no key."""
    do, done_to = (request.query_params.get(name, "") for name in ("done", "of"))
    known: dict[str, object] = catalogue()["desk"]["done"]
    return Done(do, done_to) if do in known and 0 < len(done_to) <= _LONGEST_ID else None
