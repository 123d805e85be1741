"""What goes out to the customer: a parcel, and what leaves the shelves with it."""

from collections.abc import Callable

from pydantic import BaseModel, Field
from sqlalchemy import Connection
from temporalio import activity

from activities.shared.effects import AtPartner, Effects, StepInput
from activities.shared.errors import application_errors
from activities.shared.return_mails import write_mail
from activities.shared.told_stock import tell_stock
from gateways.carrier.protocol import Carrier, OutboundOrder, Shipment
from gateways.database import ledger
from gateways.database.engine import Database
from gateways.database.figures import facts
from gateways.database.lookup import keep_codes
from gateways.database.orders import order_money
from gateways.database.returns import records
from gateways.database.stock import inventory
from gateways.errors import Declined
from lifecycle.contract.policy import Shop
from lifecycle.figures.facts import label
from lifecycle.returns.settlement.statement import Statement


class ShipInput(StepInput):
    """A parcel to the customer; ``template`` is the mail that announces it, amounts in minor units.

    ``reservations`` (``{step}/{name}``) leave the shelves with it.
    """

    items: list[tuple[str, int]]
    reservations: list[str]
    template: str
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
        self, database: Database, carrier: Carrier, stock: inventory.Inventory, shop: Callable[[], Shop]
    ) -> None:
        self._database = database
        self._in_stock, self._at_carrier = Effects(database, "inventory"), Effects(database, "carrier")
        self._carrier = carrier
        self._stock = stock
        self._shop = shop

    @activity.defn
    async def ship(self, given: ShipInput) -> Shipped:
        """Ship a parcel to the customer, take it off the shelves and mail them."""
        request = await self._database.read(lambda connection: records.request_in(connection, given.return_id))
        if request.order.customer.address is None:
            with application_errors("carrier"):
                raise Declined("the order has no address that anything could be sent to", "no_address")
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
        shipped = Shipped.model_validate(await self._at_carrier.at_partner(given, shipping))
        await self._tell(given, shipped)
        return shipped

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
        facts.of_return(connection, given.return_id, [label(given.step, given.now, "outbound", shipment.cost)])
        keep_codes(connection, "sent", [shipment.tracking_code], given.return_id)
        return {"tracking_code": shipment.tracking_code}

    @activity.defn
    async def take_from_shelves(self, given: ShipInput) -> None:
        """An operator sent it: the shelves follow, nobody else does."""
        asked = {"reservations": given.reservations}
        await self._in_stock.in_database(given, asked, lambda connection: _take_from_shelves(connection, given))
        await self._tell(given)

    async def _tell(self, given: ShipInput, made: Shipped | None = None) -> None:
        """The parcel is booked and mailed; tried again, the stock system alone is told."""
        keys = [ledger.key(given.return_id, name) for name in sorted(given.reservations)]
        await tell_stock(self._stock, given, keys, made)


def _take_from_shelves(connection: Connection, given: ShipInput) -> None:
    for reservation in sorted(given.reservations):
        inventory.ship_reserved(connection, ledger.key(given.return_id, reservation), given.now)
