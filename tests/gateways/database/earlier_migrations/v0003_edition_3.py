"""What the front doors keep: events in and out, orders, idempotency keys, secrets, support cases, codes to scan."""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.DateTime(timezone=True)
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Add to what there is; no row is lost or changed."""
    _api()
    _events_in()
    _events_out()
    _orders()
    _support()
    _faq()
    _codes()


def _api() -> None:
    op.create_table(
        "idempotency_keys",
        sa.Column("caller", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("return_id", sa.String(length=100), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("caller", "key", name="pk_idempotency_keys"),
    )
    op.create_table(
        "secrets",
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_secrets"),
    )


def _events_in() -> None:
    op.create_table(
        "inbox",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("event_id", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("return_id", sa.String(length=100), nullable=True),
        sa.Column("message", _JSON, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_inbox"),
        sa.UniqueConstraint("source", "event_id", name="uq_inbox_source_event_id"),
    )
    for column in ("state", "return_id", "next_attempt_at"):
        op.create_index(f"ix_inbox_{column}", "inbox", [column], unique=False)


def _events_out() -> None:
    op.create_table(
        "events",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=150), nullable=False),
        sa.Column("return_id", sa.String(length=100), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(length=80), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("data", _JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
        sa.UniqueConstraint("key", name="uq_events_key"),
    )
    op.create_index("ix_events_return_id", "events", ["return_id"], unique=False)
    op.create_index("ix_events_at", "events", ["at"], unique=False)
    op.create_table(
        "deliveries",
        sa.Column("subscriber", sa.String(length=64), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("return_id", sa.String(length=100), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", _INSTANT, nullable=True),
        sa.Column("delivered_at", _INSTANT, nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("subscriber", "event_id", name="pk_deliveries"),
    )
    op.create_index("ix_deliveries_subscriber_state", "deliveries", ["subscriber", "state"], unique=False)


def _orders() -> None:
    op.create_table(
        "orders",
        sa.Column("order_id", sa.String(length=100), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("placed_at", _INSTANT, nullable=False),
        sa.Column("order", _JSON, nullable=False),
        sa.PrimaryKeyConstraint("order_id", name="pk_orders"),
    )
    op.create_index("ix_orders_email", "orders", ["email"], unique=False)


def _support() -> None:
    op.create_table(
        "support_cases",
        sa.Column("case_id", sa.String(length=100), nullable=False),
        sa.Column("queue", sa.String(length=20), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("request", _JSON, nullable=False),
        sa.Column("view", _JSON, nullable=False),
        sa.Column("opened_at", _INSTANT, nullable=False),
        sa.Column("closed_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("case_id", name="pk_support_cases"),
    )
    op.create_index("ix_support_cases_status", "support_cases", ["status"], unique=False)
    op.create_table(
        "support_messages",
        sa.Column("case_id", sa.String(length=100), nullable=False),
        sa.Column("message_id", sa.String(length=100), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("case_id", "message_id", name="pk_support_messages"),
    )


def _faq() -> None:
    op.create_table(
        "faq",
        sa.Column("faq_id", sa.String(length=100), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("topic", sa.String(length=200), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("keywords", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("faq_id", name="pk_faq"),
    )
    if op.get_bind().dialect.name == "sqlite":  # PostgreSQL searches the table itself
        tokens = "tokenize = 'porter unicode61 remove_diacritics 2'"
        op.execute(f"CREATE VIRTUAL TABLE faq_words USING fts5(faq_id UNINDEXED, title, keywords, text, {tokens})")
    op.create_table(
        "faq_shown",
        sa.Column("faq_id", sa.String(length=100), nullable=False),
        sa.Column("times", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("faq_id", name="pk_faq_shown"),
    )
    op.create_table(
        "faq_endings",
        sa.Column("question_id", sa.String(length=100), nullable=False),
        sa.Column("faq_id", sa.String(length=100), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("question_id", name="pk_faq_endings"),
    )
    op.create_index("ix_faq_endings_faq_id", "faq_endings", ["faq_id"], unique=False)


def _codes() -> None:
    codes = op.create_table(
        "codes",
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("code", sa.String(length=300), nullable=False),
        sa.Column("return_id", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("kind", "code", "return_id", name="pk_codes"),
    )
    known = sorted({(kind, code.strip().upper(), of) for kind, code, of in _known_codes(op.get_bind())})
    if known:
        op.bulk_insert(codes, [{"kind": kind, "code": code, "return_id": of} for kind, code, of in known])


def _known_codes(connection: sa.Connection) -> Iterator[tuple[str, str, str]]:
    """What the returns so far are found by: their parcels, their orders' and their received serial numbers."""
    effects = sa.table("effects", sa.column("return_id"), sa.column("result", _JSON))
    for of, result in connection.execute(sa.select(effects.c.return_id, effects.c.result)):
        if result and "tracking_code" in result:
            yield "parcel" if "label_url" in result else "sent", result["tracking_code"], of
    returns = sa.table("returns", sa.column("return_id"), sa.column("request", _JSON))
    for of, request in connection.execute(sa.select(returns.c.return_id, returns.c.request)):
        for line in request["order"]["lines"]:
            for number in line.get("serial_numbers", []):
                yield "unit", number, of
    movements = sa.table("movements", sa.column("return_id"), sa.column("serial_number"))
    moved = sa.select(movements.c.return_id, movements.c.serial_number)
    for of, number in connection.execute(moved.where(movements.c.return_id.is_not(None))):
        if number:
            yield "unit", number, of
