"""Labels: bought for the customer, voided when they are not needed after all."""

from collections.abc import Callable

from pydantic import BaseModel, Field
from sqlalchemy import Connection
from temporalio import activity

from activities.shared.effects import AtPartner, Effects, StepInput
from activities.shared.return_mails import write_mail
from gateways.carrier.protocol import Carrier, Label, LabelOrder
from gateways.database import ledger
from gateways.database.engine import Database
from gateways.database.figures import facts
from gateways.database.lookup import keep_codes
from gateways.database.returns import records
from gateways.errors import Declined
from lifecycle.contract.policy import Shop
from lifecycle.contract.request import Method
from lifecycle.figures.facts import FactName, label
from lifecycle.returns.fees import WayBackKind


class HandoverInput(StepInput):
    """What the customer is to get for the handover: a label, a pickup, a code."""

    #: What the mail says that the way back costs; how much is the policy's. Left out of the history when it is free.
    cost: WayBackKind = Field(default="free", exclude_if=lambda cost: cost == "free")


class BoughtLabel(BaseModel):
    """What the workflow keeps of a label."""

    tracking_code: str
    label_url: str


class VoidInput(StepInput):
    """``label_step`` is the step that bought the label; one with the tracking code ``keep`` stays valid."""

    label_step: str
    keep: str | None = None


class CarrierActivities:
    """One effect each, on the carrier."""

    def __init__(self, database: Database, carrier: Carrier, shop: Callable[[], Shop]) -> None:
        self._database = database
        self._effects = Effects(database, "carrier")
        self._carrier = carrier
        self._shop = shop

    async def _order(self, return_id: str) -> LabelOrder:
        """What the carrier is asked for a way back of: from the return's customer to the shop."""
        request = await self._database.read(lambda connection: records.request_in(connection, return_id))
        return LabelOrder(return_id=return_id, sender=request.order.customer, to=self._shop().return_address)


class LabelActivities(CarrierActivities):
    """Labels, and their voids."""

    @activity.defn
    async def buy_return_label(self, given: HandoverInput) -> BoughtLabel:
        """Buy one label, once, and write the mail that brings it to the customer."""
        order = await self._order(given.return_id)
        buying = AtPartner(
            asked={},
            ask=lambda key: self._carrier.find_label(order, key),
            do=lambda key: self._carrier.buy_return_label(order, key),
            record=lambda connection, bought: self._record(connection, given, bought),
        )
        return BoughtLabel.model_validate(await self._effects.at_partner(given, buying))

    def _record(self, connection: Connection, given: HandoverInput, bought: Label) -> ledger.Result:
        values = {"tracking_code": bought.tracking_code, "cost": given.cost, "method": Method.MAIL}
        write_mail(connection, given, self._shop(), "label_sent", values, label_of=bought.tracking_code)
        keep_codes(connection, "parcel", [bought.tracking_code], given.return_id)
        facts.of_return(connection, given.return_id, [label(given.step, given.now, "mail", bought.cost)])
        return BoughtLabel(tracking_code=bought.tracking_code, label_url=bought.label_url).model_dump()

    @activity.defn
    async def void_label(self, given: VoidInput) -> bool:
        """Void the label that a step bought, if it bought one; true when there is none left to use.

        A label that the carrier has seen in use is used up as well.
        """
        voiding = AtPartner(
            asked={"label_step": given.label_step},
            do=lambda _: self._void(given),
            record=lambda connection, voided: _voided(connection, given, voided=voided),
        )
        await self._effects.at_partner(given, voiding)
        return True

    async def _void(self, given: VoidInput) -> bool:
        try:
            return await self._carrier.void_label(ledger.key(given.return_id, given.label_step), given.keep)
        except Declined as error:
            if error.code != "already_used":
                raise
            return False


def _voided(connection: Connection, given: VoidInput, *, voided: bool) -> ledger.Result:
    if voided:
        facts.mark(connection, given.return_id, FactName.LABEL, given.label_step, "voided")
    return {"voided": given.label_step}
