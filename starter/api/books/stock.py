"""What is on Homeward's own shelves: shown, filled, and let go of."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from gateways.database.stock.inventory import add_stock, balances, balances_after
from lifecycle.contract.messages import By
from lifecycle.contract.texts import Identifier, LongLine
from starter.api.shared.api_keys import CallerDep, authenticate
from starter.api.shared.bodies import Body, answers, json_of
from starter.api.shared.idempotency import Repeats
from starter.api.shared.problems import ALWAYS, INVALID, KEY_REUSED, NOT_ALLOWED, NOT_FOUND, OF_A_BODY
from starter.shared.books.stock import release_reservation
from starter.shared.services import ServicesDep

router = APIRouter(prefix="/v1/stock", tags=["stock"])


class StockQuery(BaseModel):
    """Which articles: one, or so many from where the page before ended."""

    model_config = ConfigDict(extra="forbid")

    sku: Annotated[Identifier | None, Field(description="This one alone.", examples=["SHOE-42"])] = None
    limit: Annotated[int, Field(ge=1, le=500, description="How many SKUs a page has.")] = 100
    cursor: Annotated[Identifier | None, Field(description="The `next_cursor` of the page before.")] = None


class Shelf(BaseModel):
    """One balance: what is ``on_hand``, and how much of it is ``reserved``; ``grade`` is empty until inspected.

    What can be sold is of grade A and not reserved.
    """

    sku: str
    location: str
    grade: str
    on_hand: int
    reserved: int


class Shelves(BaseModel):
    """Balances by SKU, location and grade; null as ``next_cursor`` at the end."""

    stock: list[Shelf]
    next_cursor: str | None


class AddStock(BaseModel):
    """New units that came from elsewhere, such as a delivery; they lie at `main`, as grade A."""

    by: By
    sku: Annotated[Identifier, Field(examples=["SHOE-42"])]
    quantity: Annotated[int, Field(strict=True, ge=1, le=1_000_000)]


class ReleaseReservation(BaseModel):
    """Let go of what was set aside for a return that has ended; ``key`` is the reservation's."""

    by: By
    key: Annotated[LongLine, Field(min_length=1, max_length=300)]


_SHELVES: Final[dict[str, Any]] = {
    "stock": [{"sku": "SHOE-42", "location": "main", "grade": "A", "on_hand": 12, "reserved": 1}],
    "next_cursor": None,
}
_ADD: Final = Body(AddStock, {"by": "goods in", "sku": "SHOE-42", "quantity": 10})
_RELEASE: Final = Body(ReleaseReservation, {"by": "alex", "key": "return-R-1001/reserve"})


@router.get(
    "",
    summary="Show what is on the shelves",
    **answers(Shelves, _SHELVES, "By SKU, location and grade.", *ALWAYS, INVALID),
    dependencies=[Depends(authenticate)],
)
async def list_stock(wishes: Annotated[StockQuery, Query()], services: ServicesDep) -> Response:
    """What Homeward's own books say; an article that never was here has no row."""
    if wishes.sku is not None:
        return json_of(_page(await balances(services.db, wishes.sku), None))
    rows = await balances_after(services.db, wishes.cursor or "", wishes.limit + 1)
    skus = list(dict.fromkeys(row["sku"] for row in rows))
    if len(skus) <= wishes.limit:
        return json_of(_page(rows, None))
    return json_of(_page([row for row in rows if row["sku"] != skus[-1]], skus[-2]))


@router.post(
    "/add",
    summary="Put new units on the shelf",
    **answers(Shelves, _SHELVES, "What there is of it now.", *ALWAYS, *OF_A_BODY, KEY_REUSED, body=_ADD),
)
async def add_to_stock(
    caller: CallerDep, message: Annotated[AddStock, Depends(_ADD)], repeats: Repeats, services: ServicesDep
) -> Response:
    """A delivery, or a count that found more. Repeat it with the same `Idempotency-Key`."""
    act_id = await repeats.act_id(services, caller, message)
    by = caller.signs(message).by
    await add_stock(services.db, message.sku, message.quantity, by=by, request_id=act_id)
    return json_of(_page(await balances(services.db, message.sku), None))


@router.post(
    "/release",
    summary="Release a reservation",
    **answers(
        ReleaseReservation,
        {"by": "alex", "key": "return-R-1001/reserve"},
        "It is released.",
        *(*ALWAYS, *OF_A_BODY, NOT_FOUND, NOT_ALLOWED),
        body=_RELEASE,
    ),
)
async def release_stock(
    caller: CallerDep, message: Annotated[ReleaseReservation, Depends(_RELEASE)], services: ServicesDep
) -> Response:
    """Of a return that has ended, and left it behind; an open return keeps its own. Again, nothing is done."""
    signed = caller.signs(message)
    await release_reservation(services.db, message.key, signed.by)
    return json_of(signed)


def _page(rows: list[dict[str, Any]], cursor: str | None) -> Shelves:
    return Shelves(stock=[Shelf.model_validate(row) for row in rows], next_cursor=cursor)
