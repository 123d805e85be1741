"""Since which schema code works with this one, so that an earlier version starts on it."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a table of one row. Code before this does not read it, and starts on its own schema alone."""
    compatibility = op.create_table(
        "schema_compatibility",
        sa.Column("works_since", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("works_since", name=op.f("pk_schema_compatibility")),
    )
    op.bulk_insert(compatibility, [{"works_since": "0032"}])
