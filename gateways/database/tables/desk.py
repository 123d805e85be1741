"""What staff tell each other: notes on questions, calls from the warehouse; and what the FAQ had no answer to."""

from sqlalchemy import BigInteger, Column, Index, String, Table, Text, text

from gateways.database.columns import Id, Instant, metadata

#: Notes for colleagues, which no customer reads; ``key`` is the form's that it was written in.
case_notes = Table(
    "case_notes",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("key", String(100), nullable=False, unique=True),
    Column("case_id", String(100), nullable=False, index=True),
    Column("by", String(200), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

#: The warehouse has the office look at a parcel: one that nobody knows, by its ``code``, or one of a return.
office_calls = Table(
    "office_calls",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("key", String(100), nullable=False, unique=True),
    Column("code", String(200), nullable=False),
    Column("return_id", String(100), index=True),
    Column("by", String(200), nullable=False),
    Column("note", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("settled_at", Instant),
    Column("settled_by", String(200)),
    Column("settled_why", Text),
    Index(
        "ix_office_calls_open",
        "id",
        sqlite_where=text("settled_at IS NULL"),
        postgresql_where=text("settled_at IS NULL"),
    ),
)

#: Words of searches of the FAQ that found nothing, each counted by itself.
faq_misses = Table(
    "faq_misses",
    metadata,
    Column("word", String(30), primary_key=True),
    Column("times", BigInteger, nullable=False),
)
