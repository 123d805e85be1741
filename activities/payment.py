"""Money back: one refund to one tender, and asking after one that is pending."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from pydantic import AwareDatetime, BaseModel
from sqlalchemy import Connection
from temporalio import activity

from activities.failures import sorted_failures
from activities.mails import write_mail
from gateways.database import ledger, returns
from gateways.database.engine import Database
from gateways.payment.protocol import Payments, Refund, RefundOrder
from lifecycle.messages import PaymentStatus
from lifecycle.policy import Shop


class RefundInput(BaseModel):
    """``amount`` goes to one tender; ``total`` is the whole settlement's, set on the last refund of it.

    The mail that tells the customer is written with that last one.
    """

    return_id: str
    step: str
    tender_id: str
    reference: str | None
    amount: int
    currency: str
    captured: int
    refunded: int
    now: AwareDatetime
    total: int | None = None
    #: The customer keeps what they are paid for.
    kept: bool = False
    #: The provider's reference of a refund that failed after its answer.
    replaces: str | None = None


class RefundAnswer(BaseModel):
    """``told``: the customer's mail was written together with this refund."""

    reference: str
    status: PaymentStatus
    #: What was paid: less than was asked for where the tender held less.
    amount: int
    told: bool = False


class AskInput(BaseModel):
    """A refund to ask after, by the provider's own reference."""

    return_id: str
    reference: str


class PaymentActivities:
    """One effect each, on the payment provider."""

    def __init__(
        self,
        database: Database,
        payments: Payments,
        shop: Callable[[], Shop],
        give_up_after: timedelta | None = None,
    ) -> None:
        self._database = database
        self._payments = payments
        self._shop = shop
        self._give_up_after = give_up_after

    @activity.defn
    async def refund(self, given: RefundInput) -> RefundAnswer:
        """Pay once, whatever happens on the way: the ledger first, then the provider, then pay."""
        with sorted_failures("payment", self._give_up_after):
            done = await ledger.find(self._database, given.return_id, given.step)
            if done is None:
                refund = await self._pay(given)
                if refund is None:  # nothing was done, so nothing is kept: asked again, it may hold something
                    return RefundAnswer(reference="", status=PaymentStatus.SUCCEEDED, amount=0)
                done = await self._record(given, refund)
            return RefundAnswer.model_validate(done)

    @activity.defn
    async def find_refund(self, given: RefundInput) -> RefundAnswer | None:
        """What came of a refund whose answer never came: the provider knows; null when there is none."""
        with sorted_failures("payment", self._give_up_after):
            refund = await self._payments.find_refund(_order(given), ledger.key(given.return_id, given.step))
            return RefundAnswer.model_validate(await self._record(given, refund)) if refund else None

    async def _pay(self, given: RefundInput) -> Refund | None:
        """The refund, of what the tender still holds at most; null when that is nothing."""
        """The refund, of what the tender still holds at most; null when that is nothing."""
        key = ledger.key(given.return_id, given.step)
        order = _order(given)
        if activity.info().attempt > 1:
            found = await self._payments.find_refund(order, key)
            if found is not None:
                return found
        held = await self._payments.held(order)
        if held <= 0:
            return None
        return await self._payments.refund(replace(order, amount=min(held, given.amount)), key)

    async def _record(self, given: RefundInput, refund: Refund) -> dict[str, object]:
        status = PaymentStatus(refund.status)
        whole = refund.amount == given.amount
        tell = given.total is not None and status is PaymentStatus.SUCCEEDED and whole
        answer = RefundAnswer(reference=refund.reference, status=status, amount=refund.amount, told=tell)

        def apply(connection: Connection) -> dict[str, object]:
            if tell:
                write_mail(
                    connection,
                    returns.request_in(connection, given.return_id),
                    self._shop(),
                    return_id=given.return_id,
                    step=given.step,
                    template="refunded",
                    at=given.now,
                    amount=given.total,
                    kept=given.kept,
                )
            return answer.model_dump(mode="json")

        request = {"tender_id": given.tender_id, "amount": given.amount, "currency": given.currency}
        effect = ledger.Effect(given.return_id, given.step, request)
        return await ledger.once(self._database, effect, apply, given.now)

    @activity.defn
    async def check_refund(self, given: AskInput) -> PaymentStatus:
        """What has become of a pending refund."""
        with sorted_failures("payment", self._give_up_after):
            refund = await self._payments.refund_status(given.reference)
            return PaymentStatus(refund.status)


def _order(given: RefundInput) -> RefundOrder:
    return RefundOrder(
        return_id=given.return_id,
        step=given.step,
        tender_reference=given.reference or f"{given.return_id}/{given.tender_id}",
        amount=given.amount,
        currency=given.currency,
        captured=given.captured,
        refunded=given.refunded,
        replaces=given.replaces,
    )
