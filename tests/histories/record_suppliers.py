"""The paths of goods to a supplier, without their returns; ``record`` writes their histories into ``suppliers``."""

import asyncio
from collections.abc import Awaitable, Callable

from starter.demo.story import Stage
from tests.histories.recording import RELEASE, write_history
from tests.workflows.suppliers.play import SupplierPlay

FOLDER = RELEASE / "suppliers"


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


async def record(stage: Stage) -> None:
    """Play every path and write the history of its newest run."""
    for name, play in PATHS.items():
        acme = SupplierPlay(stage, stage.clock.client)
        await play(acme)
        await write_history(FOLDER / f"{name}.json", acme.handle)
