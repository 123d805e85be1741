"""Returns that no workflow carries, and an index of the open ones, which are looked through for them."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005a"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add to what there is; no row is lost or changed."""
    op.create_table(
        "orphans",
        sa.Column("return_id", sa.String(length=100), nullable=False),
        sa.Column("order_id", sa.String(length=100), nullable=False),
        sa.Column("since", _INSTANT, nullable=False),
        sa.Column("why", sa.String(length=20), nullable=False),
        sa.Column("status", sa.String(length=30), nullable=False),
        sa.Column("resolve_by", _INSTANT, nullable=True),
        sa.Column("escalated", sa.Boolean(), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("return_id", name="pk_orphans"),
    )
    is_open = sa.text("closed_at IS NULL")
    op.create_index("ix_returns_open", "returns", ["return_id"], sqlite_where=is_open, postgresql_where=is_open)
