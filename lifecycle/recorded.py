"""The state of a return as JSON: what a later run goes on from, long after the first has ended."""

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from lifecycle.state import Return

_STATE: TypeAdapter[Return] = TypeAdapter(Return)


def record(ret: Return) -> dict[str, Any]:
    """Everything but the request, which is kept beside it."""
    recorded: dict[str, Any] = _STATE.dump_python(ret, mode="json", exclude={"request"})
    return recorded


def restore(request: Any, recorded: Mapping[str, Any]) -> Return:
    """The return as it was recorded; raises ``ValidationError`` for anything else."""
    return _STATE.validate_python({"request": request, **recorded})
