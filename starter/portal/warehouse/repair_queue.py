"""The bench's queue as the pages list it."""

from datetime import UTC, datetime

from client.errors import HomewardError
from client.repairs import QueuedRepair
from starter.portal.shared.texts import t
from starter.shared.services import Services

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


async def bench_queue(services: Services) -> list[QueuedRepair] | None:
    """The longest waiting first; None when Temporal does not answer: a page that shows it beside goes on without."""
    try:
        return await services.repairs.queue()
    except HomewardError:
        return None


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
