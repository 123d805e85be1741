"""What a mail's template was given, for a sender that writes the mail itself."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Add a column; a process of the release before leaves it empty."""
    op.add_column("outbox", sa.Column("data", _JSON, nullable=True))
