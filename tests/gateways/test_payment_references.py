"""A payment is one order's: of many that name it at the same moment, one has it."""

import asyncio

from gateways.database.engine import Database
from gateways.database.orders import payment_references
from lifecycle.contract.request import Order
from tests.workflows.returns.play import make_request


def paid_by(reference: str, **changes: str) -> Order:
    """An order of its own, paid by that."""
    tender = {"tender_id": "t", "kind": "card", "captured": 8000, "reference": reference} | changes
    return make_request(tenders=[tender]).order


async def keep(database: Database, order: Order) -> set[str]:
    return await database.write(lambda connection: payment_references.keep(connection, order))


async def test_of_many_orders_at_once_one_has_the_payment(database: Database, other: Database) -> None:
    for number in range(5):
        orders = [paid_by(f"pi-{number}") for _ in range(8)]
        answers = await asyncio.gather(
            *(keep((database, other)[place % 2], order) for place, order in enumerate(orders))
        )
        assert sorted(answers, key=len) == [set()] + [{"t"}] * 7
        winner = orders[answers.index(set())]
        assert await keep(other, winner) == set()
        assert await payment_references.used_by_others(database, winner) == set()


async def test_one_that_is_called_an_account_is_looked_for_and_not_kept(database: Database) -> None:
    assert await keep(database, paid_by("gc-1", kind="gift_card")) == set()
    assert await keep(database, paid_by("gc-1", kind="gift_card")) == set()
    assert await keep(database, paid_by("gc-1")) == set()
    assert await keep(database, paid_by("gc-1", kind="gift_card")) == {"t"}
