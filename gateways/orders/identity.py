"""Whether two ids that are spelt alike are one order: the shop's orders decide, where they know both."""

from gateways.database.engine import Database
from gateways.database.orders import order_names
from gateways.errors import Declined
from gateways.orders.protocol import Orders


async def tell_apart(database: Database, orders: Orders, order_id: str) -> None:
    """Keep this order apart from one that is spelt alike, if the shop answers both by their very ids.

    Asked only before the first return of a spelling, and only where returns of another one are
    there. Raises ``Unavailable``; an order service that refuses to answer says nothing, so that it
    stays one order.
    """
    other = await order_names.rival(database, order_id)
    if other is not None and await _is_an_id(orders, order_id) and await _is_an_id(orders, other):
        await database.write(lambda connection: order_names.keep_apart(connection, order_id))


async def _is_an_id(orders: Orders, order_id: str) -> bool:
    try:
        found = await orders.find(order_id)
    except Declined:
        return False
    return found is not None and found.order.order_id == order_id
