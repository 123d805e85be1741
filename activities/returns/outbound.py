"""What goes out to the customer: stock set aside for it, sent, or released."""

from collections.abc import Callable

from pydantic import AwareDatetime, BaseModel, Field
from sqlalchemy import Connection
from temporalio import activity

from activities.returns.mails import write_mail
from activities.shared.effects import AtPartner, Effects
from activities.shared.errors import application_errors
from gateways.carrier.protocol import Carrier, OutboundOrder, Shipment
from gateways.database import ledger
from gateways.database.engine import Database
from gateways.database.lookup import keep_codes
from gateways.database.orders import order_money
from gateways.database.returns import records
from gateways.database.stock import inventory
from lifecycle.contract.policy import Shop
from lifecycle.returns.settlement.statement import Statement


class ReserveItem(BaseModel):
    """So many of one SKU, under a name that the return knows it by."""

    name: str
    sku: str
    quantity: int
    #: The line's title, as the shop knows it.
    title: str = ""


class ReserveInput(BaseModel):
    """Things to set aside, each for itself; a thing's reservation has the key ``{step}/{name}``."""

    return_id: str
    step: str
    items: list[ReserveItem]
    now: AwareDatetime


class UnreserveInput(BaseModel):
    """``reservations`` are ``{step}/{name}`` of the steps that made them."""

    return_id: str
    step: str
    reservations: list[str]
    now: AwareDatetime


class ShipInput(BaseModel):
    """A parcel to the customer; ``template`` is the mail that announces it, amounts in minor units.

    ``reservations`` (``{step}/{name}``) leave the shelves with it.
    """

    return_id: str
    step: str
    items: list[tuple[str, int]]
    reservations: list[str]
    template: str
    now: AwareDatetime
    amount: int = 0
    reasons: str | None = None
    #: What the settlement leaves out, for the mail.
    statement: Statement | None = Field(default=None, exclude_if=lambda statement: statement is None)


class Shipped(BaseModel):
    """A parcel that is on its way to the customer."""

    tracking_code: str


class OutboundActivities:
    """One effect each: on our shelves, or on the carrier."""

    def __init__(
        self,
        database: Database,
        carrier: Carrier,
        stock: inventory.Inventory,
        shop: Callable[[], Shop],
    ) -> None:
        self._database = database
        self._in_stock, self._at_carrier = Effects(database, "inventory"), Effects(database, "carrier")
        self._carrier = carrier
        self._stock = stock
        self._shop = shop

    @activity.defn
    async def reserve(self, given: ReserveInput) -> list[str]:
        """Set aside what there is, thing by thing; gives the names of those that were there."""

        def apply(connection: Connection) -> dict[str, object]:
            # Always in the same order: two returns that want the same shelves wait for each other, never in a circle.
            things = sorted(given.items, key=lambda item: (item.sku, item.name))
            found = [item.name for item in things if self._reserve_one(connection, given, item)]
            return {"reserved": found}

        wanted = {item.name: [item.sku, item.quantity] for item in given.items}
        titles = [item.title for item in given.items]
        with application_errors("inventory"):
            async with self._stock.attempt(ledger.key(given.return_id, given.step), titles):
                kept = await self._in_stock.in_database(given, {"things": wanted}, apply)
        return [str(name) for name in kept["reserved"]]

    def _reserve_one(self, connection: Connection, given: ReserveInput, item: ReserveItem) -> bool:
        key = ledger.key(given.return_id, f"{given.step}/{item.name}")
        items = [(item.sku, item.quantity)]
        return inventory.reserve(connection, items, key=key, at=given.now, return_id=given.return_id)

    @activity.defn
    async def unreserve(self, given: UnreserveInput) -> None:
        """Give reservations back; those that were shipped, or never made, stay as they are."""

        def apply(connection: Connection) -> dict[str, object]:
            for reservation in given.reservations:
                inventory.release(connection, ledger.key(given.return_id, reservation), given.now)
            return {}

        await self._in_stock.in_database(given, {"reservations": given.reservations}, apply)

    @activity.defn
    async def ship(self, given: ShipInput) -> Shipped:
        """Ship a parcel to the customer, take it off the shelves and mail them."""
        request = await self._database.read(lambda connection: records.request_in(connection, given.return_id))
        order = OutboundOrder(
            return_id=given.return_id,
            to=request.order.customer,
            sender=self._shop().return_address,
            items=tuple((sku, quantity) for sku, quantity in given.items),
        )
        shipping = AtPartner(
            asked={"items": given.items, "template": given.template},
            begin=lambda connection: order_money.give(connection, given.return_id),
            ask=self._carrier.find_shipment,
            do=lambda key: self._carrier.ship(order, key),
            record=lambda connection, shipment: self._record(connection, given, shipment),
        )
        return Shipped.model_validate(await self._at_carrier.at_partner(given, shipping))

    def _record(self, connection: Connection, given: ShipInput, shipment: Shipment) -> ledger.Result:
        _take_from_shelves(connection, given)
        values = {
            "amount": given.amount,
            "tracking_code": shipment.tracking_code,
            "reasons": given.reasons,
            "statement": given.statement,
            "goes_back": True,
        }
        write_mail(connection, given, self._shop(), given.template, values)
        keep_codes(connection, "sent", [shipment.tracking_code], given.return_id)
        return {"tracking_code": shipment.tracking_code}

    @activity.defn
    async def take_from_shelves(self, given: ShipInput) -> None:
        """An operator sent it: the shelves follow, nobody else does."""

        def apply(connection: Connection) -> dict[str, object]:
            _take_from_shelves(connection, given)
            return {}

        await self._in_stock.in_database(given, {"reservations": given.reservations}, apply)


def _take_from_shelves(connection: Connection, given: ShipInput) -> None:
    for reservation in sorted(given.reservations):
        inventory.ship_reserved(connection, ledger.key(given.return_id, reservation), given.now)
