"""From the order to the return: choose items, choose what for and how, begin."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote, urlencode

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from client.errors import HomewardError, OtherRequest
from client.returns import new_return_id
from gateways.database.returns.records import StoredReturn, get_return, returns_of
from gateways.database.stock.inventory import balances
from gateways.orders.protocol import Alternative, FoundOrder
from lifecycle.contract.grades import AS_NEW
from lifecycle.contract.request import Channel, ExchangeItem, Method, Order, Reason, Resolution, ReturnRequest
from lifecycle.contract.view import ENDED_UNSETTLED, FiredRule, RuleName, Status
from lifecycle.returns.eligibility import Facts
from lifecycle.returns.resolutions.table import CHOSEN_ITEMS
from starter.portal.customer import offers
from starter.portal.customer.ownership import OrderDep, known_of_others
from starter.portal.customer.progress import title_of
from starter.portal.customer.selection import (
    Chosen,
    Selection,
    chooses_again,
    for_one_return,
    read_selection,
    says_again,
)
from starter.portal.shared.forms import FormDep, field, plain
from starter.portal.shared.page_budget import spend
from starter.portal.shared.pages import page
from starter.portal.shared.session import LASTS
from starter.portal.shared.texts import t
from starter.shared.aside import aside
from starter.shared.services import Services, ServicesDep

router = APIRouter()
_PURPOSE: Final = "start"
#: How long an answer waits for the label, so that it is there when the page is.
_WAITS: Final = 2.0
_LOOKS_EVERY: Final = 0.15


@router.get("/orders/{order_id:path}/return")
async def offer(request: Request, services: ServicesDep, found: OrderDep) -> Response:
    """For what was chosen: what the customer can have, and how they send it. Nothing begins yet."""
    given = {name: plain(value) for name, value in request.query_params.items()}
    ticked, sealed = request.query_params.getlist("item"), given.get("sealed", "")
    begun = await _begun(request, services, found.order, sealed)
    if begun and await _chosen_before(services, begun, given, ticked):
        return _stands(begun.return_id)
    known = await known_of_others(services, found.order)
    lines = await _standings(request, services, found.order, known)
    selection = for_one_return(read_selection(given, ticked, lines), found.order)
    if selection.problems:
        return await _order_page(request, services, found, lines, given, selection.problems)
    return await _offer_page(request, services, found, known, selection, {} if begun else {"sealed": sealed}, {})


@router.post("/orders/{order_id:path}/return")
async def begin(request: Request, services: ServicesDep, found: OrderDep, form: FormDep) -> Response:
    """Begin the return; the same form again leads to the same return."""
    return_id = await _return_id(request, found.order, form)
    given = {name: field(form, name) for name in form}
    known = await known_of_others(services, found.order)
    ticked = [str(value) for value in form.getlist("item")]
    if begun := await get_return(services.db, return_id):
        return _again(begun, given, ticked)
    lines = await _standings(request, services, found.order, known)
    selection = for_one_return(read_selection(given, ticked, lines), found.order)
    if selection.problems:
        return await _order_page(request, services, found, lines, given, selection.problems)
    problems = _problems(services, given)
    instead = await _instead(services, found, selection, given) if given.get("resolution") in CHOSEN_ITEMS else None
    if problems or instead == []:
        problems = problems or {"exchange": t("offer.problem.exchange")}
        return await _offer_page(request, services, found, known, selection, given, problems)
    try:
        await services.homeward.start(_request(found.order, return_id, selection, given, instead))
    except OtherRequest:  # sent at the same moment with another choice, or of an order that has changed since
        if begun := await get_return(services.db, return_id):
            return _again(begun, given, ticked)
    await wait_for_label(services, return_id)
    return RedirectResponse(f"/returns/{return_id}", 303)


async def _chosen_before(services: Services, begun: StoredReturn, given: Mapping[str, str], ticked: list[str]) -> bool:
    """Whether that return is what is being asked for; one that was called off holds nobody up."""
    same = chooses_again(given, ticked, ReturnRequest.model_validate(begun.request))
    return same and (await services.homeward.view(begun.return_id)).status not in ENDED_UNSETTLED


def _again(begun: StoredReturn, given: Mapping[str, str], ticked: list[str]) -> Response:
    """The form has begun a return before: the same again leads there, for another choice the page says what stands."""
    if says_again(given, ticked, ReturnRequest.model_validate(begun.request)):
        return RedirectResponse(f"/returns/{begun.return_id}", 303)
    return _stands(begun.return_id)


def _stands(return_id: str) -> Response:
    return RedirectResponse(f"/returns/{return_id}?stands=yes", 303)


@router.get("/orders/{order_id:path}")
async def order(request: Request, services: ServicesDep, found: OrderDep) -> Response:
    """The order: what came back of it, and what can."""
    lines = await _standings(request, services, found.order, await known_of_others(services, found.order))
    return await _order_page(request, services, found, lines, dict(request.query_params), {})


async def _order_page(
    request: Request,
    services: Services,
    found: FoundOrder,
    lines: Sequence[offers.ReturnableLine],
    given: Mapping[str, str],
    problems: Mapping[str, str],
) -> Response:
    policy = services.policy()
    ticked = {line.index for line in lines if str(line.index) in request.query_params.getlist("item")}
    return await aside(
        found.order.units,
        page,
        request,
        "customer/order.html",
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
        sealed=await _new_form(request, found.order),
    )


async def _offer_page(
    request: Request,
    services: Services,
    found: FoundOrder,
    known: Facts,
    selection: Selection,
    given: Mapping[str, str],
    problems: Mapping[str, str],
) -> Response:
    policy, now = services.policy(), datetime.now(UTC)
    items = [chosen.item for chosen in selection.chosen]
    await spend(request, units=found.order.units)
    in_stock = await _in_stock(services, found)
    seen = await aside(found.order.units, offers.possible_offers, found, items, policy, known, now, in_stock)
    names = [offer.resolution for offer in seen.offers]
    return await aside(
        found.order.units,
        page,
        request,
        "customer/offer.html",
        status=422 if problems else 200,
        order=found.order,
        chosen=selection.chosen,
        seen=seen,
        methods=list(policy.handover.methods),
        promise=offers.promise(policy, now),
        declined=_named(seen.declined, found.order),
        window_ends=offers.window_end(found.order, policy),
        window_days=policy.eligibility.window_days,
        by_warranty_alone=offers.by_warranty_alone,
        titles=lambda line_ids: [title_of(found.order, line_id) for line_id in line_ids],
        difference=lambda line_id, other: offers.difference(found.order, line_id, other),
        sealed=given.get("sealed") or await _new_form(request, found.order),
        resolution=given.get("resolution") or (names[0] if names else ""),
        method=given.get("method") or next(iter(policy.handover.methods), ""),
        given=given,
        problems=problems,
        path_of=path_of(found.order.order_id),
        back=f"{path_of(found.order.order_id)}?{_query(selection)}",
    )


def _query(selection: Selection) -> str:
    """What was chosen, as the order's page reads it."""
    fields: list[tuple[str, str | int]] = []
    for one in selection.chosen:
        fields += [("item", one.index), (f"quantity-{one.index}", one.quantity), (f"reason-{one.index}", one.reason)]
    return urlencode(fields)


def path_of(order_id: str) -> str:
    """The order's own address."""
    return f"/orders/{quote(order_id, safe='')}"


async def _standings(request: Request, services: Services, order: Order, known: Facts) -> list[offers.ReturnableLine]:
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


def _named(rules: list[FiredRule], order: Order) -> list[tuple[str | None, RuleName]]:
    """``(title, rule)``, each once; no title for what concerns the whole return."""
    named = [(title_of(order, rule.unit_id.rpartition("-")[0]) if rule.unit_id else None, rule.rule) for rule in rules]
    return list(dict.fromkeys(named))


async def _in_stock(services: Services, found: FoundOrder) -> frozenset[str]:
    there = set()
    for sku in dict.fromkeys(offers.skus_wanted(found)):
        rows = await balances(services.db, sku)
        if any(row["grade"] == AS_NEW and row["on_hand"] > row["reserved"] for row in rows):
            there.add(sku)
    return frozenset(there)


async def _return_id(request: Request, order: Order, form: FormData) -> str:
    """The id that the form was given; 403 for one of another order's form, or an old one's."""
    opened = await request.app.state.signer.verified(_PURPOSE, field(form, "sealed"), LASTS)
    if not isinstance(opened, dict) or opened.get("order") != order.order_id:
        raise HTTPException(403)
    return str(opened["return_id"])


async def _begun(request: Request, services: Services, order: Order, sealed: str) -> StoredReturn | None:
    """The return that this form has begun; None when it has begun none, or is no form of ours."""
    opened = await request.app.state.signer.verified(_PURPOSE, sealed, LASTS)
    ours = isinstance(opened, dict) and opened.get("order") == order.order_id
    return await get_return(services.db, str(opened["return_id"])) if ours else None


async def _new_form(request: Request, order: Order) -> str:
    """What names the form that begins a return, from the order's page on."""
    started = {"return_id": new_return_id(), "order": order.order_id}
    return str(await request.app.state.signer.sign(_PURPOSE, started))


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
    there = await _in_stock(services, found)
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
