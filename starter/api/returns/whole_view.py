"""A return as a backend needs it: the view, with who asked for what, every parcel, and how it was paid."""

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, Field

from gateways.database.engine import Database
from gateways.database.returns.parcels import Recorded, recorded_of
from gateways.database.returns.records import get_return
from lifecycle.contract import view
from lifecycle.contract.orders.customer import Customer
from lifecycle.contract.request import Channel, ExchangeItem, Item, Method, ReturnRequest
from lifecycle.contract.resolutions import Resolution
from lifecycle.contract.tenders import TenderKind
from lifecycle.contract.times import TimeWindow


class AskedFor(BaseModel):
    """What the customer wants, as it was last changed: each item with its reason and the customer's own note."""

    channel: Channel
    resolution: Resolution
    method: Method
    items: list[Item]
    exchange_for: list[ExchangeItem] | None
    pickup_slot: TimeWindow | None


class Parcel(BaseModel):
    """One parcel of the return, or one that was sent to the customer."""

    direction: Annotated[Literal["to_shop", "to_customer"], Field(description="Where it goes.")]
    tracking_code: str
    carrier: Annotated[str | None, Field(description="The route's name, where the shop has several carriers.")]
    label_url: str | None
    at: AwareDatetime
    voided: Annotated[bool, Field(description="Whether its label is good no more.")]


class PaidTender(BaseModel):
    """How much of the order one payment took, and what it got back by this return."""

    tender_id: str
    kind: TenderKind
    captured: int
    reference: str | None
    given_back: Annotated[int, Field(description="What this return has given back to it, in minor units.")]
    pending: Annotated[int, Field(description="What is on its way to it, in minor units.")]


class View(view.View):
    """All there is to see of one return, for a backend; null is what no record has."""

    asked_for: Annotated[AskedFor | None, Field(description="What the customer wants.")]
    customer: Annotated[Customer | None, Field(description="Who bought; empty once they were forgotten.")]
    parcels: Annotated[list[Parcel], Field(description="Every parcel, the oldest first.")]
    tenders: Annotated[list[PaidTender], Field(description="The order's payments, and what each got back.")]


async def whole_view(database: Database, seen: view.View) -> View:
    """The view with what our records have beside it. Raises ``Unavailable``."""
    row = await get_return(database, seen.return_id)
    recorded = await recorded_of(database, seen.return_id)
    request = ReturnRequest.model_validate({**row.request, **recorded.changed}) if row else None
    return View.model_construct(
        **dict(seen),
        asked_for=AskedFor.model_validate(request, from_attributes=True) if request else None,
        customer=request.order.customer if request else None,
        parcels=_parcels(recorded),
        tenders=_tenders(request, seen.settlement.paid) if request else [],
    )


def _parcels(recorded: Recorded) -> list[Parcel]:
    return [Parcel(direction="to_shop" if one.to_shop else "to_customer", **_shared(one)) for one in recorded.parcels]


def _shared(parcel: Any) -> dict[str, Any]:
    return {name: getattr(parcel, name) for name in Parcel.model_fields if name != "direction"}


def _tenders(request: ReturnRequest, paid: list[view.Paid]) -> list[PaidTender]:
    def to(tender_id: str, state: str) -> int:
        return sum(one.amount for one in paid if (one.tender_id, one.state) == (tender_id, state))

    return [
        PaidTender(
            tender_id=tender.tender_id,
            kind=tender.kind,
            captured=tender.captured,
            reference=tender.reference,
            given_back=to(tender.tender_id, "succeeded"),
            pending=to(tender.tender_id, "pending"),
        )
        for tender in request.order.tenders
    ]
