"""The shop's own stock system is told what came back and where it went, once for each booking."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from structlog.testing import capture_logs
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.returns.outbound import OutboundActivities, ShipInput
from activities.returns.reservations import ReservationActivities, ReserveInput, ReserveItem, UnreserveInput
from activities.shared.stock import StockActivities, StockInput
from gateways.database.engine import Database, rows_of
from gateways.database.returns import records
from gateways.database.stock import inventory
from gateways.sandbox.carrier import SandboxCarrier
from gateways.sandbox.tables import sandbox_shipments
from gateways.stock.http import HttpInventory
from lifecycle.contract.policy import Policy
from lifecycle.contract.statuses import Status
from lifecycle.shared.stock_move import StockMove
from tests.gateways.partner_requests import NOW
from tests.gateways.stand_ins import PATIENCE, Fault, Json, Refused, Request
from tests.own_systems.reference import SECRET, OwnSystems
from tests.workflows.returns.play import make_request


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
    # As before there were reservations: a call that is repeated across an upgrade has the same body.
    assert not any("reserved" in movement for one in told for movement in one["movements"])
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
    [reserved] = system.sent("POST", "/stock/movements")[0].params["movements"]
    assert (reserved["quantity"], reserved["reserved"]) == (0, 1)
    assert (system.shop.stock[shelf], system.shop.reserved[shelf]) == (0, 1)
    key = "return-R-1/reserve/kept"
    await database.write(lambda connection: inventory.ship_reserved(connection, key, NOW))
    for _ in range(2):
        await own.tell_reserved([key])
    assert (system.shop.stock[shelf], system.shop.reserved[shelf]) == (-1, 0)
    [row] = await inventory.balances(database)
    assert (row["on_hand"], row["reserved"]) == (4, 0)
    await own.close()


class _Refusing(OwnSystems):
    """Books what is reserved, and has a rule of its own against what else goes out."""

    def answer(self, request: Request) -> Json:
        if request.params["movements"][0]["kind"] != "reserve":
            raise Refused(422, {"error": {"message": "the period is closed"}})
        return super().answer(request)


async def test_a_refusal_stops_no_parcel_that_is_on_its_way(database: Database) -> None:
    request = make_request(return_id="R-1")
    await database.write(
        lambda connection: records.insert_return(connection, "R-1", request, {}, Status.REQUESTED, NOW)
    )
    await inventory.add_stock(database, "SHOE-42", 5)
    items = [ReserveItem(name=name, sku="SHOE-42", quantity=1) for name in ("kept", "dropped")]
    of_it: dict[str, Any] = {"return_id": "R-1", "now": NOW}
    system = _Refusing()
    with system.running(), capture_logs() as logs:
        own = HttpInventory(database, system.url, SECRET, timeout=PATIENCE)
        shelves = ReservationActivities(database, own)
        parcels = OutboundActivities(database, SandboxCarrier(database), own, lambda: Policy().shop)
        await ActivityEnvironment().run(shelves.reserve, ReserveInput(step="reserve", items=items, **of_it))
        unreserve = UnreserveInput(step="unreserve", reservations=["reserve/dropped"], **of_it)
        await ActivityEnvironment().run(shelves.unreserve, unreserve)
        ship = ShipInput(
            step="ship",
            items=[("SHOE-42", 1)],
            reservations=["reserve/kept"],
            template="replaced",
            **of_it,
        )
        system.faults.append(Fault("POST /stock/movements", "down"))
        with pytest.raises(ApplicationError, match="stock system"):
            await ActivityEnvironment().run(parcels.ship, ship)
        shipped = [await ActivityEnvironment().run(parcels.ship, ship) for _ in range(2)]
        await own.close()
    [parcel] = await rows_of(database, sandbox_shipments.select())
    assert [one.tracking_code for one in shipped] == [parcel["tracking_code"]] * 2
    told = [(one["return_id"], one["kind"], one["code"]) for one in logs if one["event"] == "stock_not_told"]
    assert told == [("R-1", kind, "answered_422") for kind in ("release", "ship", "ship")]
