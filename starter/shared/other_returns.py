"""What an order's other returns hold of it, before one more begins."""

from datetime import datetime

from gateways.database.returns import records
from gateways.orders.identity import tell_apart
from lifecycle.contract.request import Order
from lifecycle.returns.eligibility import Facts
from starter.shared.services import Services


async def facts_beside(services: Services, order: Order, return_id: str, now: datetime) -> Facts:
    """What others hold, and how often the customer returned, as the opening of this return would see it now."""
    await tell_apart(services.db, services.orders, order.order_id)
    return await services.db.read_with_locks(lambda connection: records.facts_beside(connection, order, return_id, now))
