"""The state of a return as JSON: what a later run goes on from, long after the first has ended."""

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from lifecycle.returns.state import Return

#: What may change of a request while it is carried out.
CHANGING = {"items", "resolution", "method", "exchange_for", "pickup_slot"}
_STATE: TypeAdapter[Return] = TypeAdapter(Return)


def snapshot(ret: Return) -> dict[str, Any]:
    """Everything but the request, kept beside it as it came, and what is only told; ``changed`` is what it became."""
    recorded: dict[str, Any] = _STATE.dump_python(ret, mode="json", exclude={"request", "about"})
    return recorded | {"changed": ret.request.model_dump(mode="json", include=CHANGING)}


def restore(request: Mapping[str, Any], recorded: Mapping[str, Any]) -> Return:
    """The return as it was recorded; raises ``ValidationError`` for anything else."""
    kept = {key: value for key, value in recorded.items() if key != "changed"}
    return _STATE.validate_python({**kept, "request": {**request, **recorded.get("changed", {})}})
