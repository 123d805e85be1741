"""Customers' store credit, in minor units."""

from sqlalchemy import BigInteger, CheckConstraint, Column, String, Table, Text, UniqueConstraint

from gateways.database.columns import Id, Instant, metadata

#: ``remaining`` is the sum of the lot's entries.
credit_lots = Table(
    "credit_lots",
    metadata,
    Column("credit_id", String(60), primary_key=True),
    Column("key", String(300), nullable=False, unique=True),
    Column("customer_id", String(100), nullable=False, index=True),
    Column("currency", String(3), nullable=False),
    Column("remaining", BigInteger, nullable=False),
    Column("expires_at", Instant),
    CheckConstraint("remaining >= 0", name="remaining"),
)

#: ``by`` whom, and ``why``, where somebody did it by hand or by the API.
credit_entries = Table(
    "credit_entries",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("key", String(300), nullable=False),
    Column("credit_id", String(60), nullable=False, index=True),
    Column("kind", String(10), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
    Column("return_id", String(100)),
    Column("order_id", String(100)),
    Column("by", String(200)),
    Column("why", Text),
    UniqueConstraint("key", "kind", "credit_id"),
)
