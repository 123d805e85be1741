"""What an order's other returns hold of it, before one more begins."""

from datetime import datetime

from activities.returns.opening import FREQUENT_WINDOW
from gateways.database.returns.records import facts
from gateways.orders.identity import tell_apart
from lifecycle.contract.request import Order
from lifecycle.returns.eligibility import Facts
from starter.shared.services import Services


async def facts_beside(services: Services, order: Order, return_id: str, now: datetime) -> Facts:
    """What others hold, and how often the customer returned, as the opening of this return would see it now."""
    await tell_apart(services.db, services.orders, order.order_id)
    return await services.db.read_with_locks(
        lambda connection: facts(
            connection,
            order_id=order.order_id,
            customer_id=order.customer.customer_id,
            return_id=return_id,
            since=now - FREQUENT_WINDOW,
        )
    )
