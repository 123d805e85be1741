"""Staff with accounts of their own: who they are, their one-time links, where they are signed in."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add three tables; a process of the release before knows nothing of them."""
    op.create_table(
        "staff",
        sa.Column("id", _ID, nullable=False),
        sa.Column("issuer", sa.String(length=200), nullable=False),
        sa.Column("login", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("roles", _JSON, nullable=False),
        sa.Column("password", sa.String(length=200), nullable=True),
        sa.Column("made_at", _AT, nullable=False),
        sa.Column("signed_in_at", _AT, nullable=True),
        sa.Column("disabled_at", _AT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("issuer", "login", name=op.f("uq_staff_issuer_login")),
    )
    op.create_table(
        "staff_links",
        sa.Column("link", sa.String(length=64), nullable=False),
        sa.Column("staff_id", _ID, nullable=True),
        sa.Column("ends_at", _AT, nullable=False),
        sa.PrimaryKeyConstraint("link", name=op.f("pk_staff_links")),
    )
    op.create_index(op.f("ix_staff_links_staff_id"), "staff_links", ["staff_id"])
    op.create_index(op.f("ix_staff_links_ends_at"), "staff_links", ["ends_at"])
    op.create_table(
        "staff_sessions",
        sa.Column("session", sa.String(length=64), nullable=False),
        sa.Column("staff_id", _ID, nullable=False),
        sa.Column("begun_at", _AT, nullable=False),
        sa.Column("seen_at", _AT, nullable=False),
        sa.Column("ends_at", _AT, nullable=False),
        sa.PrimaryKeyConstraint("session", name=op.f("pk_staff_sessions")),
    )
    op.create_index(op.f("ix_staff_sessions_staff_id"), "staff_sessions", ["staff_id"])
    op.create_index(op.f("ix_staff_sessions_ends_at"), "staff_sessions", ["ends_at"])
