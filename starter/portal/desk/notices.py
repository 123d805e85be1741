"""What was done a moment ago, said once on the page that follows."""

from dataclasses import dataclass
from typing import Final

from fastapi import Request
from fastapi.responses import RedirectResponse

from starter.portal.shared.session import session_of
from starter.portal.shared.texts import catalogue

_SAID: Final = "desk_done"


@dataclass(frozen=True)
class Done:
    """``do`` is a key of the texts, ``id`` what it was done to."""

    do: str
    id: str


def after(request: Request, do: str, done_to: str, path: str) -> RedirectResponse:
    """Go on at ``path``, whose page says what was done; shown again, it says nothing of it."""
    session_of(request)[_SAID] = [do, done_to]
    return RedirectResponse(path, 303)


def done_of(request: Request) -> Done | None:
    """What is to be said; None for nothing. It is not said again."""
    said = session_of(request).pop(_SAID, None)
    known: dict[str, object] = catalogue()["desk"]["done"]
    return Done(*said) if said and said[0] in known else None
