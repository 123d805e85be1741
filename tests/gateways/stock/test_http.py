"""The shop's own stock system is told what came back and where it went, once for each booking."""

from collections.abc import AsyncIterator, Iterator

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.returns.reservations import ReservationActivities, ReserveInput, ReserveItem, UnreserveInput
from activities.shared.stock import StockActivities, StockInput
from gateways.database.engine import Database
from gateways.database.stock import inventory
from gateways.stock.http import HttpInventory
from lifecycle.shared.stock_move import StockMove
from tests.gateways.partner_requests import NOW
from tests.gateways.stand_ins import PATIENCE, Fault
from tests.own_systems.reference import SECRET, OwnSystems


@pytest.fixture
def system() -> Iterator[OwnSystems]:
    stand_in = OwnSystems()
    with stand_in.running():
        yield stand_in


@pytest.fixture
async def steps(database: Database, system: OwnSystems) -> AsyncIterator[StockActivities]:
    own = HttpInventory(database, system.url, SECRET, timeout=PATIENCE)
    yield StockActivities(database, own)
    await own.close()


def _move(kind: str, grade: str, quantity: int) -> StockMove:
    return StockMove(kind=kind, unit_id="1-1", sku="SHOE-42", location="main", grade=grade, quantity=quantity)


RECEIVED = StockInput(return_id="R-1", step="receive-1", now=NOW, moves=[_move("receive", "", 1)])
GRADED = StockInput(
    return_id="R-1", step="restock-1", now=NOW, moves=[_move("restock", "", -1), _move("restock", "A", 1)]
)


async def test_what_came_back_is_told_and_where_it_went(
    database: Database, system: OwnSystems, steps: StockActivities
) -> None:
    for step, given in ((steps.receive, RECEIVED), (steps.restock, GRADED), (steps.restock, GRADED)):
        await ActivityEnvironment().run(step, given)
    assert system.shop.stock == {("SHOE-42", "main", ""): 0, ("SHOE-42", "main", "A"): 1}
    told = [request.params for request in system.sent("POST", "/stock/movements")]
    assert [one["idempotency_key"] for one in told] == ["return-R-1/receive-1", *["return-R-1/restock-1"] * 2]
    assert [(one["kind"], one["return_id"], one["unit_id"]) for one in told[0]["movements"]] == [
        ("receive", "R-1", "1-1")
    ]
    assert await inventory.check(database) == []


@pytest.mark.parametrize("kind", ["after", "down"])
async def test_a_booking_is_done_once_the_system_has_it(
    database: Database, system: OwnSystems, steps: StockActivities, kind: str
) -> None:
    system.faults.append(Fault("POST /stock/movements", kind))  # type: ignore[arg-type]
    with pytest.raises(ApplicationError, match="stock system"):
        await ActivityEnvironment().run(steps.receive, RECEIVED)
    await ActivityEnvironment().run(steps.receive, RECEIVED)
    assert system.shop.stock == {("SHOE-42", "main", ""): 1}
    assert [row["on_hand"] for row in await inventory.balances(database)] == [1]


async def test_what_is_reserved_released_and_shipped_is_told_once_each(database: Database, system: OwnSystems) -> None:
    own = HttpInventory(database, system.url, SECRET, timeout=PATIENCE)
    await inventory.add_stock(database, "SHOE-42", 5)
    steps = ReservationActivities(database, own)
    items = [ReserveItem(name=name, sku="SHOE-42", quantity=1) for name in ("kept", "dropped")]
    reserve = ReserveInput(return_id="R-1", step="reserve", now=NOW, items=items)
    unreserve = UnreserveInput(return_id="R-1", step="unreserve", now=NOW, reservations=["reserve/dropped"])
    system.faults.append(Fault("POST /stock/movements", "after"))
    with pytest.raises(ApplicationError, match="stock system"):
        await ActivityEnvironment().run(steps.reserve, reserve)
    for _ in range(2):
        assert sorted(await ActivityEnvironment().run(steps.reserve, reserve)) == ["dropped", "kept"]
        await ActivityEnvironment().run(steps.unreserve, unreserve)
    shelf = ("SHOE-42", "main", "A")
    assert (system.shop.stock[shelf], system.shop.reserved[shelf]) == (0, 1)
    key = "return-R-1/reserve/kept"
    await database.write(lambda connection: inventory.ship_reserved(connection, key, NOW))
    for _ in range(2):
        await own.tell_reserved([key])
    assert (system.shop.stock[shelf], system.shop.reserved[shelf]) == (-1, 0)
    [row] = await inventory.balances(database)
    assert (row["on_hand"], row["reserved"]) == (4, 0)
    await own.close()
