"""Starting returns, and looking at them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from structlog.contextvars import bind_contextvars

from client.answers import Source
from client.errors import NotSetUp, Unreachable
from client.ids import new_return_id
from client.list_rows import Listed, ListFilter
from lifecycle.contract.request import Method, NamedRequest, Reason, ReturnRequest
from lifecycle.contract.resolutions import Resolution
from lifecycle.contract.statuses import Status
from lifecycle.contract.texts import Identifier, Words
from lifecycle.contract.times import Instant
from lifecycle.contract.view import Summary
from lifecycle.shared.listing import Sort
from starter.api.returns.known_orders import parse_start, request_of
from starter.api.returns.whole_view import View, whole_view
from starter.api.shared import examples
from starter.api.shared.api_keys import CallerDep, authenticate, spend
from starter.api.shared.bodies import Body, answers, json_of, shown
from starter.api.shared.cursors import Cursors
from starter.api.shared.idempotency import Repeats
from starter.api.shared.problems import (
    ALWAYS,
    INVALID,
    KEY_REUSED,
    NOT_FOUND,
    OF_A_BODY,
    ORPHANED,
    OTHER_REQUEST,
    Failure,
    failure_of,
    problem_responses,
)
from starter.shared.services import Services, ServicesDep

router = APIRouter(prefix="/v1/returns", tags=["returns"])

#: Any text: one that no return can have is unknown, as any other.
ReturnId = Annotated[str, Path(examples=[examples.RETURN_ID])]
#: Says where a view comes from, see ``Source``.
SOURCE = "Homeward-View"


class Page(BaseModel):
    """Some returns, and the ``cursor`` of what comes after; null at the end."""

    returns: list[Listed]
    next_cursor: str | None


class ListQuery(BaseModel):
    """Which returns to list, and how many at once."""

    model_config = ConfigDict(extra="forbid")

    status: Annotated[list[Status], Field(description="One of these; may be repeated.", max_length=len(Status))] = []
    order_id: Annotated[Identifier | None, Field(description="Of this order, however its id is spelt.")] = None
    customer_id: Annotated[Identifier | None, Field(description="Of this customer of the shop's.")] = None
    updated_since: Annotated[
        Instant | None,
        Field(
            description="Something was recorded of it then or later. Then, and with the sort `updated`, the one whose "
            "last change is longest ago comes first, so that who follows changes goes on from the last `updated_at`.",
            examples=["2026-11-20T00:00:00Z"],
        ),
    ] = None
    escalated: Annotated[bool | None, Field(description="Whether it is past its target.")] = None
    attention: Annotated[bool | None, Field(description="Whether a step waits for an operator.")] = None
    due_before: Annotated[
        Instant | None,
        Field(description="Open, not settled, and promised before that.", examples=["2026-11-20T00:00:00Z"]),
    ] = None
    q: Annotated[
        Words | None,
        Field(
            description="Words of the customer's name or mail address, the order, a SKU, each from its beginning; or a "
            "tracking code or serial number. A misspelt name finds the like.",
            examples=["jane"],
        ),
    ] = None
    resolution: Resolution | None = None
    method: Method | None = None
    reason: Reason | None = None
    country: Annotated[str | None, Field(pattern=r"^[A-Z]{2}$", description="Where the customer lives.")] = None
    opened_from: Annotated[Instant | None, Field(description="Started then or later.")] = None
    opened_before: Annotated[Instant | None, Field(description="Started before that.")] = None
    sort: Annotated[
        Sort | None,
        Field(
            description="By when they were started, by what the goods cost, or by their last change. "
            "`newest`, and with `updated_since` `updated`, where it is left out."
        ),
    ] = None
    limit: Annotated[int, Field(ge=1, le=1000)] = 100
    cursor: Annotated[str | None, Field(max_length=4000, description="The `next_cursor` of the page before.")] = None

    @property
    def list_filter(self) -> ListFilter:
        """What to search for."""
        given = self.model_dump(exclude={"q", "status", "sort", "limit", "cursor"})
        sort = self.sort or (Sort.UPDATED if self.updated_since else Sort.NEWEST)
        statuses = tuple(dict.fromkeys(self.status))
        return ListFilter(**given, sort=sort, statuses=statuses, text=self.q)


_START = Body(ReturnRequest, examples.START, parse_start, NamedRequest)


@router.post(
    "",
    summary="Start a return",
    **answers(
        Summary,
        examples.SUMMARY,
        "The policy has decided; `Location` is the return's address.",
        *(*ALWAYS, *OF_A_BODY, ORPHANED, OTHER_REQUEST, KEY_REUSED),
        body=_START,
        creates=True,
    ),
)
async def start_return(
    sent: Request,
    caller: CallerDep,
    asked: Annotated[ReturnRequest, Depends(_START)],
    repeats: Repeats,
    services: ServicesDep,
) -> Response:
    """Start a return, and wait for the policy's decision.

    The same `return_id`, or the same `Idempotency-Key`, again gives the same return: after a
    time-out, from many callers at once, and long after it has closed.

    The `order` is one that the shop knows: its `order_id` alone, or all of it, which then has to be as
    the shop knows it. A key with `vouch` may bring any other, whose payments no other order has used.
    """
    return_id = await repeats.return_id(services, caller, asked, asked.return_id or new_return_id())
    bind_contextvars(return_id=return_id)
    request = await request_of(services, caller, asked, return_id)
    await spend(sent, caller, request.order.units)
    try:
        async with services.admission.turn() as waited:
            started = await services.homeward.start(request.model_copy(update={"return_id": return_id}), waited)
    except NotSetUp:
        raise
    except Unreachable as error:
        # Whoever repeats it without an id of their own would start a second one.
        failure = failure_of(error)
        detail = f"{error}; a start may have happened, and repeated with this return_id it finds the return"
        raise Failure(failure.kind, detail, return_id=return_id) from None
    return json_of(started.summary, 201 if started.created else 200, {"Location": f"/v1/returns/{return_id}"})


@router.get(
    "",
    summary="List returns",
    **answers(Page, examples.PAGE, "A page, the newest first.", *ALWAYS, INVALID),
    dependencies=[Depends(authenticate)],
)
async def list_returns(wishes: Annotated[ListQuery, Query()], services: ServicesDep) -> Response:
    """List returns, the newest first unless sorted, a moment behind.

    A page may hold fewer than `limit`; a page without a `next_cursor` is the last.
    """
    wanted = wishes.list_filter
    cursors = await Cursors.of(services.db, wanted)
    page = await services.homeward.page(wanted, wishes.limit, cursors.after(wishes.cursor))
    return json_of(Page(returns=page.rows, next_cursor=cursors.cursor(page.next)))


@router.get(
    "/{return_id}",
    summary="Show a return",
    response_model=View,
    responses={
        200: shown(examples.WHOLE_VIEW, "All there is to see.")
        | {"headers": {SOURCE: {"description": "Where it comes from.", "schema": {"enum": list(Source)}}}},
        **problem_responses(*ALWAYS, NOT_FOUND),
    },
    dependencies=[Depends(authenticate)],
)
async def show_return(return_id: ReturnId, services: ServicesDep) -> Response:
    """Show all of one return: what was asked for and why, by whom, every parcel, and what each payment got back.

    `Homeward-View` says where it comes from: `live`, the running return; `closed`, as it ended;
    `forgotten`, as it ended, and the database alone still knows; `records`, open, but no worker
    answered, so as far as the database knows; `orphaned`, open, but no workflow carries it.
    """
    seen = await services.homeward.sourced_view(return_id)
    source = seen.source
    if source is Source.CLOSED and await _is_forgotten(services, return_id):
        source = Source.FORGOTTEN
    return json_of(await whole_view(services.db, seen.view), headers={SOURCE: source})


async def _is_forgotten(services: Services, return_id: str) -> bool:
    try:
        return await services.homeward.is_forgotten(return_id)
    except Unreachable:
        return False
