"""Nulls are left out of what is said to workflows: whoever reads it, of this release or an older one, must not mind."""

from inspect import isclass
from types import ModuleType
from typing import get_args

import pytest
from pydantic import BaseModel

from lifecycle.contract import messages as of_returns
from lifecycle.repairs import messages as of_repairs
from lifecycle.suppliers import messages as of_suppliers
from lifecycle.support import messages as of_support

#: What workflows answer is sent with its nulls.
_ANSWERS = ("Summary", "View")


@pytest.mark.parametrize("messages", [of_returns, of_repairs, of_suppliers, of_support], ids=lambda room: room.__name__)
def test_what_may_be_null_may_be_left_out(messages: ModuleType) -> None:
    said = [
        model
        for name, model in vars(messages).items()
        if isclass(model) and issubclass(model, BaseModel) and not name.endswith(_ANSWERS)
    ]
    needed = [
        f"{model.__name__}.{name}"
        for model in said
        for name, field in model.model_fields.items()
        if field.is_required() and type(None) in get_args(field.annotation)
    ]
    assert said
    assert needed == []


def test_a_receipt_without_its_nulls_is_the_same_receipt() -> None:
    units = [of_returns.ReceiptUnits(line_id="1")]
    receipt = of_returns.Receipt(receipt_id="r", complete=True, units=units)
    sent = receipt.model_dump(mode="json", exclude_none=True)
    assert sent == {
        "receipt_id": "r",
        "location": "main",
        "complete": True,
        "units": [{"line_id": "1", "quantity": 1}],
    }
    assert of_returns.Receipt.model_validate(sent) == receipt
