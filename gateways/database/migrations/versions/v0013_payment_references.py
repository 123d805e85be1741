"""Which order a payment belongs to, from the orders that are kept and the returns that were opened."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from lifecycle.contract.order_ids import order_key

revision = "0013"
down_revision = "0014"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_ACCOUNTS = ("gift_card", "store_credit")


def upgrade() -> None:
    """Add to what there is; no row is lost or changed. A payment is its first order's."""
    references = op.create_table(
        "payment_references",
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.Column("order_key", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("reference", name="pk_payment_references"),
    )
    known: dict[str, str] = {}
    for order in _orders(op.get_bind()):
        for tender in order.get("tenders", []):
            if tender.get("reference") and tender.get("kind") not in _ACCOUNTS:
                known.setdefault(tender["reference"], order_key(order["order_id"]))
    if known:
        op.bulk_insert(references, [{"reference": name, "order_key": key} for name, key in known.items()])


def _orders(connection: sa.Connection) -> Iterator[dict[str, Any]]:
    """Those that the shop keeps, then those of returns, the oldest first."""
    orders = sa.table("orders", sa.column("order", _JSON), sa.column("placed_at"))
    returns = sa.table("returns", sa.column("request", _JSON), sa.column("opened_at"))
    kept = sa.select(orders.c.order).order_by(orders.c.placed_at)
    opened = sa.select(returns.c.request).order_by(returns.c.opened_at)
    for row in connection.execute(kept):
        yield row[0]
    for row in connection.execute(opened):
        yield row[0]["order"]
