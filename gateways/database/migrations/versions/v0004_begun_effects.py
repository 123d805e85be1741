"""Effects that were begun: asked of a partner, and not booked yet."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003a"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Every effect that is kept by now is done."""
    op.add_column("effects", sa.Column("state", sa.String(length=10), nullable=False, server_default="done"))
    op.add_column("effects", sa.Column("asked", _JSON, nullable=True))
