"""Circuit breakers of partners, and how fast waiting steps are tried once a partner is back."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add to what there is; a process of the release before opens no breakers, and closes none."""
    op.create_table(
        "breakers",
        sa.Column("partner", sa.String(length=20), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("opened_at", _INSTANT, nullable=False),
        sa.Column("closed_at", _INSTANT, nullable=True),
        sa.Column("probe", sa.String(length=600), nullable=True),
        sa.Column("probed_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("partner", "code", name=op.f("pk_breakers")),
    )
    op.create_table(
        "last_successes",
        sa.Column("partner", sa.String(length=20), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("partner", name=op.f("pk_last_successes")),
    )
    op.add_column("retry_changes", sa.Column("recovery_rps", sa.Float(), nullable=True))
