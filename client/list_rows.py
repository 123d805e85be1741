"""The rows of the list of returns, what each is made of, and which are wanted; loads nothing of Temporal.

What Temporal's own list shows, and so what every row is made of, is ``client.search_attributes``.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import AwareDatetime, BaseModel

from lifecycle.contract.request import Method, Reason
from lifecycle.contract.resolutions import Resolution
from lifecycle.contract.statuses import Status
from lifecycle.returns.views.status import UNSETTLED
from lifecycle.shared.listing import Sort

# The client over HTTP has these rows too, and loads neither Temporal nor the database.
if TYPE_CHECKING:
    from client.search_attributes import Columns


class Listed(BaseModel):
    """One row of a list, a moment behind the return itself."""

    return_id: str
    order_id: str
    status: Status
    resolve_by: AwareDatetime | None
    escalated: bool
    attention: str | None


def of_columns(return_id: str, columns: "Columns") -> Listed:
    """The row of a return; whatever of its columns has a field of that name is in it."""
    return Listed.model_validate({"return_id": return_id, **columns._asdict()})


@dataclass(frozen=True)
class ListFilter:
    """Which returns to list: those of which all that is set holds."""

    status: Status | None = None
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
    sort: Sort = Sort.NEWEST

    @property
    def asks_records(self) -> bool:
        """Whether our own records have to be asked: Temporal's list knows nothing of it."""
        return self.sort is not Sort.NEWEST or any(
            value is not None for value in (self.text, self.reason, self.country, self.opened_from, self.opened_before)
        )

    @property
    def asks_workflows(self) -> bool:
        """Whether of an open return only its workflow knows it."""
        wanted = (self.status, self.escalated, self.attention, self.due_before, self.resolution, self.method)
        return self.running or any(value is not None for value in wanted)


def matches(row: Listed, wanted: ListFilter) -> bool:
    """Whether what is set holds of a row, as far as it shows; one that was put right may not be wanted any more."""
    return (
        wanted.status in (None, row.status)
        and wanted.escalated in (None, row.escalated)
        and wanted.attention in (None, row.attention is not None)
        and (not wanted.due_before or row.status in UNSETTLED)
    )
