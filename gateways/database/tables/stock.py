"""The inventory."""

from sqlalchemy import BigInteger, Column, String, Table

from gateways.database.columns import Id, Instant, metadata

stock = Table(
    "stock",
    metadata,
    Column("sku", String(100), primary_key=True),
    Column("location", String(100), primary_key=True),
    Column("grade", String(1), primary_key=True),
    Column("on_hand", BigInteger, nullable=False),
    Column("reserved", BigInteger, nullable=False, default=0),
)

#: ``by`` whom, where somebody did it by hand or by the API.
movements = Table(
    "movements",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("key", String(300), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("kind", String(30), nullable=False),
    Column("sku", String(100), nullable=False, index=True),
    Column("location", String(100), nullable=False),
    Column("grade", String(1), nullable=False),
    Column("quantity", BigInteger, nullable=False),
    Column("reserved", BigInteger, nullable=False, default=0, server_default="0"),
    Column("serial_number", String(100)),
    Column("return_id", String(100), index=True),
    Column("unit_id", String(120)),
    Column("by", String(200)),
)

#: ``state`` is open, shipped or released; one key's rows are always in the same one.
reservations = Table(
    "reservations",
    metadata,
    Column("key", String(300), primary_key=True),
    Column("sku", String(100), primary_key=True),
    Column("location", String(100), primary_key=True),
    Column("grade", String(1), primary_key=True),
    Column("quantity", BigInteger, nullable=False),
    Column("return_id", String(100), nullable=False, index=True),
    Column("state", String(10), nullable=False, index=True),
    Column("at", Instant, nullable=False),
)
