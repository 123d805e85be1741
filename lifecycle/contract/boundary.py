"""What comes in from outside is read and judged here; what a history has recorded is taken as it is."""

from datetime import datetime
from typing import Any, TypeVar

from pydantic import BaseModel

from lifecycle.contract.request import invalid_as_request_error
from lifecycle.contract.texts import AT_BOUNDARY

Model = TypeVar("Model", bound=BaseModel)


def read(model: type[Model], raw: Any, *, now: datetime | None = None, forbid_unknown: bool = True) -> Model:
    """Check what a caller, an operator or a partner sent, and give it its types.

    ``now`` bounds an order's dates. Raises ``InvalidRequest``, which names every field that is wrong.
    """
    context = {**AT_BOUNDARY, "now": now}
    with invalid_as_request_error():
        return model.model_validate(raw, context=context, extra="forbid" if forbid_unknown else "ignore")


def judge(message: BaseModel) -> None:
    """Check what has its types already, but may have come by a way that judged no texts.

    Raises ``InvalidRequest`` as ``read`` does.
    """
    read(type(message), message.model_dump(), forbid_unknown=False)
