"""What each return holds of its order's money."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0007"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Add to what there is; no row is lost or changed.

    Returns so far hold what their final view says that they gave; one that is open, what it will have given.
    """
    money = op.create_table(
        "order_money",
        sa.Column("return_id", sa.String(length=100), nullable=False),
        sa.Column("order_id", sa.String(length=100), nullable=False),
        sa.Column("outside", _JSON, nullable=False),
        sa.Column("held", _JSON, nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("return_id", name="pk_order_money"),
    )
    op.create_index("ix_order_money_order_id", "order_money", ["order_id"], unique=False)
    known = list(_known(op.get_bind()))
    if known:
        op.bulk_insert(money, known)


def _known(connection: sa.Connection) -> Iterator[dict[str, Any]]:
    returns = sa.table(
        "returns",
        sa.column("return_id"),
        sa.column("order_id"),
        sa.column("request", _JSON),
        sa.column("view", _JSON),
        sa.column("opened_at", _INSTANT),
    )
    names = sa.table("order_names", sa.column("order_id"), sa.column("canonical"))
    canonical = {row.order_id: row.canonical for row in connection.execute(sa.select(names))}
    for row in connection.execute(sa.select(returns)):
        refunded = {
            tender["tender_id"]: tender.get("refunded", 0) for tender in row.request["order"].get("tenders", [])
        }
        yield {
            "return_id": row.return_id,
            "order_id": canonical.get(row.order_id, row.order_id),
            "outside": {"total": sum(refunded.values()), "tenders": refunded},
            "held": _given(row.view["settlement"], set(refunded))
            if row.view and "settlement" in row.view
            else {"total": 0, "tenders": {}},
            "given": True,
            "at": row.opened_at,
        }


def _given(settlement: dict[str, Any], tenders: set[str]) -> dict[str, Any]:
    """What was paid, but for the bonus, and what an exchange took off; what a card hold gave back is no order's."""
    if settlement["resolution"] == "replacement":
        return {"total": 0, "tenders": {}}
    paid = [part for part in settlement["paid"] if part["amount"] > 0 and part["state"] != "failed"]
    by_tender: dict[str, int] = {}
    for part in paid:
        if part["tender_id"] in tenders:
            by_tender[part["tender_id"]] = by_tender.get(part["tender_id"], 0) + part["amount"]
    taken_off = settlement["breakdown"]["exchange"] + min(settlement["amount"], 0)
    bonus = settlement["breakdown"]["bonus"]
    total = sum(part["amount"] for part in paid) - bonus + max(taken_off, 0)
    return {"total": total, "tenders": by_tender}
