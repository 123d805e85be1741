"""The figures of a period, as tables: a page draws them, a command prints them, a file holds them.

Amounts are in minor units, and never added across currencies.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final

from pydantic import BaseModel

#: Business days from the clock's start to the money; those of the promise that is usual.
TARGET_DAYS, LIMIT_DAYS = 5, 7


class ReturnsRow(BaseModel):
    """Returns that began within the part of the period that starts on that day; ``status`` is open, or how it ended."""

    starts: date
    status: str
    resolution: str
    returns: int


class ReasonRow(BaseModel):
    """Units that customers wanted to send back, by when their return began."""

    sku: str
    reason: str
    units: int


class MoneyRow(BaseModel):
    """Money that went to customers, stayed with the shop, or was charged; ``kind`` is a ``MoneyKind``."""

    starts: date
    kind: str
    currency: str
    times: int
    amount: int


class DaysRow(BaseModel):
    """Returns that were settled after so many business days; ``days`` is None where that is not known."""

    days: int | None
    promise: str
    returns: int


class GradeRow(BaseModel):
    """Units of closed returns, by when they were inspected."""

    grade: str
    disposition: str
    units: int


class LabelRow(BaseModel):
    """Parcels that were paid for; ``priced`` of them have a price, which together is ``cost``."""

    kind: str
    state: str
    currency: str
    labels: int
    priced: int
    cost: int


class QuestionRow(BaseModel):
    """Questions that were asked within the period, and answered or too late for it."""

    queue: str
    answered: str
    questions: int


Row = ReturnsRow | ReasonRow | MoneyRow | DaysRow | GradeRow | LabelRow | QuestionRow


class Figures(BaseModel):
    """All of it; ``first`` and ``last`` are days at the shop, in ``timezone``."""

    first: date
    last: date
    timezone: str
    country: str | None
    method: str | None
    returns: list[ReturnsRow]
    reasons: list[ReasonRow]
    money: list[MoneyRow]
    promise: list[DaysRow]
    grades: list[GradeRow]
    labels: list[LabelRow]
    questions: list[QuestionRow]

    def settled_within(self, days: int) -> tuple[int, int]:
        """How many were settled within so many business days, of how many where that is known."""
        known = [row for row in self.promise if row.days is not None]
        return sum(row.returns for row in known if (row.days or 0) <= days), sum(row.returns for row in known)


#: The tables by name, each with its rows.
TABLES: Final[dict[str, type[Row]]] = {
    "returns": ReturnsRow,
    "reasons": ReasonRow,
    "money": MoneyRow,
    "promise": DaysRow,
    "grades": GradeRow,
    "labels": LabelRow,
    "questions": QuestionRow,
}


def rows_of(figures: Figures, table: str) -> Sequence[Row]:
    """The rows of one of ``TABLES``."""
    found: Sequence[Row] = getattr(figures, table)
    return found
