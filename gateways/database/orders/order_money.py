"""What each return holds of its order's money; see ``lifecycle.returns.order_money`` for what follows from it.

Whoever reads what is left, and claims it, does both in one transaction, alone with the order
(``gateways.database.returns.records.alone``). Giving back needs neither: it makes more room for others.
"""

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from gateways.database.orders import order_names
from gateways.database.statements import insert_for
from gateways.database.tables.orders import order_money
from lifecycle.contract.request import Order
from lifecycle.returns.order_money import NOTHING, Books, OrderMoney, add_up, refunded_outside

_OF_ORDER = (
    select(order_money)
    .where(order_money.c.order_id == order_names.CANONICAL)
    .order_by(order_money.c.at, order_money.c.return_id)
)
_OF = order_money.c.return_id == bindparam("of")
_GIVEN = update(order_money).where(_OF).values(given=True)
_SETTLED = update(order_money).where(_OF).values(held=bindparam("new"), given=True)
_RELEASED = update(order_money).where(_OF).values(held=bindparam("new"), given=False)


def books(connection: Connection, order_id: str, return_id: str) -> Books:
    """What the database knows of the order's money, besides what this return holds itself."""
    rows = connection.execute(_OF_ORDER, order_names.spelt(order_id)).all()
    others = [row for row in rows if row.return_id != return_id]
    mine = next((row for row in rows if row.return_id == return_id), None)
    return Books(
        first=OrderMoney.model_validate(rows[0].outside) if rows else None,
        given=add_up(*(OrderMoney.model_validate(row.held) for row in others if row.given)),
        promised=add_up(*(OrderMoney.model_validate(row.held) for row in others if not row.given)),
        outside=OrderMoney.model_validate(mine.outside) if mine else None,
    )


def claim(connection: Connection, return_id: str, order: Order, known: Books, held: OrderMoney, at: datetime) -> None:
    """Let a return hold so much; of one that is new, keep what was refunded outside as it opens."""
    values = {
        "return_id": return_id,
        "outside": _json(refunded_outside(order, known)),
        "held": _json(held),
        "given": False,
        "at": at,
    }
    connection.execute(_claiming(connection.dialect.name), values | order_names.spelt(order.order_id))


@cache
def _claiming(dialect: str) -> Any:
    insert = insert_for(order_money, dialect).values(order_id=order_names.CANONICAL)
    return insert.on_conflict_do_update(index_elements=["return_id"], set_={"held": insert.excluded.held})


def give(connection: Connection, return_id: str, held: OrderMoney | None = None) -> None:
    """What a return holds is being given to the customer; it goes on to hold ``held``, or as much as before."""
    if held is None:
        connection.execute(_GIVEN, {"of": return_id})
    else:
        settle(connection, return_id, held)


def release(connection: Connection, return_id: str) -> None:
    """A return has ended without a settlement, and holds nothing any more."""
    connection.execute(_RELEASED, {"of": return_id, "new": _json(NOTHING)})


def settle(connection: Connection, return_id: str, given: OrderMoney) -> None:
    """What a return has given, or is giving, is all that it holds."""
    connection.execute(_SETTLED, {"of": return_id, "new": _json(given)})


def _json(money: OrderMoney) -> dict[str, Any]:
    return money.model_dump(mode="json")
