"""Store credit, as the command line and the API show it, spend it, put it back and take it back."""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field
from pydantic_core import PydanticCustomError

from gateways.database import store_credit
from gateways.database.engine import Database
from gateways.database.store_credit import Act
from lifecycle.contract.errors import InvalidRequest
from lifecycle.contract.messages import By
from lifecycle.contract.money import is_currency
from lifecycle.contract.order_ids import order_key
from lifecycle.contract.orders.customer import id_of
from lifecycle.contract.texts import Identifier, Text


def _known_currency(code: str) -> str:
    if not is_currency(code):
        raise PydanticCustomError("credit", "expected an ISO 4217 code such as USD")
    return code


CustomerId = Annotated[
    Identifier,
    AfterValidator(id_of),
    Field(
        description="The customer's id; `guest:` and the mail address for one who bought without.", examples=["C-77"]
    ),
]
_Money = Annotated[int, Field(strict=True, ge=1, le=10**12, description="In the currency's minor unit.")]
_Currency = Annotated[str, AfterValidator(_known_currency), Field(description="ISO 4217.", examples=["USD"])]
_OrderId = Annotated[Identifier, Field(description="The order that is paid with it, or was.", examples=["SO-9"])]


class Balance(BaseModel):
    """What can be spent in one currency; ``expires_at`` is when the first part of it ends, null when none does."""

    currency: str
    amount: int
    expires_at: AwareDatetime | None


class Entry(BaseModel):
    """One change of one credit: ``kind`` is issue, bonus, spend, give_back or take_back, ``amount`` is signed.

    ``expires_at`` is when that credit ends; ``by`` and ``why`` are null for what a return gave.
    """

    at: AwareDatetime
    kind: str
    currency: str
    amount: int
    credit_id: str
    return_id: str | None
    order_id: str | None
    expires_at: AwareDatetime | None
    by: str | None
    why: str | None


class Statement(BaseModel):
    """A customer's store credit: what can be spent, and every entry that led there, the oldest first."""

    customer_id: str
    balance: list[Balance]
    entries: list[Entry]


class SpendCredit(BaseModel):
    """The checkout, or an operator, pays so much of an order with a customer's store credit."""

    by: By
    customer_id: CustomerId
    order_id: _OrderId
    amount: _Money
    currency: _Currency


class GiveBackCredit(BaseModel):
    """An order that was paid with store credit came to nothing."""

    by: By
    customer_id: CustomerId
    order_id: _OrderId


class TakeBackCredit(BaseModel):
    """A credit was given in error: ``amount`` of it, or what is left, is taken back."""

    by: By
    why: Text
    customer_id: CustomerId
    credit_id: Annotated[Identifier, Field(examples=["sc_5f3a9c"])]
    amount: _Money


async def statement_of(db: Database, customer_id: str) -> Statement:
    """What a customer has; one who is not known has none. Raises ``Unavailable``."""
    found: dict[str, Any] = {
        "customer_id": customer_id,
        "balance": await store_credit.balance(db, customer_id, datetime.now(UTC)),
        "entries": await store_credit.entries_of(db, customer_id),
    }
    return Statement.model_validate(found)


async def spend(db: Database, said: SpendCredit) -> Statement:
    """Pay of an order, once for each, however it is spelt; raises ``Declined`` as ``store_credit.spend`` does."""
    await store_credit.spend(
        db,
        key=_key(order_key(said.order_id)),
        former_key=_key(said.order_id),
        customer_id=said.customer_id,
        currency=said.currency,
        amount=said.amount,
        at=datetime.now(UTC),
        order_id=said.order_id,
        act=Act(said.by),
    )
    return await statement_of(db, said.customer_id)


async def give_back(db: Database, said: GiveBackCredit) -> Statement:
    """Put back what was spent on an order, once; raises ``Declined`` (``not_found``)."""
    await store_credit.give_back(
        db,
        customer_id=said.customer_id,
        spend_key=_key(order_key(said.order_id)),
        former_key=_key(said.order_id),
        at=datetime.now(UTC),
        act=Act(said.by),
    )
    return await statement_of(db, said.customer_id)


async def take_back(db: Database, said: TakeBackCredit, request_id: str) -> Statement:
    """Take of one credit back, once for each ``request_id``; raises ``InvalidRequest`` for one of somebody else."""
    if said.credit_id not in {entry["credit_id"] for entry in await store_credit.entries_of(db, said.customer_id)}:
        raise InvalidRequest([("credit_id", f"{said.customer_id} has no credit {said.credit_id}")])
    await db.write(
        lambda connection: store_credit.take_back(
            connection,
            key=f"take-back-{request_id}",
            credit_id=said.credit_id,
            amount=said.amount,
            at=datetime.now(UTC),
            act=Act(said.by, said.why),
        )
    )
    return await statement_of(db, said.customer_id)


def _key(order_id: str) -> str:
    """With the id as it was given the key was made before; with what all its spellings have in common it is made."""
    return f"order-{order_id}/store_credit"
