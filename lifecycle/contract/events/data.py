"""What an event tells besides its name: each type carries some of it (``types``)."""

from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, Field

from lifecycle.contract.grades import Disposition, Grade
from lifecycle.contract.orders.lines import TaxLine
from lifecycle.contract.request import Reason
from lifecycle.contract.resolutions import Resolution
from lifecycle.contract.tenders import TenderKind
from lifecycle.contract.view import Acceptance, Hold, Reception, RuleName, Summary


def _says_nothing(found: Any) -> bool:
    return not found


class EventUnits(BaseModel):
    """Units of one line that stand alike. ``refund`` is for all of them, null until it is decided."""

    line_id: str = Field(description="The order's line.")
    sku: str = Field(description="The line's SKU.")
    quantity: int = Field(description="How many units these are.")
    unit_ids: list[str] = Field(description="Their ids within the return.")
    reason: Reason | None = Field(
        default=None, description="Why the customer sends them back; null in an event that is published late."
    )
    reception: Reception = Field(description="Where they are.")
    acceptance: Acceptance = Field(description="What was decided about them.")
    grade: Grade | None = Field(default=None, description="How good they are; null until it is known.")
    disposition: Disposition | None = Field(default=None, description="Where they end; null until it is known.")
    refund: int | None = Field(
        default=None, description="What is given back for all of them, in minor units; null until it is decided."
    )
    category: str | None = Field(default=None, exclude_if=_says_nothing, description="The line's, as ordered.")
    tags: list[str] = Field(default=[], exclude_if=_says_nothing, description="The line's, as ordered.")
    image_url: str | None = Field(default=None, exclude_if=_says_nothing, description="The line's picture.")
    tax_lines: list[TaxLine] = Field(
        default=[], exclude_if=_says_nothing, description="The taxes of the whole line, as ordered."
    )


class EventOrder(BaseModel):
    """What the order carries for whoever reads on; what is empty is left out."""

    locale: str | None = Field(default=None, exclude_if=_says_nothing, description="The customer's language.")
    tags: list[str] = Field(default=[], exclude_if=_says_nothing, description="The shop's words about it.")


class EventPayment(BaseModel):
    """One payment to a tender; below 0 it is charged to it."""

    tender_id: str = Field(description="The order's tender, or store_credit.")
    kind: TenderKind | None = Field(
        default=None, description="What kind of tender that is; null in an event that is published late."
    )
    amount: int = Field(description="In minor units of the return's currency; below 0 for a charge.")
    state: Literal["planned", "pending", "succeeded", "failed"] = Field(description="How far it is.")
    reference: str | None = Field(default=None, description="The provider's, or what staff noted of a payment by hand.")


class EventRule(BaseModel):
    """A rule of the policy that stood in the way; of the whole return where ``unit_id`` is null."""

    rule: RuleName = Field(description="The rule's name.")
    unit_id: str | None = Field(default=None, description="The unit that it is about.")


class SentItem(BaseModel):
    """What goes out to the customer."""

    sku: str = Field(description="What it is.")
    quantity: int = Field(description="How many of them.")


def _rare(description: str, default: Any = None) -> Any:
    """A field that is left out where it says nothing."""
    return Field(default=default, exclude_if=lambda found: not found, description=description)


class EventFacts(BaseModel):
    """What an event is about. What is empty is left out."""

    summary: Summary | None = _rare("How the return stood at that moment.")
    resolution: Resolution | None = _rare("What the customer gets, as known then.")
    units: list[EventUnits] = _rare("The units that it is about; those that stand alike are one row.", [])
    paid: list[EventPayment] = _rare("What it paid, to which tender, with which reference.", [])
    tracking_code: str | None = _rare("The parcel that it is about.")
    order: EventOrder | None = _rare("What the order carries.")
    rules: list[EventRule] = _rare("The policy's rules that stood in the way.", [])
    hold: Hold | None = _rare("The hold on the card.")
    sent: list[SentItem] = _rare("What goes out to the customer.", [])
    step: str | None = _rare("The step that waits for an operator.")
    late: bool = _rare("True where it is told later than it happened: the summary is of then.", default=False)


class PublishedEntry(BaseModel):
    """What happened, when, and which part of the shop or its partners did it; never a name."""

    at: AwareDatetime = Field(description="When it happened.")
    event: str = Field(description="What happened: a row of the table of events.")
    by: str = Field(description="The engine, a channel, a partner, customer or warehouse; staff for anybody else.")


class EventData(EventFacts):
    """The ``data`` of an event, as subscribers get it."""

    number: int = Field(ge=1, description="Its place in the return's timeline, counted from 1 without a gap.")
    entry: PublishedEntry = Field(description="The entry of the return's timeline.")
    summary: Summary = Field(description="How the return stood at that moment.")
