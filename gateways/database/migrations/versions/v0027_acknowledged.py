"""Who has acknowledged a finding of the last comparison, when and why."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Findings that are kept by now are acknowledged by nobody."""
    op.add_column("findings", sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("findings", sa.Column("acknowledged_by", sa.String(length=200), nullable=True))
    op.add_column("findings", sa.Column("acknowledged_why", sa.Text(), nullable=True))
