"""What the journey to one supplier knows, as it is carried from run to run, and what it shows.

Instants are UTC, money is in minor units. Unit ids are ``{return_id}/{unit_id}``.
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, Field

from lifecycle.contract.boundary import Ignored
from lifecycle.contract.view import TimelineEntry
from lifecycle.shared.backoff import Trouble

#: Entries that are shown; a supplier's journey goes on for years.
TIMELINE = 100


class UnitStage(StrEnum):
    """How far a unit is."""

    GATHERED = "gathered"
    ASKED = "asked"
    AUTHORISED = "authorised"
    SHIPPED = "shipped"
    CREDITED = "credited"
    REFUSED = "refused"

    @property
    def ended(self) -> bool:
        """Whether nothing more is expected of the supplier."""
        return self in (UnitStage.CREDITED, UnitStage.REFUSED)


class SupplierUnit(BaseModel):
    """One unit; ``since`` is when it came to its stage, ``batch`` the one it was asked about in."""

    unit_id: str
    sku: str
    serial_number: str | None = None
    stage: UnitStage = UnitStage.GATHERED
    since: AwareDatetime
    reminded_at: AwareDatetime | None = None
    batch: int | None = None
    authorisation_id: str | None = None
    shipment_id: str | None = None
    credit_id: str | None = None
    reason: str | None = None


class Authorisation(BaseModel):
    """The supplier's word that it takes units back."""

    authorisation_id: str
    by: str
    at: AwareDatetime


class SupplierShipment(BaseModel):
    """Goods on their way to the supplier."""

    shipment_id: str
    by: str
    tracking_code: str | None
    at: AwareDatetime


class SupplierCredit(BaseModel):
    """Money from the supplier."""

    credit_id: str
    by: str
    amount: int
    currency: str
    at: AwareDatetime


class BatchPlan(BaseModel):
    """When the units gathered now are asked about: at so many, or at ``ask_at``, whichever comes first.

    ``ask_at`` is None when only the number counts.
    """

    size: int
    ask_at: AwareDatetime | None
    remind_after_days: int


class SupplierNotice(BaseModel):
    """A mail to operations that is to be written; ``step`` names it for ever."""

    step: str
    template: Literal["supplier_ask", "supplier_waits"]
    unit_ids: list[str]
    batch: int | None = None


class SupplierReturn(BaseModel):
    """Everything known of the goods for one supplier: it fits into one payload, see ``supplier.tidy``."""

    supplier_id: str
    units: dict[str, SupplierUnit] = {}
    authorisations: dict[str, Authorisation] = {}
    shipments: dict[str, SupplierShipment] = {}
    credits: dict[str, SupplierCredit] = {}
    #: Of the units gathered now; None until the policy was asked.
    plan: BatchPlan | None = None
    remind_after_days: int = 14
    batches: int = 0
    reminders: int = 0
    notices: list[SupplierNotice] = []
    trouble: Trouble | None = None
    timeline: list[TimelineEntry] = []
    #: How many entries there ever were, and how many of them subscribers were told of.
    noted: int = 0
    told: int = 0
    #: Somebody wants it to end, once no unit is open.
    ending: bool = False
    #: What was forgotten: units by stage, credits by currency.
    units_before: dict[UnitStage, int] = {}
    credited_before: dict[str, int] = {}

    def note(self, at: AwareDatetime, event: str, by: str = "engine", detail: str | None = None) -> None:
        """Put an entry on the timeline; the oldest make room."""
        self.timeline.append(TimelineEntry(at=at, event=event, by=by, detail=detail))
        del self.timeline[:-TIMELINE]
        self.noted += 1

    @property
    def untold(self) -> list[TimelineEntry]:
        """Entries that subscribers, if there are any, have not been told of; the oldest may have made room."""
        count = self.noted - self.told
        return self.timeline[-count:] if count else []

    def at(self, *stages: UnitStage) -> list[SupplierUnit]:
        """The units at these stages, in the order in which they came."""
        return [unit for unit in self.units.values() if unit.stage in stages]


class SupplierTrouble(BaseModel):
    """A step that failed for good; it is tried again by itself."""

    step: str
    error: str
    since: AwareDatetime


class Upcoming(BaseModel):
    """What happens next by itself."""

    at: AwareDatetime
    what: str


class SupplierSummary(BaseModel):
    """The short answer of an update: how many units are at which stage, ever; money by currency."""

    supplier_id: str
    units: dict[UnitStage, int]
    credited: dict[str, int]
    attention: str | None
    ignored: Ignored = []


class SupplierView(BaseModel):
    """What the query ``view`` gives back. Units that ended long ago are counted in ``totals`` alone."""

    supplier_id: str
    totals: SupplierSummary
    units: list[SupplierUnit]
    authorisations: list[Authorisation]
    shipments: list[SupplierShipment]
    credits: list[SupplierCredit]
    next: Upcoming | None
    attention: SupplierTrouble | None
    timeline: Annotated[list[TimelineEntry], Field(max_length=TIMELINE)]
