"""What the last comparison of our books with partners and Temporal has found, and when it was made."""

from sqlalchemy import Boolean, Column, Integer, String, Table, Text

from gateways.database.columns import Instant, metadata

#: ``since`` is when it was found first. ``told``: operations have been written to. Who has acknowledged it, as it is.
findings = Table(
    "findings",
    metadata,
    Column("return_id", String(100), primary_key=True),
    Column("kind", String(30), primary_key=True),
    Column("subject", String(300), primary_key=True),
    Column("text", Text, nullable=False),
    Column("advice", Text, nullable=False),
    Column("since", Instant, nullable=False),
    Column("told", Boolean, nullable=False),
    Column("acknowledged_at", Instant),
    Column("acknowledged_by", String(200)),
    Column("acknowledged_why", Text),
)

#: One row, of the last that came to its end.
reconciliations = Table(
    "reconciliations",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
)
