"""Keys that the payloads of workflows are encrypted with, themselves encrypted."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a table; a process of the release before knows nothing of it."""
    op.create_table(
        "data_keys",
        sa.Column("key_id", sa.String(length=20), nullable=False),
        sa.Column("workflow_id", sa.String(length=400), nullable=False),
        sa.Column("master", sa.String(length=40), nullable=False),
        sa.Column("wrapped", sa.String(length=200), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_data_keys")),
        sa.UniqueConstraint("workflow_id", name=op.f("uq_data_keys_workflow_id")),
    )
    op.create_index("ix_data_keys_master", "data_keys", ["master"])
