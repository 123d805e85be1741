"""Who spent store credit or took it back, and who put stock on the shelves."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add columns; what was done before, or by the release before, names nobody."""
    with op.batch_alter_table("credit_entries") as batch:
        batch.add_column(sa.Column("by", sa.String(length=200), nullable=True))
        batch.add_column(sa.Column("why", sa.Text(), nullable=True))
    with op.batch_alter_table("movements") as batch:
        batch.add_column(sa.Column("by", sa.String(length=200), nullable=True))
