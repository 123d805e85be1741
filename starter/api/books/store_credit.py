"""Store credit: the shop's checkout looks at it, pays with it, and puts it back."""

from collections.abc import Awaitable
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, ConfigDict

from gateways.errors import Declined
from starter.api.shared.api_keys import CallerDep, authenticate
from starter.api.shared.bodies import Body, answers, json_of
from starter.api.shared.idempotency import Repeats
from starter.api.shared.problems import (
    ALWAYS,
    INSUFFICIENT_CREDIT,
    INVALID,
    KEY_REUSED,
    NOT_ALLOWED,
    NOT_FOUND,
    OF_A_BODY,
    Failure,
    Kind,
)
from starter.shared.books import store_credit
from starter.shared.books.store_credit import (
    CustomerId,
    GiveBackCredit,
    SpendCredit,
    Statement,
    TakeBackCredit,
    statement_of,
)
from starter.shared.services import ServicesDep

router = APIRouter(prefix="/v1/store-credit", tags=["store credit"])


class CreditQuery(BaseModel):
    """Whose."""

    model_config = ConfigDict(extra="forbid")

    customer_id: CustomerId


_SPENT: Final[dict[str, Any]] = {
    "at": "2026-11-28T10:00:00Z",
    "kind": "spend",
    "currency": "USD",
    "amount": -1400,
    "credit_id": "sc_5f3a9c",
    "return_id": None,
    "order_id": "SO-9",
    "expires_at": "2027-11-24T15:04:05Z",
    "by": "checkout",
    "why": None,
}
_GIVEN: Final[dict[str, Any]] = _SPENT | {
    "at": "2026-11-24T15:04:05Z",
    "kind": "issue",
    "amount": 4400,
    "return_id": "R-1001",
    "order_id": None,
    "by": None,
}
_STATEMENT: Final[dict[str, Any]] = {
    "customer_id": "C-77",
    "balance": [{"currency": "USD", "amount": 3000, "expires_at": "2027-11-24T15:04:05Z"}],
    "entries": [_GIVEN, _SPENT],
}
_OF_AN_ORDER: Final = {"by": "checkout", "customer_id": "C-77", "order_id": "SO-9"}
_SPEND: Final = Body(SpendCredit, _OF_AN_ORDER | {"amount": 1400, "currency": "USD"})
_GIVE_BACK: Final = Body(GiveBackCredit, _OF_AN_ORDER)
_TAKE_BACK: Final = Body(
    TakeBackCredit,
    {"by": "alex", "why": "given twice", "customer_id": "C-77", "credit_id": "sc_5f3a9c", "amount": 500},
)
#: What a refusal of the ledger is called; any other one is ``NOT_ALLOWED``.
_REFUSALS: Final = {"insufficient_credit": INSUFFICIENT_CREDIT, "not_found": NOT_FOUND}


def _changes(body: Body[Any], *problems: Kind) -> dict[str, Any]:
    told = "What the customer has now."
    return answers(Statement, _STATEMENT, told, *ALWAYS, *OF_A_BODY, *problems, body=body)


@router.get(
    "",
    summary="Show a customer's store credit",
    **answers(Statement, _STATEMENT, "What can be spent, and how it came about.", *ALWAYS, INVALID),
    dependencies=[Depends(authenticate)],
)
async def show_store_credit(wishes: Annotated[CreditQuery, Query()], services: ServicesDep) -> Response:
    """The balance by currency, and every entry. A customer of whom nothing is known has none."""
    return json_of(await statement_of(services.db, wishes.customer_id))


@router.post(
    "/spend",
    summary="Pay of an order with store credit",
    **_changes(_SPEND, INSUFFICIENT_CREDIT, NOT_ALLOWED),
)
async def spend_store_credit(
    caller: CallerDep, message: Annotated[SpendCredit, Depends(_SPEND)], services: ServicesDep
) -> Response:
    """Once for each order, the part that ends soonest first, all or nothing.

    The same again changes nothing; another amount for the same order is refused, and so is an order whose payment
    was put back.
    """
    return await _told(store_credit.spend(services.db, caller.signs(message)))


@router.post(
    "/give-back",
    summary="Put back what was spent on an order",
    **_changes(_GIVE_BACK, NOT_FOUND, NOT_ALLOWED),
)
async def give_back_store_credit(
    caller: CallerDep, message: Annotated[GiveBackCredit, Depends(_GIVE_BACK)], services: ServicesDep
) -> Response:
    """For an order that came to nothing: all that it was paid with, once; what has ended meanwhile stays ended."""
    return await _told(store_credit.give_back(services.db, caller.signs(message)))


@router.post(
    "/take-back",
    summary="Take back store credit that was given in error",
    **_changes(_TAKE_BACK, KEY_REUSED),
)
async def take_back_store_credit(
    caller: CallerDep, message: Annotated[TakeBackCredit, Depends(_TAKE_BACK)], repeats: Repeats, services: ServicesDep
) -> Response:
    """So much of one credit, or what is left of it. Repeat it with the same `Idempotency-Key`."""
    act_id = await repeats.act_id(services, caller, message)
    return await _told(store_credit.take_back(services.db, caller.signs(message), act_id))


async def _told(done: Awaitable[Statement]) -> Response:
    try:
        return json_of(await done)
    except Declined as error:
        raise Failure(_REFUSALS.get(error.code, NOT_ALLOWED), str(error)) from None
