"""Records a history of each path of goods to a supplier: ``python -m tests.histories.record_suppliers``.

Into ``suppliers``, as ``record`` does for returns; units are sent by the activity alone, without their return.
"""

import asyncio
import json
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from temporalio.client import Client
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from gateways.database.engine import Database
from starter.client import Homeward
from starter.demo.story import Stage
from starter.local import Place, up
from tests.histories.record import _anonymous
from tests.workflows.suppliers import SupplierPlay
from workers.converter import CONVERTER
from workers.settings import Settings
from workers.telemetry import configure_logging

FOLDER = Path(__file__).parent / "suppliers"


async def credited(acme: SupplierPlay) -> None:
    """Asked about on its weekday, reminded of, shipped, credited in two parts, ended."""
    await acme.send(0)
    await acme.send(1)
    await acme.handle.signal("add_unit", "nonsense")
    await acme.days(8)
    await acme.until_mails("supplier_ask")
    await acme.days(15)
    await acme.until_mails("supplier_ask", "supplier_waits")
    await acme.authorise(*acme.units(0, 1))
    await acme.ship()
    await acme.days(15)
    await acme.until_mails("supplier_ask", "supplier_waits", "supplier_waits")
    await acme.credit(acme.unit(0))
    await acme.handle.cancel()
    await acme.until(acme.events, lambda events: "ending" in events)
    await acme.credit(acme.unit(1), key="C-2")
    await acme.handle.result()


async def refused(acme: SupplierPlay) -> None:
    """One before it was asked about, one after, one when it was shipped."""
    for number in range(3):
        await acme.send(number)
    await acme.refuse(acme.unit(0))
    await acme.days(8)
    await acme.until_mails("supplier_ask")
    await acme.refuse(acme.unit(1))
    await acme.authorise(acme.unit(2))
    await acme.ship()
    await acme.refuse(acme.unit(2))


async def full_batches(acme: SupplierPlay) -> None:
    """More units at once than two batches hold."""
    await asyncio.gather(*(acme.send(number) for number in range(23)))
    await acme.until_mails("supplier_ask", "supplier_ask")


async def carried_on(acme: SupplierPlay) -> None:
    """A run that begins with what the one before it knew: goods at every stage, and a wait that goes on."""
    for number in range(4):
        await acme.send(number)
    await acme.refuse(acme.unit(3))
    await acme.authorise(*acme.units(0, 1))
    await acme.ship()
    await acme.authorise(acme.unit(2), key="RMA-2")
    await acme.next_run()
    await acme.days(15)
    await acme.until_mails("supplier_waits")
    await acme.credit(*acme.units(0, 1))
    await acme.send(4)


PATHS: dict[str, Callable[[SupplierPlay], Awaitable[None]]] = {
    "credited": credited,
    "refused": refused,
    "full_batches": full_batches,
    "carried_on": carried_on,
}


async def record() -> None:
    """Play every path and write the history of its newest run."""
    stop, announced = asyncio.Event(), asyncio.get_running_loop().create_future()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        place = Place(Path(folder), temporal_port=0, ui_port=0)
        settings = Settings(data_dir=place.data_dir, workflow_sandbox=True)
        running = asyncio.create_task(up(settings, place, stop, announced.set_result))
        ready = await announced
        client = await Client.connect(ready.temporal, data_converter=CONVERTER)
        clock = TimeSkipper(client, config=TimeSkippingConfig(enabled=False))
        database = Database(ready.database)
        stage = Stage(Homeward(clock.client, database), clock, database)
        for name, play in PATHS.items():
            await _record(SupplierPlay(stage, client), name, play)
        await database.dispose()
        stop.set()
        await running


async def _record(acme: SupplierPlay, name: str, play: Callable[[SupplierPlay], Awaitable[None]]) -> None:
    await play(acme)
    history = json.loads((await acme.handle.fetch_history()).to_json())
    text = json.dumps(_anonymous(history), indent=1, sort_keys=True)
    await asyncio.to_thread((FOLDER / f"{name}.json").write_text, text + "\n")


if __name__ == "__main__":
    configure_logging("ERROR")
    asyncio.run(record())
