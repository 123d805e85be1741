"""A unit of a return that goes on to its supplier: handed to the journey of all that goes there."""

from datetime import timedelta

from temporalio import activity
from temporalio.client import Client

from activities.shared.effects import AtPartner, Effects, StepInput
from client.suppliers import Suppliers
from gateways.database.engine import Database
from gateways.database.stock.inventory import Inventory

#: How long a supplier's journey may take to say what it knows.
_PATIENCE = timedelta(seconds=5)


class SendToSupplierInput(StepInput):
    """A unit of a settled return for its supplier; the step's name is the idempotency key."""

    supplier_id: str
    unit_id: str
    sku: str
    serial_number: str | None = None
    #: The line's title, as the shop knows it.
    title: str = ""


class SupplierUnitActivities:
    """``client`` is the one that starts and signals suppliers' journeys."""

    def __init__(self, client: Client, database: Database, inventory: Inventory) -> None:
        self._suppliers = Suppliers(client, _PATIENCE)
        self._effects = Effects(database, "inventory")
        self._inventory = inventory

    @activity.defn
    async def send_to_supplier(self, given: SendToSupplierInput) -> None:
        """Hand a unit to its supplier's journey, once; the journey begins with its first unit."""
        unit = given.model_dump(include={"return_id", "unit_id", "sku", "serial_number"})

        async def ask(key: str) -> str | None:
            async with self._inventory.attempt(key, [given.title]):
                known = await self._suppliers.knows(given.supplier_id, given.return_id, given.unit_id)
                return given.supplier_id if known else None

        async def hand_over(key: str) -> str:
            async with self._inventory.attempt(key, [given.title]):
                await self._suppliers.hand_over(given.supplier_id, **unit)
            return given.supplier_id

        handing = AtPartner(
            asked={"supplier_id": given.supplier_id, **unit},
            ask=ask,
            do=hand_over,
            record=lambda _, supplier_id: {"supplier_id": supplier_id},
        )
        await self._effects.at_partner(given, handing)
