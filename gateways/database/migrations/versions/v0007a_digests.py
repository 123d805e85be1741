"""Mails to operations about steps that gave up: one for each kind of step."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007a"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add to what there is; no row is lost or changed."""
    op.create_table(
        "digests",
        sa.Column("kind", sa.String(length=90), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("named", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("kind", name="pk_digests"),
    )
