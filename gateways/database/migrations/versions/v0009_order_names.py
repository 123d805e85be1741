"""One order for all spellings of its id: the ids that returns were opened with, and keys of the kept orders."""

from collections.abc import Iterable

import sqlalchemy as sa
from alembic import op

from lifecycle.contract.order_ids import order_key

revision = "0009"
down_revision = "0004"
branch_labels = None
depends_on = None

_claims = sa.table("claims", sa.column("order_id"), sa.column("unit_id"))
_names = sa.table("order_names", sa.column("order_id"), sa.column("canonical"), sa.column("key"))
_orders = sa.table("orders", sa.column("order_id"), sa.column("key"))
_returns = sa.table("returns", sa.column("order_id"), sa.column("opened_at"))


def upgrade() -> None:
    """Spellings of one order share its claims from now on, unless both hold the same unit already."""
    op.create_table(
        "order_names",
        sa.Column("order_id", sa.String(length=100), nullable=False),
        sa.Column("canonical", sa.String(length=100), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("order_id", name="pk_order_names"),
    )
    op.create_index("ix_order_names_canonical", "order_names", ["canonical"], unique=False)
    op.create_index("ix_order_names_key", "order_names", ["key"], unique=False)
    with op.batch_alter_table("orders") as batch:
        batch.add_column(sa.Column("key", sa.String(length=100), nullable=False, server_default=""))
        batch.create_index("ix_orders_key", ["key"], unique=False)
    connection = op.get_bind()
    _name(connection)
    for order_id in connection.execute(sa.select(_orders.c.order_id)).scalars().all():
        connection.execute(sa.update(_orders).where(_orders.c.order_id == order_id).values(key=order_key(order_id)))
    with op.batch_alter_table("orders") as batch:
        batch.alter_column("key", server_default=None)


def _name(connection: sa.Connection) -> None:
    """The ids in the order in which their first returns were opened."""
    opened = sa.select(_returns.c.order_id).group_by(_returns.c.order_id)
    oldest_first = opened.order_by(sa.func.min(_returns.c.opened_at), _returns.c.order_id)
    by_key: dict[str, list[str]] = {}
    for order_id in connection.execute(oldest_first).scalars().all():
        key = order_key(order_id)
        canonical = _joined(connection, order_id, by_key.setdefault(key, []))
        connection.execute(sa.insert(_names).values(order_id=order_id, canonical=canonical, key=key))


def _joined(connection: sa.Connection, order_id: str, others: list[str]) -> str:
    """The id under which its claims are now: one of another spelling where the two hold no unit twice."""
    mine = _units(connection, order_id)
    for other in others:
        if mine.isdisjoint(_units(connection, other)):
            connection.execute(sa.update(_claims).where(_claims.c.order_id == order_id).values(order_id=other))
            return other
    others.append(order_id)
    return order_id


def _units(connection: sa.Connection, order_id: str) -> set[str]:
    held: Iterable[str] = connection.execute(
        sa.select(_claims.c.unit_id).where(_claims.c.order_id == order_id)
    ).scalars()
    return set(held)
