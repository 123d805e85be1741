"""The bench's queue as the pages list it."""

from dataclasses import dataclass
from datetime import UTC, datetime

from client.errors import HomewardError
from client.repairs import QueuedRepair
from starter.portal.shared.texts import t
from starter.shared.services import Services

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


@dataclass(frozen=True)
class Queue:
    """The longest waiting first; None for the rows when Temporal does not answer."""

    rows: list[QueuedRepair] | None

    @property
    def known(self) -> list[QueuedRepair]:
        """The rows, as far as they are known."""
        return self.rows or []


async def bench_queue(services: Services) -> Queue:
    """Ask for it; a page that shows it beside something else goes on without."""
    try:
        return Queue(await services.repairs.queue())
    except HomewardError:
        return Queue(None)


def since(at: datetime) -> str:
    """How long that has been, as people say it."""
    seconds = max(0, (datetime.now(UTC) - at).total_seconds())
    if seconds < _MINUTE:
        return t("warehouse.bench.just_now")
    if seconds < _HOUR:
        return t("warehouse.bench.minutes", count=round(seconds / _MINUTE))
    if seconds < _DAY:
        return t("warehouse.bench.hours", count=round(seconds / _HOUR))
    return t("warehouse.bench.days", count=round(seconds / _DAY))
