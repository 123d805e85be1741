"""The rows of the list of returns, what each is made of, and which are wanted; loads nothing of Temporal.

What Temporal's own list shows, and so what every row is made of, is ``client.search_attributes``.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import AwareDatetime, BaseModel

from lifecycle.contract.statuses import Status
from lifecycle.returns.views.status import UNSETTLED

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


def matches(row: Listed, wanted: ListFilter) -> bool:
    """Whether what is set holds of a row, as far as it shows; one that was put right may not be wanted any more."""
    return (
        wanted.status in (None, row.status)
        and wanted.escalated in (None, row.escalated)
        and wanted.attention in (None, row.attention is not None)
        and (not wanted.due_before or row.status in UNSETTLED)
    )
