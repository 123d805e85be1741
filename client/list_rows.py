"""The rows of the list of returns, and which of them are wanted; nothing of Temporal."""

from dataclasses import dataclass
from datetime import datetime

from pydantic import AwareDatetime, BaseModel

from lifecycle.contract.view import Status
from lifecycle.returns.views.status import UNSETTLED


class Listed(BaseModel):
    """One row of a list, a moment behind the return itself."""

    return_id: str
    order_id: str
    status: Status
    resolve_by: AwareDatetime | None
    escalated: bool
    attention: str | None


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
