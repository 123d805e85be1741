"""Since when a data key belongs to no workflow that anybody knows."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """All keys that are kept by now are in use; a process of the release before drops none."""
    op.add_column("data_keys", sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True))
