"""The page about orders says of every field what the code says, and its example is an order."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import pytest
from annotated_types import Ge
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from gateways.orders.protocol import Alternative, read_order
from lifecycle.contract.orders.customer import Address, Customer
from lifecycle.contract.orders.lines import Line, OrderFee, Shipping, TaxLine
from lifecycle.contract.orders.order import Order
from lifecycle.contract.orders.payment import PaymentState, Tender

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "orders.md").read_text()
#: What is called an amount and is none of money.
COUNTS = {"quantity", "returned_quantity", "shipped_quantity"}
MODELS: dict[str, type[BaseModel]] = {
    "order": Order,
    "order.customer": Customer,
    "order.customer.address": Address,
    "order.lines[]": Line,
    "order.lines[].exchanges[]": Alternative,
    "order.shipping": Shipping,
    "tax_lines[]": TaxLine,
    "order.fees[]": OrderFee,
    "order.tenders[]": Tender,
}
#: Left out, they are what somebody works out.
WORKED_OUT = {"customer_id": "a guest's", "shipping": "nothing paid"}


def tables() -> dict[str, dict[str, list[str]]]:
    found = {}
    for title, text in re.findall(r"^## `([^`]+)`\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL):
        rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| `")]
        found[title] = {cells[0].strip("`"): [*cells[1:], ""][:3] for cells in rows}
    return found


TABLES = tables()


def test_every_object_has_its_table() -> None:
    assert list(TABLES) == list(MODELS)


@pytest.mark.parametrize("title", MODELS)
def test_its_rows_are_the_fields(title: str) -> None:
    fields = [*MODELS[title].model_fields, *(["exchanges"] if title == "order.lines[]" else [])]
    assert sorted(TABLES[title]) == sorted(fields)


@pytest.mark.parametrize("title", MODELS)
def test_what_may_be_left_out_is_what_the_code_says(title: str) -> None:
    for name, field in MODELS[title].model_fields.items():
        said = TABLES[title][name][1]
        if field.is_required():
            assert said == "required", name
        elif name in WORKED_OUT:
            assert said == WORKED_OUT[name]
        else:
            default = field.get_default()
            assert said.partition(",")[0] == f"`{json.dumps(default)}`", name


@pytest.mark.parametrize("title", MODELS)
def test_every_amount_says_of_what_it_is(title: str) -> None:
    for name, field in MODELS[title].model_fields.items():
        if field.annotation is int and name not in COUNTS:
            assert re.match(r"minor units, (per unit|per line|of the order)", TABLES[title][name][0]), name
        else:
            assert not TABLES[title][name][0].startswith("minor units"), name


@pytest.mark.parametrize("title", MODELS)
def test_what_is_bounded_below_says_so(title: str) -> None:
    for name, field in MODELS[title].model_fields.items():
        if field.is_required() and field.annotation is int and _least(field) == 0:
            assert "below 0" in TABLES[title][name][2], name


def _least(field: FieldInfo) -> Any:
    return next((one.ge for one in field.metadata if isinstance(one, Ge)), None)


def test_its_choices_are_the_codes() -> None:
    for state in PaymentState:
        assert f"`{state}`" in TABLES["order"]["payment_state"][0]
    for title, name in (("order.fees[]", "kind"), ("order.tenders[]", "kind")):
        annotation = MODELS[title].model_fields[name].annotation
        assert annotation is not None
        for kind in get_args(annotation) or annotation:
            assert f"`{kind}`" in TABLES[title][name][0]


def test_its_example_is_an_order_of_no_more_than_is_needed() -> None:
    [text] = re.findall(r"^```json\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    now = datetime(2026, 11, 28, tzinfo=UTC)
    order = read_order(json.loads(text), now, forbid_unknown=True).order
    assert order.total == 5000
    raw = json.loads(text)
    for name in [*raw, *(f"lines.0.{field}" for field in raw["lines"][0])]:
        kind: type[BaseModel] = Line if name.startswith("lines.0.") else Order
        field = name.rpartition(".")[2]
        needed = kind.model_fields[field].is_required()
        assert needed or field in {"delivered_at", "prices_include_tax", "tenders", "tax_total"}, name
