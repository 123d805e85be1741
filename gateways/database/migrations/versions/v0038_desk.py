"""Notes of staff on questions, calls from the warehouse, what the FAQ had no answer to, and mails that make lists."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_LISTED = sa.text("template IN ('wipe_waits', 'hold_warning')")
_OPEN = sa.text("settled_at IS NULL")


def upgrade() -> None:
    """Add three tables and an index."""
    op.create_table(
        "case_notes",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("case_id", sa.String(length=100), nullable=False),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_notes")),
        sa.UniqueConstraint("key", name=op.f("uq_case_notes_key")),
    )
    op.create_index(op.f("ix_case_notes_case_id"), "case_notes", ["case_id"])
    op.create_table(
        "office_calls",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("code", sa.String(length=200), nullable=False),
        sa.Column("return_id", sa.String(length=100), nullable=True),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.String(length=200), nullable=True),
        sa.Column("settled_why", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_office_calls")),
        sa.UniqueConstraint("key", name=op.f("uq_office_calls_key")),
    )
    op.create_index(op.f("ix_office_calls_return_id"), "office_calls", ["return_id"])
    op.create_index("ix_office_calls_open", "office_calls", ["id"], sqlite_where=_OPEN, postgresql_where=_OPEN)
    op.create_table(
        "faq_misses",
        sa.Column("word", sa.String(length=30), nullable=False),
        sa.Column("times", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("word", name=op.f("pk_faq_misses")),
    )
    op.create_index(
        "ix_outbox_listed", "outbox", ["template", "return_id"], sqlite_where=_LISTED, postgresql_where=_LISTED
    )
