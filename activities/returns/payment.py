"""Money back: one refund to one tender, and asking after one that is pending."""

from collections.abc import Callable
from dataclasses import replace

from pydantic import BaseModel, Field
from sqlalchemy import Connection
from temporalio import activity

from activities.shared.effects import AtPartner, Effects, StepInput
from activities.shared.errors import application_errors
from activities.shared.metrics import REFUNDED
from activities.shared.return_mails import write_mail
from gateways.database import ledger
from gateways.database.engine import Database
from gateways.database.figures import facts
from gateways.database.lookup import keep_codes
from gateways.database.orders import order_money
from gateways.database.returns import records
from gateways.errors import Declined
from gateways.payment.protocol import Payments, Refund, RefundOrder
from lifecycle.contract.messages import PaymentStatus
from lifecycle.contract.policy import Shop
from lifecycle.figures.facts import FactName, refunded
from lifecycle.returns.order_money import OrderMoney
from lifecycle.returns.settlement.itemized import Itemized
from lifecycle.returns.settlement.statement import Statement


class PaymentInput(StepInput):
    """``amount`` in minor units; ``total`` is the whole settlement's, set on the last payment of it.

    The customer's mail is written with that last one.
    """

    amount: int
    currency: str
    total: int | None = None
    #: The customer keeps what they are paid for.
    kept: bool = Field(default=False, exclude_if=lambda kept: not kept)
    #: What the return goes on to hold of its order's money, where that is less than before.
    held: OrderMoney | None = Field(default=None, exclude_if=lambda held: held is None)
    #: Units that are back for good, and that no stock booking reports.
    back: list[str] | None = Field(default=None, exclude_if=lambda back: back is None)
    #: What the settlement leaves out, for the mail.
    statement: Statement | None = Field(default=None, exclude_if=lambda statement: statement is None)


class RefundInput(PaymentInput):
    """What goes to one tender."""

    tender_id: str
    reference: str | None
    captured: int
    refunded: int
    #: The provider's reference of a refund that failed after its answer.
    replaces: str | None = Field(default=None, exclude_if=lambda reference: reference is None)
    #: What is paid for, where a provider asks for that.
    itemized: Itemized | None = Field(default=None, exclude_if=lambda settlement: settlement is None)


class RefundAnswer(BaseModel):
    """``told``: the customer's mail was written together with this refund."""

    reference: str
    status: PaymentStatus
    #: What was paid: less than was asked for where the tender held less.
    amount: int
    told: bool = False


class CheckRefundInput(BaseModel):
    """A refund to ask after, by the provider's own reference."""

    return_id: str
    reference: str


class PaymentActivities:
    """One effect, on the payment provider."""

    def __init__(self, database: Database, payments: Payments, shop: Callable[[], Shop]) -> None:
        self._effects = Effects(database, "payment")
        self._payments = payments
        self._shop = shop

    @activity.defn
    async def refund(self, given: RefundInput) -> RefundAnswer:
        """Pay once, whatever happens on the way; of what the tender still holds at most."""
        booked: list[Refund] = []
        done = await self._effects.at_partner(given, self._refunding(given, booked))
        _count(given, booked)
        if not done:  # nothing was done, so nothing is kept: asked again, it may hold something
            return RefundAnswer(reference="", status=PaymentStatus.SUCCEEDED, amount=0)
        return RefundAnswer.model_validate(done)

    @activity.defn
    async def find_refund(self, given: RefundInput) -> RefundAnswer | None:
        """What came of a refund whose answer never came, by the ledger or else the provider; None for nothing."""
        booked: list[Refund] = []
        found = await self._effects.find_at_partner(given, self._refunding(given, booked))
        _count(given, booked)
        return RefundAnswer.model_validate(found) if found else None

    def _refunding(self, given: RefundInput, booked: list[Refund]) -> AtPartner[Refund]:
        """The effect; what it books is added to ``booked``."""
        order = _order(given)

        def record(connection: Connection, refund: Refund) -> ledger.Result:
            booked.append(refund)
            return self._record(connection, given, refund)

        return AtPartner(
            asked={"tender_id": given.tender_id, "amount": given.amount, "currency": given.currency},
            begin=lambda connection: keep_claims(connection, given),
            ask=lambda key: self._payments.find_refund(order, key),
            do=lambda key: self._pay(order, key),
            record=record,
        )

    async def _pay(self, order: RefundOrder, key: str) -> Refund | None:
        """The refund, of what the tender still holds at most; None when it holds nothing."""
        try:
            return await self._payments.refund(order, key)
        except Declined as error:
            if error.code != "amount_too_large":
                raise
        held = await self._payments.held(order)
        # Asked after what is held, not before: it may be less because of this very refund, made a moment ago.
        found = await self._payments.find_refund(order, key)
        if found is not None or held <= 0:
            return found
        return await self._payments.refund(replace(order, amount=min(held, order.amount)), key)

    def _record(self, connection: Connection, given: RefundInput, refund: Refund) -> ledger.Result:
        status = PaymentStatus(refund.status)
        _keep_figures(connection, given, refund)
        whole = refund.amount == given.amount
        tell = given.total is not None and status is PaymentStatus.SUCCEEDED and whole
        if tell:
            values = {"amount": given.total, "kept": given.kept, "statement": given.statement}
            write_mail(connection, given, self._shop(), "refunded", values)
        keep_codes(connection, "refund", [refund.reference], given.return_id)
        answer = RefundAnswer(reference=refund.reference, status=status, amount=refund.amount, told=tell)
        return answer.model_dump(mode="json")

    @activity.defn
    async def check_refund(self, given: CheckRefundInput) -> PaymentStatus:
        """The status of a pending refund."""
        with application_errors("payment"):
            refund = await self._payments.refund_status(given.reference)
            return PaymentStatus(refund.status)


def _keep_figures(connection: Connection, given: RefundInput, refund: Refund) -> None:
    if given.replaces:
        facts.drop(connection, given.return_id, FactName.MONEY, [given.replaces])
    if refund.status != "failed":
        made = refunded(refund.reference, given.now, refund.amount, given.currency)
        facts.of_return(connection, given.return_id, [made])


def _count(given: RefundInput, booked: list[Refund]) -> None:
    """Count the refund that was booked now, once, however often its transaction was tried."""
    for refund in booked[-1:]:
        REFUNDED.labels(given.currency).inc(refund.amount)


def keep_claims(connection: Connection, given: PaymentInput) -> None:
    """What is paid is given of the order's money, and what it is paid for is back."""
    order_money.give(connection, given.return_id, given.held)
    records.mark_back(connection, given.return_id, dict.fromkeys(given.back or [], True))


def _order(given: RefundInput) -> RefundOrder:
    return RefundOrder(
        return_id=given.return_id,
        step=given.step,
        tender_id=given.tender_id,
        tender_reference=given.reference or f"{given.return_id}/{given.tender_id}",
        amount=given.amount,
        currency=given.currency,
        captured=given.captured,
        refunded=given.refunded,
        replaces=given.replaces,
        itemized=given.itemized,
    )
