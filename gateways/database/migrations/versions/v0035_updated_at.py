"""What a return gave, and when anything was last recorded of it, in the row that it is listed by."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_listings = sa.table(
    "listings", *map(sa.column, ("return_id", "amount", "opened_at", "closed_at")), sa.column("updated_at", _INSTANT)
)
_returns = sa.table("returns", sa.column("return_id"), sa.column("view", _JSON))
_effects = sa.table("effects", sa.column("return_id"), sa.column("at", _INSTANT))


def upgrade() -> None:
    """Add both; what there is was last changed when its last step was recorded."""
    op.add_column("listings", sa.Column("amount", sa.BigInteger(), nullable=True))
    op.add_column("listings", sa.Column("updated_at", _INSTANT, nullable=True))
    # Not as_integer(): PostgreSQL's ends at 2,147,483,647, which is 21 million rupiah.
    settled = _returns.c.view["settlement"]["amount"].as_string().cast(sa.BigInteger())
    amount = sa.select(settled).where(_returns.c.return_id == _listings.c.return_id).scalar_subquery()
    last = sa.select(sa.func.max(_effects.c.at)).where(_effects.c.return_id == _listings.c.return_id).scalar_subquery()
    at = sa.func.coalesce(_listings.c.closed_at, last, _listings.c.opened_at)
    op.execute(sa.update(_listings).values(amount=amount, updated_at=at))
    op.create_index("ix_listings_updated_at_return_id", "listings", ["updated_at", "return_id"])
