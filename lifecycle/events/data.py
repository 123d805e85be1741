"""What events tell that are no return's: ``families`` has the table of them (docs/events.md)."""

from typing import Any

from pydantic import AwareDatetime, BaseModel, Field

from lifecycle.contract.events.data import PublishedEntry
from lifecycle.repairs.messages import RepairSummary
from lifecycle.suppliers.state import SupplierSummary, UnitStage
from lifecycle.support.state import CaseSummary


def _rare(description: str, default: Any = None) -> Any:
    """A field that is left out where it says nothing."""
    return Field(default=default, exclude_if=lambda found: not found, description=description)


class EventOfRecord(BaseModel):
    """What every event has."""

    number: int = Field(ge=1, description="Its place among the events of its subject, counted from 1 without a gap.")
    entry: PublishedEntry = Field(description="What happened, when, and which part of the shop did it.")


class SupportEventData(EventOfRecord):
    """The ``data`` of an event of a support case; never what anybody wrote."""

    summary: CaseSummary = Field(description="How the case stood when the event was kept.")
    order_id: str | None = _rare("The order that is asked about.")
    return_id: str | None = _rare("The return that is asked about.")


class StockMoved(BaseModel):
    """How one balance has changed."""

    location: str = Field(description="The shelf.")
    grade: str = Field(description="How good they are; empty while nobody has graded them.")
    quantity: int = Field(description="How many came, or below 0 went.")
    reserved: int = Field(description="How many more are spoken for, or below 0 fewer.")


class StockBalance(BaseModel):
    """How one balance stands after it."""

    location: str = Field(description="The shelf.")
    grade: str = Field(description="How good they are; empty while nobody has graded them.")
    on_hand: int = Field(description="How many lie there.")
    reserved: int = Field(description="How many of them are spoken for.")


class StockEventData(EventOfRecord):
    """The ``data`` of an event of stock: one booking of one SKU."""

    sku: str = Field(description="What was booked.")
    kind: str = Field(description="The movement's kind, as the books have it.")
    moves: list[StockMoved] = Field(description="What has changed, by shelf and grade.")
    balances: list[StockBalance] = Field(description="How these shelves stand after it.")
    return_id: str | None = _rare("The return that it is for.")
    unit_ids: list[str] = _rare("The return's units that it is about.", [])


class CreditEventData(EventOfRecord):
    """The ``data`` of an event of store credit: one entry of one credit. Money in minor units of its currency."""

    credit_id: str = Field(description="The credit: what one return gave.")
    currency: str = Field(description="Its currency, by ISO 4217.")
    amount: int = Field(description="What came, or below 0 went.")
    bonus: int | None = _rare("The part of it that was given on top.")
    remaining: int = Field(description="What is left of the credit after it.")
    expires_at: AwareDatetime | None = _rare("From when on nothing of it can be spent.")
    return_id: str | None = _rare("The return that it was given for.")
    order_id: str | None = _rare("The order that it was spent on.")


class RepairEventData(EventOfRecord):
    """The ``data`` of an event of a repair; never what the bench wrote."""

    summary: RepairSummary = Field(description="How the repair stood when the event was passed on.")
    sku: str = Field(description="What is repaired.")


class SupplierEventUnit(BaseModel):
    """A unit that goes back to its supplier, and what it was last part of."""

    unit_id: str = Field(description="RETURN/UNIT.")
    sku: str = Field(description="What it is.")
    stage: UnitStage = Field(description="How far it is.")
    authorisation_id: str | None = _rare("The supplier's word that it takes it back.")
    shipment_id: str | None = _rare("The shipment that it went out in.")
    credit_id: str | None = _rare("The credit that the supplier gave for it.")


class SupplierEventData(EventOfRecord):
    """The ``data`` of an event of goods for a supplier; never what anybody wrote."""

    summary: SupplierSummary = Field(description="How many units were at which stage when the event was passed on.")
    units: list[SupplierEventUnit] = _rare("The units that it is about, as they stood then.", [])
    tracking_code: str | None = _rare("The shipment's parcel.")
    amount: int | None = _rare("What the supplier gives back, in minor units.")
    currency: str | None = _rare("Its currency, by ISO 4217.")
