"""What returns are found and listed by: one short row for each, and the words that lead to it."""

from sqlalchemy import BigInteger, Column, Index, String, Table

from gateways.database.columns import Instant, metadata

#: Compared sign by sign in both databases, so that a word's beginning is a range of the index.
Term = String(254).with_variant(String(254, collation="C"), "postgresql")

#: ``status``, ``resolution`` and ``method`` are how a closed return ended; of an open one how it began, and Temporal
#: knows better. ``reasons`` has a comma around each; ``value`` is what was paid for the goods, in minor units,
#: ``amount`` what the customer was promised, or got once it has closed. ``updated_at`` is when anything was last
#: recorded of it. Rows that a process of an earlier version has written lack these two.
listings = Table(
    "listings",
    metadata,
    Column("return_id", String(100), primary_key=True),
    Column("order_id", String(100), nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("status", String(30), nullable=False),
    Column("resolution", String(20), nullable=False),
    Column("method", String(20), nullable=False),
    Column("country", String(2), nullable=False),
    Column("reasons", String(300), nullable=False),
    Column("value", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("amount", BigInteger),
    Column("updated_at", Instant),
    Index("ix_listings_opened_at_return_id", "opened_at", "return_id"),
    Index("ix_listings_status_opened_at_return_id", "status", "opened_at", "return_id"),
    Index("ix_listings_value_return_id", "value", "return_id"),
    Index("ix_listings_updated_at_return_id", "updated_at", "return_id"),
    # All that figures read of it.
    Index("ix_listings_figures", "opened_at", "closed_at", "status", "resolution", "country", "method"),
)

#: The words of a return, folded as ``gateways.database.returns.search_words`` does; ``kind`` is id, order, sku, name or
#: mail, of which the last two are personal. Tracking codes and serial numbers are in ``codes``.
search_terms = Table(
    "search_terms",
    metadata,
    Column("term", Term, primary_key=True),
    Column("kind", String(10), primary_key=True),
    Column("return_id", String(100), primary_key=True, index=True),
)

#: Every word of customers' names, by each three signs in a row: a misspelt one shares most of them.
name_trigrams = Table(
    "name_trigrams",
    metadata,
    Column("trigram", Term, primary_key=True),
    Column("word", Term, primary_key=True, index=True),
)
