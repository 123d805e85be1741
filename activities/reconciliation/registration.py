"""The activities of the daily comparison, by task queue."""

from activities.reconciliation.daily import ReconciliationActivities
from activities.shared.registration import ByQueue, Dependencies
from client.names import MESSAGES_QUEUE


def activities_of(given: Dependencies) -> ByQueue:
    """The one that there is."""
    daily = ReconciliationActivities(given.client, given.database, given.payments, given.carrier, given.shop)
    return {MESSAGES_QUEUE: [daily.reconcile]}
