"""The activities of after-sale support, by task queue."""

from activities.shared.registration import ByQueue, Dependencies
from activities.support.cases import SupportActivities
from activities.support.start_return import SupportReturnActivities
from client.names import SUPPORT_QUEUE


def activities_of(given: Dependencies) -> ByQueue:
    """All on the queue of support."""
    cases = SupportActivities(given.database, given.policy, given.best_answers, given.front_door, given.orders)
    starting = SupportReturnActivities(given.client, given.database, given.orders, given.policy)
    return {SUPPORT_QUEUE: [cases.open_case, cases.check_address, cases.save_case, starting.start_return]}
