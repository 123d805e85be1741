"""What figures are made of: one short row for each thing that is counted."""

from sqlalchemy import BigInteger, Column, Index, String, Table

from gateways.database.columns import Instant, metadata

#: As ``lifecycle.figures.facts.Fact``, with the country and the method of its return, empty where it has none.
#: Nothing personal. Only added to, so that no two returns wait for each other; the index holds all that is read.
facts = Table(
    "facts",
    metadata,
    Column("of", String(100), primary_key=True),
    Column("name", String(10), primary_key=True),
    Column("part", String(150), primary_key=True),
    Column("at", Instant, nullable=False),
    Column("what", String(100), nullable=False),
    Column("how", String(40), nullable=False),
    Column("country", String(2), nullable=False),
    Column("method", String(20), nullable=False),
    Column("quantity", BigInteger, nullable=False),
    Column("amount", BigInteger),
    Column("currency", String(3), nullable=False),
    Index("ix_facts_read", *("name", "at", "what", "how", "currency", "quantity", "amount", "country", "method")),
)
