"""The activities of suppliers' goods, by task queue."""

from activities.shared.registration import ByQueue, Dependencies
from activities.suppliers.journey import SupplierActivities
from client.names import INVENTORY_QUEUE, RETURNS_QUEUE


def activities_of(given: Dependencies) -> ByQueue:
    """What a return and a supplier's journey ask for."""
    supplier = SupplierActivities(given.client, given.database, given.inventory, given.policy)
    return {
        RETURNS_QUEUE: [supplier.plan_batch, supplier.write_supplier_mail],
        INVENTORY_QUEUE: [supplier.send_to_supplier],
    }
