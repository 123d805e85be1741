"""The activities of repairs, by task queue."""

from activities.repairs.parts import RepairActivities
from activities.shared.registration import ByQueue, Dependencies
from client.names import INVENTORY_QUEUE, RETURNS_QUEUE


def activities_of(given: Dependencies) -> ByQueue:
    """Steps on our own stock run inside the workflow worker too."""
    take_parts = RepairActivities(given.database, given.inventory).take_parts
    return {RETURNS_QUEUE: [take_parts], INVENTORY_QUEUE: [take_parts]}
