"""Whoever sends something wrong reads our words, never those of the library that found it."""

from typing import Any

import pytest
from pydantic import BaseModel, Field, TypeAdapter, ValidationError
from pydantic_core._pydantic_core import list_all_errors

from lifecycle.contract.boundary import read
from lifecycle.contract.errors import FAULTS, InvalidRequest, fault_of
from lifecycle.contract.request import Reason, ReturnRequest
from lifecycle.contract.texts import Identifier, ReturnId
from lifecycle.contract.times import Instant
from tests.lifecycle.orders import body


@pytest.mark.parametrize(
    ("kind", "value", "told"),
    [
        (int, "x", ("format", "expected a whole number")),
        (int, 1.5, ("type", "expected a whole number")),
        (bool, "perhaps", ("format", "expected true or false")),
        (list[int], 1, ("type", "expected a list")),
        (Reason, "bored", ("choice", "expected one of ")),
        (Identifier, " 1", ("format", "expected an id of one line, without blanks at its ends")),
        (ReturnId, "a b", ("format", "expected at most 100 letters, digits, '.', '_' and '-'")),
        (Instant, "1999-01-01T00:00:00Z", ("range", "expected at least 2000-01-01")),
        (Instant, "yesterday", ("format", "expected an instant such as")),
        (Instant, "2026-01-01T00:00:00", ("format", "expected an instant with its time zone")),
    ],
)
def test_each_says_what_was_expected(kind: Any, value: Any, told: tuple[str, str]) -> None:
    with pytest.raises(ValidationError) as raised:
        TypeAdapter(kind).validate_python(value)
    fault, text = fault_of(raised.value.errors()[0])
    assert (fault, text[: len(told[1])]) == told


class _Lists(BaseModel):
    some: list[int] = Field(min_length=1)


def test_one_of_a_thing_is_singular() -> None:
    with pytest.raises(ValidationError) as raised:
        _Lists(some=[])
    assert fault_of(raised.value.errors()[0]) == ("length", "expected at least 1 entry, got 0")


def test_no_fault_is_told_in_the_librarys_words() -> None:
    for known in list_all_errors():
        context = known["example_context"] or {}
        fault, text = fault_of({"type": known["type"], "ctx": context, "msg": known["example_message_python"]})
        assert fault in FAULTS, known
        if known["type"] not in ("value_error", "assertion_error"):  # what a validator of ours has raised
            assert text.startswith("expected"), known
            assert text != known["example_message_python"]


def test_every_wrong_field_has_its_kind_of_fault() -> None:
    wrong = body(items=[{"line_id": "1", "quantity": 0, "reason": "bored"}]) | {"resolutoin": "refund"}
    del wrong["order"]["currency"]
    with pytest.raises(InvalidRequest) as raised:
        read(ReturnRequest, wrong)
    assert raised.value.codes == {
        "items.0.quantity": "range",
        "items.0.reason": "choice",
        "order.currency": "missing",
        "resolutoin": "unknown",
    }
