"""What comes in from outside is read and judged here; what a history has recorded is taken as it is."""

from datetime import datetime
from typing import Annotated, Any, Final, TypeVar

from pydantic import BaseModel, Field, ValidationError

from lifecycle.contract.errors import InvalidRequest
from lifecycle.contract.request import invalid_as_request_error, problems
from lifecycle.contract.texts import AT_BOUNDARY

Model = TypeVar("Model", bound=BaseModel)
#: How many unknown fields are named, and how much of each name is.
_NAMED: Final = 20
_NAME: Final = 100
#: In an answer: the fields that nobody knows; left out where there are none.
Ignored = Annotated[list[str], Field(exclude_if=lambda names: not names)]


def read(model: type[Model], raw: Any, *, now: datetime | None = None, forbid_unknown: bool = True) -> Model:
    """Check what a caller, an operator or a partner sent, and give it its types.

    ``now`` bounds an order's dates. Raises ``InvalidRequest``, which names every field that is wrong.
    """
    context = {**AT_BOUNDARY, "now": now}
    with invalid_as_request_error():
        return model.model_validate(raw, context=context, extra="forbid" if forbid_unknown else "ignore")


def read_message(model: type[Model], arguments: tuple[Any, ...], *, recorded: bool = False) -> Model:
    """Check the arguments of a message to a workflow: one object, of which unknown fields are left out.

    The texts of one that is ``recorded`` are taken as they are. Raises ``InvalidRequest`` as ``read`` does.
    """
    if len(arguments) != 1:
        raise InvalidRequest([("body", f"expected one object, got {len(arguments)} arguments")])
    [raw] = arguments
    if not isinstance(raw, dict | model):
        raise InvalidRequest([("body", f"expected an object, got {'null' if raw is None else type(raw).__name__}")])
    if not recorded:
        return read(model, raw, forbid_unknown=False)
    with invalid_as_request_error():
        return model.model_validate(raw)


def unknown_fields(model: type[BaseModel], raw: Any) -> list[str]:
    """The fields, as dotted paths, that a caller has sent and nobody knows: misspelt, or of a later version."""
    try:
        model.model_validate(raw, extra="forbid")
    except ValidationError as error:
        unknown = [kind == "extra_forbidden" for kind in (item["type"] for item in error.errors())]
        named = [field[:_NAME] for (field, _), is_unknown in zip(problems(error), unknown, strict=True) if is_unknown]
        return named[:_NAMED]
    return []


def judge(message: BaseModel) -> None:
    """Check what has its types already, but may have come by a way that judged no texts.

    Raises ``InvalidRequest`` as ``read`` does.
    """
    read(type(message), message.model_dump(), forbid_unknown=False)
