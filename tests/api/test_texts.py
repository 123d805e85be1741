"""No text of any call may hold what its place cannot: every field of every body is tried, with the field named."""

import typing
from collections.abc import Iterator
from copy import deepcopy
from types import NoneType
from typing import Annotated, Any, get_args, get_origin

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel, TypeAdapter, ValidationError

from gateways.orders.protocol import Alternative
from gateways.webhook_protocol import MESSAGES
from lifecycle.contract.errors import InvalidRequest
from lifecycle.contract.policy import Policy
from lifecycle.contract.texts import AT_BOUNDARY
from lifecycle.suppliers.messages import AddUnit, Authorise, RecordCredit, RecordShipment, Refuse
from lifecycle.support.messages import SupportRequest
from starter.api.app import ROUTERS
from starter.api.shared.bodies import Body
from starter.api.shared.problems import Failure, failure_of

#: What people write to each other, and what partners say, may have several lines.
SEVERAL_LINES = {"note", "reason", "text", "how", "why", "detail"}
#: Judged by the return itself, by the field that it is for; and by names that are known.
JUDGED_ELSEWHERE = {
    "Override.value",
    "Order.currency",
    "RecordCredit.currency",
    "ClockRules.timezone",
    "ClockRules.subdivision",
}
REFUSED = ("a\rb", "a\u2028b", "a\u2029b", "a\x85b", "a\x00b", "a\x1bb")


def _bodies() -> Iterator[Body[Any]]:
    """Every body that a call takes, as its route says."""

    def of(dependant: Dependant) -> Iterator[Body[Any]]:
        for inner in dependant.dependencies:
            if isinstance(inner.call, Body):
                yield inner.call
            yield from of(inner)

    for room in ROUTERS:
        for route in room.router.routes:
            if isinstance(route, APIRoute):
                yield from of(route.dependant)


BODIES = list(_bodies())
MODELS: list[type[BaseModel]] = [
    *(body.model for body in BODIES),
    *MESSAGES.values(),
    *(AddUnit, Authorise, RecordCredit, RecordShipment, Refuse),
    *(SupportRequest, Policy, Alternative),
]


def _leaves(kind: Any, where: str, seen: frozenset[type]) -> Iterator[tuple[str, Any]]:
    """``(Model.field, type)`` of everything that is no model, list or union."""
    inner = get_args(kind)[0] if get_origin(kind) is Annotated else kind
    if isinstance(inner, type) and issubclass(inner, BaseModel):
        for name, field in inner.model_fields.items() if inner not in seen else ():
            whole = Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
            yield from _leaves(whole, f"{inner.__name__}.{name}", seen | {inner})
    elif get_origin(inner) is typing.Literal or inner is NoneType:
        return
    elif get_args(inner):
        for part in get_args(inner):
            yield from _leaves(part, where, seen)
    else:
        yield where, kind


LEAVES = sorted({where: kind for model in MODELS for where, kind in _leaves(model, "", frozenset())}.items())


def _takes(kind: Any, value: str) -> bool:
    try:
        TypeAdapter(kind).validate_python(value, context=AT_BOUNDARY)
    except ValidationError:
        return False
    return True


def test_the_fields_of_every_call_are_looked_at() -> None:
    found = {where for where, _ in LEAVES}
    assert {"Order.order_id", "Customer.email", "Line.serial_numbers", "AddMessage.text", "Shop.mail_from"} <= found
    assert len(BODIES) > 15
    assert len(LEAVES) > 100


@pytest.mark.parametrize(("where", "kind"), LEAVES, ids=[where for where, _ in LEAVES])
def test_a_field_is_one_line_unless_people_write_to_each_other_in_it(where: str, kind: Any) -> None:
    if where in JUDGED_ELSEWHERE:
        return
    taken = [value for value in REFUSED if _takes(kind, value)]
    assert not set(taken) & {"a\x00b", "a\x1bb"}
    assert taken == [] or where.rpartition(".")[2] in SEVERAL_LINES


def _texts(example: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The place of each text in an example."""
    if isinstance(example, dict):
        for key, value in example.items():
            yield from _texts(value, (*path, key))
    elif isinstance(example, list):
        for number, value in enumerate(example):
            yield from _texts(value, (*path, number))
    elif isinstance(example, str):
        yield path


def _spoilt(example: Any, path: tuple[Any, ...], text: str) -> Any:
    whole = deepcopy(example)
    inner = whole
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = text
    return whole


@pytest.mark.parametrize("body", BODIES, ids=[f"{number}-{body.model.__name__}" for number, body in enumerate(BODIES)])
def test_what_is_wrong_in_a_body_is_named(body: Body[Any]) -> None:
    for path in _texts(body.example):
        if path[-1] in SEVERAL_LINES or path[-1] == "value":
            continue
        for text in ("a\rb", "a\u2028b"):
            with pytest.raises((InvalidRequest, Failure)) as refused:
                body._check(_spoilt(body.example, path, text))
            assert ".".join(map(str, path)) in dict(failure_of(refused.value).errors)
