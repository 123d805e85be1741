"""How a partner's failed steps are tried again, changed while the shop runs."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_CHANGED = ("initial_seconds", "maximum_seconds", "give_up_after_seconds", "retry_after_maximum_seconds")


def upgrade() -> None:
    """Add to what there is; a process of the release before goes on writing steps that wait."""
    op.create_table(
        "retry_changes",
        sa.Column("id", _ID, nullable=False),
        sa.Column("partner", sa.String(length=20), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Float(), nullable=True) for name in _CHANGED),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retry_changes")),
    )
    op.create_index("ix_retry_changes_partner", "retry_changes", ["partner", "id"])
    op.add_column("waiting_steps", sa.Column("failed_at", _INSTANT, nullable=True))
    op.add_column("waiting_steps", sa.Column("asked_seconds", sa.Float(), nullable=True))
