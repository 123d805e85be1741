"""What every page with buttons shows besides."""

from typing import Any
from uuid import uuid4

from fastapi import Request

from starter.portal.desk.notices import done_of
from starter.portal.shared.steps import step_kind
from starter.portal.shared.texts import catalogue
from starter.portal.staff.person import Person


def common(request: Request, clerk: Person) -> dict[str, Any]:
    """Who works here, what was done a moment ago, and what forms and words need."""
    return {
        "clerk": clerk,
        "done": done_of(request),
        "step_kind": step_kind,
        "form_id": lambda: uuid4().hex,
        "events": catalogue()["desk"]["event"],
    }
