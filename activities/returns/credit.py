"""Store credit: money that stays with the shop, in its own ledger."""

from collections.abc import Callable
from typing import Any

from pydantic import AwareDatetime
from sqlalchemy import Connection
from temporalio import activity

from activities.returns.payment import PaymentInput, RefundAnswer, keep_claims
from activities.shared.effects import Effects
from activities.shared.errors import application_errors
from activities.shared.return_mails import write_mail
from gateways.database import ledger, store_credit
from gateways.database.engine import Database
from gateways.database.figures import facts
from gateways.database.returns import records
from lifecycle.contract.messages import PaymentStatus
from lifecycle.contract.policy import Shop
from lifecycle.figures.facts import credited


class CreditInput(PaymentInput):
    """``bonus`` is the part of ``amount`` that is given on top."""

    bonus: int
    expires_at: AwareDatetime | None


class CreditActivities:
    """One effect: credit given to a customer."""

    def __init__(self, database: Database, shop: Callable[[], Shop]) -> None:
        self._database = database
        self._effects = Effects(database, "records")
        self._shop = shop

    @activity.defn
    async def give_store_credit(self, given: CreditInput) -> RefundAnswer:
        """Give it once, whatever happens on the way; the reference is the credit's id."""
        asked = {"amount": given.amount, "currency": given.currency}
        done = await self._effects.in_database(given, asked, lambda connection: self._give(connection, given))
        return RefundAnswer.model_validate(done)

    def _give(self, connection: Connection, given: CreditInput) -> ledger.Result:
        request = records.request_in(connection, given.return_id)
        keep_claims(connection, given)
        credit_id = store_credit.issue(
            connection,
            key=ledger.key(given.return_id, given.step),
            customer_id=request.order.customer.customer_id,
            currency=given.currency,
            amount=given.amount - given.bonus,
            bonus=given.bonus,
            return_id=given.return_id,
            at=given.now,
            expires_at=given.expires_at,
        )
        counted = credited(credit_id, given.now, given.amount, given.bonus, given.currency)
        facts.of_return(connection, given.return_id, counted)
        if given.total is not None:
            write_mail(connection, given, self._shop(), "credited", _mailed(given, given.total))
        told = given.total is not None
        answer = RefundAnswer(reference=credit_id, status=PaymentStatus.SUCCEEDED, amount=given.amount, told=told)
        return answer.model_dump(mode="json")

    @activity.defn
    async def find_store_credit(self, given: CreditInput) -> RefundAnswer | None:
        """What the ledger knows of it; None when it was not given."""
        with application_errors("records"):
            done = await ledger.find(self._database, given.return_id, given.step)
            return RefundAnswer.model_validate(done) if done else None


def _mailed(given: CreditInput, total: int) -> dict[str, Any]:
    return {
        "amount": given.amount,
        "rest": total - given.amount,
        "kept": given.kept,
        "statement": given.statement,
        "expires": given.expires_at.isoformat() if given.expires_at else None,
    }
