"""The rows of the list of returns, what each is made of, and which are wanted; loads nothing of Temporal.

What Temporal's own list shows, and so what every row is made of, is ``client.search_attributes``.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

from pydantic import AwareDatetime, BaseModel, Field

from lifecycle.contract.request import Method, Reason
from lifecycle.contract.resolutions import Resolution
from lifecycle.contract.statuses import Status
from lifecycle.returns.views.status import UNSETTLED
from lifecycle.shared.listing import Sort

# The client over HTTP has these rows too, and loads neither Temporal nor the database.
if TYPE_CHECKING:
    from client.search_attributes import Columns


class Listed(BaseModel):
    """One row of a list, a moment behind the return itself.

    What stands in our records alone is null for a return that is just being opened.
    """

    return_id: str
    order_id: str
    status: Status
    resolve_by: Annotated[
        AwareDatetime | None,
        Field(description="The next promise to the customer; null before the goods are on their way."),
    ]
    escalated: Annotated[bool, Field(description="Past its target.")]
    attention: Annotated[str | None, Field(description="The step that waits for an operator.")]
    resolution: Resolution | None = None
    method: Method | None = None
    opened_at: Annotated[AwareDatetime | None, Field(description="When it was started.")] = None
    updated_at: Annotated[AwareDatetime | None, Field(description="When anything was last recorded of it.")] = None
    closed_at: Annotated[AwareDatetime | None, Field(description="When it closed; null while it is open.")] = None
    currency: Annotated[str | None, Field(description="ISO 4217.")] = None
    value: Annotated[int | None, Field(description="What was paid for the goods, in minor units.")] = None
    amount: Annotated[
        int | None,
        Field(description="What the customer gets, in minor units: as promised; once closed, as it ended."),
    ] = None


def of_columns(return_id: str, columns: "Columns") -> Listed:
    """The row of a return; whatever of its columns has a field of that name is in it."""
    known = {name: value for name, value in columns._asdict().items() if value != "" or name == "order_id"}
    return Listed.model_validate({"return_id": return_id, **known})


@dataclass(frozen=True)
class ListFilter:
    """Which returns to list: those of which all that is set holds."""

    #: One of these; any without.
    statuses: tuple[Status, ...] = ()
    escalated: bool | None = None
    #: Whether a step waits for an operator.
    attention: bool | None = None
    running: bool = False
    #: Whose next promise to the customer is due before this, and not kept yet.
    due_before: datetime | None = None
    resolution: Resolution | None = None
    method: Method | None = None
    #: What leads to it: words of a name, a mail address, an order, a code, each from its beginning.
    text: str | None = None
    reason: Reason | None = None
    #: Where it comes from, ISO 3166-1 alpha-2.
    country: str | None = None
    opened_from: datetime | None = None
    opened_before: datetime | None = None
    #: Anything was recorded of it then or later.
    updated_since: datetime | None = None
    #: However its id is spelt.
    order_id: str | None = None
    customer_id: str | None = None
    sort: Sort = Sort.NEWEST

    @property
    def asks_records(self) -> bool:
        """Whether our own records have to be asked: Temporal's list knows nothing of it."""
        wanted = (self.text, self.reason, self.country, self.order_id, self.customer_id)
        instants = (self.opened_from, self.opened_before, self.updated_since)
        return self.sort is not Sort.NEWEST or any(value is not None for value in (*wanted, *instants))

    @property
    def asks_workflows(self) -> bool:
        """Whether of an open return only its workflow knows it."""
        wanted = (self.escalated, self.attention, self.due_before, self.resolution, self.method)
        return self.running or bool(self.statuses) or any(value is not None for value in wanted)


def matches(row: Listed, wanted: ListFilter) -> bool:
    """Whether what is set holds of a row, as far as it shows; one that was put right may not be wanted any more."""
    return (
        (not wanted.statuses or row.status in wanted.statuses)
        and wanted.escalated in (None, row.escalated)
        and wanted.attention in (None, row.attention is not None)
        and (not wanted.due_before or row.status in UNSETTLED)
    )
