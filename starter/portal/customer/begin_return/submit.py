"""Read the offer's form as it is posted, and begin the return."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from client.errors import HomewardError, OtherRequest
from gateways.database.returns.records import StoredReturn, get_return
from gateways.orders.protocol import Alternative, FoundOrder
from lifecycle.contract.request import Channel, ExchangeItem, Method, Order, ReturnRequest
from lifecycle.contract.resolutions import Resolution
from lifecycle.contract.statuses import Status
from lifecycle.returns.resolutions.table import CHOSEN_ITEMS
from starter.portal.customer.begin_return import offers
from starter.portal.customer.begin_return.details_page import details_page, skus_in_stock, stands
from starter.portal.customer.begin_return.items_page import items_page, returnable
from starter.portal.customer.begin_return.read_form import (
    Chosen,
    Selection,
    for_one_return,
    read_selection,
    says_again,
)
from starter.portal.customer.begin_return.sealed_id import return_id_of
from starter.portal.customer.ownership import OrderDep
from starter.portal.shared.forms import FormDep, field
from starter.portal.shared.texts import t
from starter.shared.other_returns import facts_beside
from starter.shared.services import Services, ServicesDep

router = APIRouter()
#: How long an answer waits for the label, so that it is there when the page is.
_WAITS: Final = 2.0
_LOOKS_EVERY: Final = 0.15


@router.post("/orders/{order_id:path}/return")
async def begin(request: Request, services: ServicesDep, found: OrderDep, form: FormDep) -> Response:
    """Begin the return; the same form again leads to the same return."""
    return_id = await return_id_of(request, found.order, form)
    given = {name: field(form, name) for name in form}
    known = await facts_beside(services, found.order, "", datetime.now(UTC))
    ticked = [str(value) for value in form.getlist("item")]
    if begun := await get_return(services.db, return_id):
        return _again(begun, given, ticked)
    lines = await returnable(request, services, found.order, known)
    selection = for_one_return(read_selection(given, ticked, lines), found.order)
    if selection.problems:
        return await items_page(request, services, found, lines, given, selection.problems)
    problems = _problems(services, given)
    instead = await _instead(services, found, selection, given) if given.get("resolution") in CHOSEN_ITEMS else None
    if problems or instead == []:
        problems = problems or {"exchange": t("offer.problem.exchange")}
        return await details_page(request, services, found, known, selection, given, problems)
    try:
        async with services.admission.turn() as waited:
            await services.homeward.start(_request(found.order, return_id, selection, given, instead), waited)
    except OtherRequest:  # sent at the same moment with another choice, or of an order that has changed since
        if begun := await get_return(services.db, return_id):
            return _again(begun, given, ticked)
    await wait_for_label(services, return_id)
    return RedirectResponse(f"/returns/{return_id}", 303)


def _again(begun: StoredReturn, given: Mapping[str, str], ticked: list[str]) -> Response:
    """The form has begun a return before: the same again leads there, for another choice the page says what stands."""
    if says_again(given, ticked, ReturnRequest.model_validate(begun.request)):
        return RedirectResponse(f"/returns/{begun.return_id}", 303)
    return stands(begun.return_id)


def _problems(services: Services, given: Mapping[str, str]) -> dict[str, str]:
    policy, problems = services.policy(), {}
    if given.get("resolution") not in set(policy.eligibility.resolutions):
        problems["resolution"] = t("offer.problem.resolution")
    if given.get("method") not in set(policy.handover.methods):
        problems["method"] = t("offer.problem.method")
    return problems


async def _instead(
    services: Services, found: FoundOrder, selection: Selection, given: Mapping[str, str]
) -> list[ExchangeItem]:
    """What was chosen in exchange, one thing for each item; empty unless there is one for all."""
    there = await skus_in_stock(services, found)
    wanted = []
    for chosen in selection.chosen:
        other = _alternative(found, chosen, given.get(f"exchange-{chosen.index}", ""), there)
        if other is None:
            return []
        wanted.append(offers.exchange_item(other, chosen.quantity))
    return wanted


def _alternative(found: FoundOrder, chosen: Chosen, sku: str, there: frozenset[str]) -> Alternative | None:
    options = found.alternatives.get(chosen.standing.line.line_id, ())
    return next((other for other in options if other.sku == sku and sku in there), None)


def _request(
    order: Order, return_id: str, selection: Selection, given: Mapping[str, str], instead: list[ExchangeItem] | None
) -> ReturnRequest:
    return ReturnRequest(
        return_id=return_id,
        order=order,
        items=[chosen.item for chosen in selection.chosen],
        resolution=Resolution(given["resolution"]),
        method=Method(given["method"]),
        channel=Channel.WEB,
        exchange_for=instead,
    )


async def wait_for_label(services: Services, return_id: str, *, booking: bool = False) -> None:
    """Wait a moment for label, code or pickup; the page says so when it takes longer.

    ``booking``: a pickup's time was chosen, so that being offered times is not enough.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + _WAITS
    while loop.time() < end:
        try:
            view = await services.homeward.view(return_id)
        except HomewardError:
            return
        offered = not booking and view.handover.pickup is not None and view.handover.pickup.slots
        if view.status is not Status.REQUESTED or offered:
            return
        await asyncio.sleep(_LOOKS_EVERY)
