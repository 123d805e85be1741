"""Forms that are sent more than once: the same again is taken once, another choice is another message.

A form has an id that is made with its page. Pressed twice, or sent again after an answer was lost, it says the
same and is the same message. After the browser's Back it may say something else.
"""

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from fastapi import Request

from starter.portal.shared.session import session_of

#: Forms that a device remembers: the cookie holds 4 KB.
_REMEMBERED: Final = 5
_LETTERS: Final = 12


@dataclass(frozen=True)
class Sending:
    """``id`` names this content of the form; ``otherwise``: it was sent before with another one."""

    id: str
    otherwise: bool


def sending(request: Request, form_id: str, content: Any) -> Sending:
    """Remember what a form says, a JSON value, on the device that sends it; gives what that makes of it.

    What was said first and is said again after something else is a message of its own as well.
    """
    said = json.dumps(content, sort_keys=True, default=str)
    digest = sha256(said.encode()).hexdigest()[:_LETTERS]
    sent = dict(session_of(request).get("sent", {}))
    number, last = sent.pop(form_id, (0, digest))
    number += digest != last
    session_of(request)["sent"] = dict([*sent.items(), (form_id, (number, digest))][-_REMEMBERED:])
    return Sending(f"{form_id}-{number}{digest}", otherwise=number > 0)


def was_sent(request: Request, form_id: str) -> bool:
    """Whether this device has sent the form."""
    return form_id in session_of(request).get("sent", {})


def not_taken(request: Request, form_id: str) -> None:
    """What the form said was refused: it may say something else."""
    session_of(request).get("sent", {}).pop(form_id, None)
