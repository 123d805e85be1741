"""A scan finds its return: by the parcel's tracking code, by a unit's serial number."""

from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, insert, text

from gateways.database.columns import metadata
from gateways.database.engine import Database, _upgrade
from gateways.database.lookup import keep_codes, return_of_refund, return_of_tracking_code, returns_of_serial_number
from gateways.database.returns import records
from gateways.database.stock.inventory import Inventory
from gateways.database.stock.stock_change import StockChange
from lifecycle.contract.statuses import Status
from tests.gateways.partner_requests import NOW
from tests.lifecycle.orders import body, request


async def _open(database: Database, return_id: str, *serial_numbers: str, days: int = 0) -> None:
    asked = request(return_id=return_id, line1={"serial_numbers": list(serial_numbers)})
    at = NOW + timedelta(days=days)
    await database.write(
        lambda connection: records.insert_return(connection, return_id, asked, {}, Status.REQUESTED, at)
    )


@pytest.mark.parametrize("scanned", ["HW0042", " hw0042\n", "Hw0042"])
async def test_a_parcel_is_found_however_its_code_is_typed(database: Database, scanned: str) -> None:
    for _ in range(2):
        await database.write(lambda connection: keep_codes(connection, "parcel", ["HW0042"], "R-1"))
    assert await return_of_tracking_code(database, scanned) == "R-1"
    assert await return_of_tracking_code(database, "HW004") is None
    assert await returns_of_serial_number(database, scanned) == []


async def test_a_tracking_code_that_the_carrier_uses_again_brings_the_newest_return(database: Database) -> None:
    for return_id, day in {"R-new": 1, "R-old": 0, "R-newest": 2}.items():
        await _open(database, return_id, days=day)
        await database.write(partial(keep_codes, kind="parcel", given=["HW1"], return_id=return_id))
    assert await return_of_tracking_code(database, "HW1") == "R-newest"


async def test_a_refund_leads_to_its_return_unless_two_are_called_so(database: Database) -> None:
    for return_id, reference in {"R-1": "RF-1", "R-2": "RF-2", "R-3": "rf-2"}.items():
        await database.write(partial(keep_codes, kind="refund", given=[reference], return_id=return_id))
    assert await return_of_refund(database, "RF-1") == "R-1"
    assert await return_of_refund(database, "RF-2") is None


async def test_a_unit_is_found_by_its_order_and_by_its_receipt_the_newest_return_first(database: Database) -> None:
    await _open(database, "R-1", "sn-1", "SN-2")
    await _open(database, "R-2", "SN-1", days=1)
    await _open(database, "R-3", days=2)
    received = StockChange("receive", "SHOE", "main", "", 1, serial_number="SN-9", return_id="R-3", unit_id="1-1")
    delivered = StockChange("add", "SHOE", "main", "A", 1, serial_number="SN-8")
    inventory = Inventory()
    await database.write(lambda connection: inventory.book(connection, [received, delivered], key="k", at=NOW))
    found = {number: await returns_of_serial_number(database, number) for number in ("SN-1", "sn-2", "SN-9", "SN-8")}
    assert found == {"SN-1": ["R-2", "R-1"], "sn-2": ["R-1"], "SN-9": ["R-3"], "SN-8": []}


async def test_returns_from_before_there_were_scans_are_found(empty_url: str) -> None:
    database = Database(empty_url)
    if database.sqlite:
        Path(str(database.url.database)).parent.mkdir(parents=True)
    given = body(return_id="R-1", line1={"serial_numbers": ["sn-1"]})
    rows: dict[str, dict[str, Any]] = {
        "returns": {"return_id": "R-1", "order_id": "SO-1", "customer_id": "C-1", "status": "requested"}
        | {"opened_at": NOW, "request": given},
        "movements": {"key": "k", "at": NOW, "kind": "receive", "sku": "SHOE", "location": "main", "grade": ""}
        | {"quantity": 1, "serial_number": "SN-9", "return_id": "R-1"},
    }
    label = {"tracking_code": "HW1", "label_url": "/v1/returns/R-1/label"}
    effects = {"label": label, "ship": {"tracking_code": "HW2"}, "receive": {"moves": 1}, "under way": None}

    def old(connection: Connection) -> None:
        _upgrade(connection, "0002")
        for table, row in rows.items():
            connection.execute(insert(metadata.tables[table]), row)
        for step, result in effects.items():
            row = {"key": step, "return_id": "R-1", "step": step, "fingerprint": "f", "result": result, "at": NOW}
            connection.execute(insert(metadata.tables["effects"]), row)
        connection.execute(text("UPDATE effects SET result = NULL WHERE step = 'under way'"))

    try:
        await database.write(old)
        await database.upgrade()
        parcels = [await return_of_tracking_code(database, code) for code in ("HW1", "HW2")]
        units = [await returns_of_serial_number(database, number) for number in ("SN-1", "SN-9")]
        assert (parcels, units) == (["R-1", None], [["R-1"], ["R-1"]])
    finally:
        await database.dispose()
