"""What thousands of open returns have in common is held once."""

from collections.abc import Iterator
from typing import Any, Final, TypeVar

from pydantic import BaseModel

Model = TypeVar("Model", bound=BaseModel)
#: Of terms and calendars there are as many as hours in which returns were opened.
_MOST: Final = 512
_HELD: dict[tuple[type[BaseModel], str], Any] = {}
_NAMES: dict[frozenset[str], set[str]] = {}


def shared(model: Model) -> Model:
    """The one that all get who ask with its like; nobody may change it."""
    if len(_HELD) >= _MOST:
        _HELD.clear()
    one: Model = _HELD.setdefault((type(model), model.model_dump_json()), model)
    return one


def lean(model: Model) -> Model:
    """The same one; the names that Pydantic keeps beside each model, larger than its values, are held once."""
    for part in _models_in(model):
        names = part.model_fields_set
        object.__setattr__(part, "__pydantic_fields_set__", _NAMES.setdefault(frozenset(names), names))
    return model


def _models_in(value: object) -> Iterator[BaseModel]:
    if isinstance(value, BaseModel):
        yield value
    for part in vars(value).values() if isinstance(value, BaseModel) else value if isinstance(value, list) else ():
        yield from _models_in(part)
