"""The activities of repairs, by task queue."""

from activities.repairs.parts import RepairActivities
from activities.shared.registration import ByQueue, Dependencies
from client.names import INVENTORY_QUEUE, RETURNS_QUEUE


def activities_of(given: Dependencies) -> ByQueue:
    """Steps on our own stock run inside the workflow worker too."""
    repairs = RepairActivities(given.database, given.inventory)
    return {RETURNS_QUEUE: [repairs.take_parts, repairs.keep_repair_events], INVENTORY_QUEUE: [repairs.take_parts]}
