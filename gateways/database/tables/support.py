"""After-sale support: cases and the FAQ."""

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text

from gateways.database.columns import Instant, Json, metadata

#: ``view`` is the whole case but its messages, as it was when something last changed.
support_cases = Table(
    "support_cases",
    metadata,
    Column("case_id", String(100), primary_key=True),
    Column("queue", String(20), nullable=False),
    Column("status", String(20), nullable=False),
    Column("request", Json, nullable=False),
    Column("view", Json, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Index("ix_support_cases_opened_at_case_id", "opened_at", "case_id"),
    Index("ix_support_cases_status_opened_at_case_id", "status", "opened_at", "case_id"),
)

#: ``number`` counts within the case.
support_messages = Table(
    "support_messages",
    metadata,
    Column("case_id", String(100), primary_key=True),
    Column("message_id", String(100), primary_key=True),
    Column("number", Integer, nullable=False),
    Column("by", String(200), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

#: The FAQ as it is searched, made from its files; ``text`` is Markdown. SQLite has its index ``faq_words`` besides.
faq = Table(
    "faq",
    metadata,
    Column("faq_id", String(100), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("topic", String(200), nullable=False),
    Column("title", String(200), nullable=False),
    Column("keywords", Text, nullable=False),
    Column("text", Text, nullable=False),
)

faq_shown = Table(
    "faq_shown",
    metadata,
    Column("faq_id", String(100), primary_key=True),
    Column("times", BigInteger, nullable=False),
)

#: Questions that an answer of the FAQ has ended, each once.
faq_endings = Table(
    "faq_endings",
    metadata,
    Column("question_id", String(100), primary_key=True),
    Column("faq_id", String(100), nullable=False, index=True),
    Column("at", Instant, nullable=False),
)
