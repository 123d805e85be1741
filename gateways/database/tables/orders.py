"""The shop's orders, their ids and payments, and what returns hold of their money, in minor units."""

from sqlalchemy import Boolean, Column, String, Table

from gateways.database.columns import Instant, Json, metadata

#: The shop's orders, for the portal; ``email`` in lower case, ``key`` what spellings of the id have in common.
orders = Table(
    "orders",
    metadata,
    Column("order_id", String(100), primary_key=True),
    Column("key", String(100), nullable=False, index=True),
    Column("email", String(254), nullable=False, index=True),
    Column("placed_at", Instant, nullable=False, index=True),
    Column("order", Json, nullable=False),
)

#: The ids that returns of an order were opened with; its claims are all under the ``canonical`` one.
order_names = Table(
    "order_names",
    metadata,
    Column("order_id", String(100), primary_key=True),
    Column("canonical", String(100), nullable=False, index=True),
    Column("key", String(100), nullable=False, index=True),
)

#: Which order, by its ``order_key``, named a payment first; see ``gateways.database.orders.payment_references``.
payment_references = Table(
    "payment_references",
    metadata,
    Column("reference", String(200), primary_key=True),
    Column("order_key", String(100), nullable=False),
)

#: What each return holds of its order's money, as ``lifecycle.returns.order_money.OrderMoney``. ``outside``: what had
#: been refunded by others than Homeward when it opened; ``given``: it is being paid, or is.
order_money = Table(
    "order_money",
    metadata,
    Column("return_id", String(100), primary_key=True),
    Column("order_id", String(100), nullable=False, index=True),
    Column("outside", Json, nullable=False),
    Column("held", Json, nullable=False),
    Column("given", Boolean, nullable=False),
    Column("at", Instant, nullable=False),
)
