"""Which of several partners an effect was asked of, and what that partner calls what it made."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Effects that are kept by now name nobody: they belong to the default partner."""
    op.add_column("effects", sa.Column("partner", sa.String(length=40), nullable=True))
    op.add_column("effects", sa.Column("reference", sa.Text(), nullable=True))
    op.create_index("ix_effects_reference", "effects", ["reference"], unique=False)
