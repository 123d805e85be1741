"""Labels: bought for the customer, voided when they are not needed after all."""

from collections.abc import Callable
from datetime import timedelta

from pydantic import AwareDatetime, BaseModel
from sqlalchemy import Connection
from temporalio import activity

from activities.failures import sorted_failures
from activities.mails import write_mail
from gateways.carrier.protocol import Carrier, LabelOrder, Loss
from gateways.database import ledger, returns
from gateways.database.engine import Database
from gateways.database.lookup import keep_codes
from gateways.errors import Declined
from lifecycle.policy import Shop
from lifecycle.request import ReturnRequest


class LabelInput(BaseModel):
    """The step's name is its idempotency key, together with the return's id."""

    return_id: str
    step: str
    now: AwareDatetime


class BoughtLabel(BaseModel):
    """What the workflow keeps of a label."""

    tracking_code: str
    label_url: str


class VoidInput(BaseModel):
    """``label_step`` is the step that bought the label; one with the tracking code ``keep`` stays valid."""

    return_id: str
    step: str
    label_step: str
    keep: str | None = None
    now: AwareDatetime


class LossInput(BaseModel):
    """A parcel that the carrier says it has lost; ``amount`` in minor units."""

    return_id: str
    step: str
    tracking_code: str
    amount: int
    currency: str
    now: AwareDatetime


class CarrierActivities:
    """One effect each, on the carrier."""

    def __init__(
        self,
        database: Database,
        carrier: Carrier,
        shop: Callable[[], Shop],
        give_up_after: timedelta | None = None,
    ) -> None:
        self._database = database
        self._carrier = carrier
        self._shop = shop
        self._give_up_after = give_up_after

    @activity.defn
    async def buy_return_label(self, given: LabelInput) -> BoughtLabel:
        """Buy one label and write the mail that brings it to the customer.

        The carrier is given the key, so a try after a lost answer gets the same label.
        """
        with sorted_failures("carrier", self._give_up_after):
            done, request = await self._database.read(lambda connection: _known(connection, given))
            if done is None:
                done = await self._buy(given, request)
            return BoughtLabel.model_validate(done)

    async def _buy(self, given: LabelInput, request: ReturnRequest) -> dict[str, object]:
        shop = self._shop()
        order = LabelOrder(return_id=given.return_id, sender=request.order.customer, to=shop.return_address)
        label = await self._carrier.buy_return_label(order, ledger.key(given.return_id, given.step))
        bought = BoughtLabel(tracking_code=label.tracking_code, label_url=label.label_url)

        def apply(connection: Connection) -> dict[str, object]:
            write_mail(
                connection,
                request,
                shop,
                return_id=given.return_id,
                step=given.step,
                template="label_sent",
                at=given.now,
                label_of=bought.tracking_code,
                tracking_code=bought.tracking_code,
            )
            keep_codes(connection, "parcel", [bought.tracking_code], given.return_id)
            return bought.model_dump()

        effect = ledger.Effect(given.return_id, given.step, {})
        return await ledger.once(self._database, effect, apply, given.now)

    @activity.defn
    async def void_label(self, given: VoidInput) -> bool:
        """Void the label that a step bought, if it bought one; true when there is none left to use.

        A label that the carrier has seen in use is used up as well.
        """
        with sorted_failures("carrier", self._give_up_after):
            try:
                await self._carrier.void_label(ledger.key(given.return_id, given.label_step), given.keep)
            except Declined as error:
                if error.code != "already_used":
                    raise

            def apply(_: Connection) -> dict[str, object]:
                return {"voided": given.label_step}

            effect = ledger.Effect(given.return_id, given.step, {"label_step": given.label_step})
            await ledger.once(self._database, effect, apply, given.now)
            return True

    @activity.defn
    async def file_claim(self, given: LossInput) -> str:
        """Claim the loss from the carrier, once; gives the claim's id."""
        with sorted_failures("carrier", self._give_up_after):
            loss = Loss(given.tracking_code, given.amount, given.currency)
            claim = await self._carrier.file_claim(loss, ledger.key(given.return_id, given.step))
            request = {"tracking_code": given.tracking_code, "amount": given.amount}
            effect = ledger.Effect(given.return_id, given.step, request)
            kept = await ledger.once(self._database, effect, lambda _: {"claim": claim}, given.now)
            return str(kept["claim"])


def _known(connection: Connection, given: LabelInput) -> tuple[dict[str, object] | None, ReturnRequest]:
    """What came of the step before, and whose return it is."""
    return ledger.find_in(connection, given.return_id, given.step), returns.request_in(connection, given.return_id)
