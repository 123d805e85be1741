"""The activities of suppliers' goods, by task queue."""

from activities.shared.registration import ByQueue, Dependencies
from activities.suppliers.journey import SupplierActivities
from client.names import RETURNS_QUEUE


def activities_of(given: Dependencies) -> ByQueue:
    """What a supplier's journey asks for."""
    supplier = SupplierActivities(given.database, given.policy)
    return {RETURNS_QUEUE: [supplier.plan_batch, supplier.write_supplier_mail, supplier.keep_supplier_events]}
