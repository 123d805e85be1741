"""Numbers for events of what has no timeline: stock and store credit."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a table; a process of the release before writes no such events."""
    op.create_table(
        "event_counters",
        sa.Column("record", sa.String(length=100), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("record", name=op.f("pk_event_counters")),
    )
