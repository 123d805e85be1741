"""Instants, days and time windows, as JSON brings them."""

from datetime import UTC, date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from lifecycle.contract.errors import problem


def _no_number(value: Any) -> Any:
    """A number would be taken for seconds since 1970."""
    if isinstance(value, int | float):
        raise PydanticCustomError("instant", "expected an instant such as 2026-11-06T16:40:00Z")
    return value


#: With its time zone; not before 2000, when nobody ordered anything that could come back.
Instant = Annotated[AwareDatetime, BeforeValidator(_no_number), Field(ge=datetime(2000, 1, 1, tzinfo=UTC))]


Day = Annotated[date, BeforeValidator(_no_number)]


class TimeWindow(BaseModel, frozen=True):
    """From ``start`` to ``end``, such as when the carrier comes to the customer's door."""

    start: Instant
    end: Instant

    @property
    def interval(self) -> str:
        """As ISO 8601 writes it: ``2026-11-24T10:00:00-05:00/2026-11-24T13:00:00-05:00``."""
        return f"{self.start.isoformat()}/{self.end.isoformat()}"


def _ends_after_its_start(window: TimeWindow) -> TimeWindow:
    if window.end <= window.start:
        raise problem("end", "an instant after the start")
    return window


#: The window that somebody asks for.
PickupSlot = Annotated[TimeWindow, AfterValidator(_ends_after_its_start)]
