"""The parcel that a warehouse's receipt or inspection names in the place of its return."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a column; a process of the release before leaves it empty."""
    op.add_column("inbox", sa.Column("tracking_code", sa.String(length=100), nullable=True))
