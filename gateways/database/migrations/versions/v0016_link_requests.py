"""Sign-in links that are asked for, until their orders are looked up."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add to what there is."""
    op.create_table(
        "link_requests",
        sa.Column("request_id", sa.String(length=100), nullable=False),
        sa.Column("typed", sa.String(length=100), nullable=False),
        sa.Column("email", sa.String(length=300), nullable=False),
        sa.Column("network", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("request_id", name="pk_link_requests"),
    )
    op.create_index("ix_link_requests_due_at", "link_requests", ["due_at"], unique=False)
