"""What is said to the goods' journey to one supplier: a signal and four updates (CONTRACT section 7).

Unknown fields are ignored, nullable fields may be left out. Unit ids here are ``{return_id}/{unit_id}``.
"""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field
from pydantic_core import PydanticCustomError

from lifecycle.contract.messages import By
from lifecycle.contract.money import is_currency
from lifecycle.contract.texts import ONE_ID, Identifier, ReturnId, Text


def _each_once(unit_ids: list[str]) -> list[str]:
    if len(set(unit_ids)) < len(unit_ids):
        raise PydanticCustomError("supplier", "expected each unit once")
    return unit_ids


def _known_currency(code: str) -> str:
    if not is_currency(code):
        raise PydanticCustomError("supplier", "expected a currency code of ISO 4217")
    return code


UnitName = Annotated[
    str, Field(min_length=3, max_length=201, pattern=r"^[^/\s\x00]+/[^\s\x00]([^\x00\n]*[^\s\x00])?$"), ONE_ID
]
UnitNames = Annotated[list[UnitName], Field(min_length=1, max_length=1000), AfterValidator(_each_once)]
Reason = Annotated[Text, Field(min_length=1)]


class AddUnit(BaseModel):
    """A unit that was judged to go back to this supplier, once its customer is settled."""

    return_id: ReturnId
    unit_id: Identifier
    sku: Identifier
    serial_number: Identifier | None = None

    @property
    def name(self) -> str:
        """The unit's id among all returns."""
        return f"{self.return_id}/{self.unit_id}"


class Authorise(BaseModel):
    """The supplier takes these units back."""

    authorisation_id: Identifier
    by: By
    unit_ids: UnitNames


class RecordShipment(BaseModel):
    """Everything authorised and not shipped yet went out in one shipment."""

    shipment_id: Identifier
    by: By
    tracking_code: Identifier | None = None


class RecordCredit(BaseModel):
    """The supplier gives money back for these units; ``amount`` in minor units."""

    credit_id: Identifier
    by: By
    amount: Annotated[int, Field(strict=True, ge=1, le=10**12)]
    currency: Annotated[str, AfterValidator(_known_currency)]
    unit_ids: UnitNames


class Refuse(BaseModel):
    """The supplier does not take these units back, or does not pay for them."""

    by: By
    unit_ids: UnitNames
    reason: Reason
