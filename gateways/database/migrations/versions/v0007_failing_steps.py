"""Steps that fail: since when, when they are tried again, and what the partner said."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0009"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add to what there is; no row is lost or changed."""
    op.create_table(
        "waiting_steps",
        sa.Column("key", sa.String(length=600), nullable=False),
        sa.Column("return_id", sa.String(length=100), nullable=True),
        sa.Column("partner", sa.String(length=20), nullable=False),
        sa.Column("step", sa.String(length=150), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("since", _INSTANT, nullable=False),
        sa.Column("next_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_waiting_steps"),
    )
    op.create_table(
        "failures",
        sa.Column("key", sa.String(length=600), nullable=False),
        sa.Column("return_id", sa.String(length=100), nullable=True),
        sa.Column("partner", sa.String(length=20), nullable=False),
        sa.Column("step", sa.String(length=150), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_failures"),
    )
    for table, column in (("waiting_steps", "return_id"), ("waiting_steps", "partner"), ("failures", "return_id")):
        op.create_index(f"ix_{table}_{column}", table, [column], unique=False)
