"""How often something was done, for limits that all processes share."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add to what there is."""
    op.create_table(
        "rates",
        sa.Column("counted", sa.String(length=64), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("counted", name="pk_rates"),
    )
    op.create_index("ix_rates_ends_at", "rates", ["ends_at"], unique=False)
