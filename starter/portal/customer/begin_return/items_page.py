"""The order's page: what came back of it, what can, and the form that chooses items with a reason (by GET)."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import Response

from client.errors import HomewardError
from gateways.database.returns.records import StoredReturn, returns_of
from gateways.orders.protocol import FoundOrder
from lifecycle.contract.request import Order, Reason
from lifecycle.contract.statuses import Status
from lifecycle.returns.eligibility import Facts
from starter.portal.customer.begin_return import offers
from starter.portal.customer.begin_return.sealed_id import new_form
from starter.portal.customer.ownership import OrderDep
from starter.portal.shared.page_budget import spend
from starter.portal.shared.pages import page
from starter.shared.aside import aside
from starter.shared.other_returns import facts_beside
from starter.shared.services import Services, ServicesDep

router = APIRouter()


@router.get("/orders/{order_id:path}")
async def order(request: Request, services: ServicesDep, found: OrderDep) -> Response:
    """The order: what came back of it, and what can."""
    known = await facts_beside(services, found.order, "", datetime.now(UTC))
    lines = await returnable(request, services, found.order, known)
    return await items_page(request, services, found, lines, dict(request.query_params), {})


async def items_page(
    request: Request,
    services: Services,
    found: FoundOrder,
    lines: Sequence[offers.ReturnableLine],
    given: Mapping[str, str],
    problems: Mapping[str, str],
) -> Response:
    """Show the order's page with what is ``given`` filled in; 422 with ``problems``, by the field's name."""
    policy = services.policy()
    ticked = {line.index for line in lines if str(line.index) in request.query_params.getlist("item")}
    return await aside(
        found.order.units,
        page,
        request,
        "customer/begin_return/items.html",
        status=422 if problems else 200,
        order=found.order,
        lines=lines,
        can_return=any(line.available for line in lines),
        window_ends=offers.window_end(found.order, policy),
        window_days=policy.eligibility.window_days,
        now=datetime.now(UTC),
        returns=await _returns(services, found.order),
        reasons=list(Reason),
        ticked=ticked,
        given=given,
        problems=problems,
        path_of=path_of(found.order.order_id),
        sealed=await new_form(request, found.order),
    )


async def returnable(request: Request, services: Services, order: Order, known: Facts) -> list[offers.ReturnableLine]:
    """The order's lines, with what of each can still be returned."""
    await spend(request, lines=len(order.lines))
    return await aside(order.units, offers.returnable_lines, order, services.policy(), known, datetime.now(UTC))


async def _returns(services: Services, order: Order) -> list[tuple[str, Status, datetime]]:
    """``(id, status, since)`` of the order's returns, the newest first; open ones are asked themselves."""

    async def look(row: StoredReturn) -> tuple[str, Status, datetime]:
        status = Status(row.status)
        if row.closed_at is None:
            with suppress(HomewardError):
                status = (await services.homeward.view(row.return_id)).status
        return row.return_id, status, row.opened_at

    rows = await returns_of(services.db, order.order_id)
    return await asyncio.gather(*(look(row) for row in reversed(rows)))


def path_of(order_id: str) -> str:
    """The order's own address."""
    return f"/orders/{quote(order_id, safe='')}"
