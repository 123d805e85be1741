"""The shop's own stock system is told what came back and where it went, once for each booking."""

from collections.abc import AsyncIterator, Iterator

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

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
