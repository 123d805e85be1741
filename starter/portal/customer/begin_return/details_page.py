"""What is offered for the items that were chosen, with the form that begins the return; `submit.py` reads it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from gateways.database.returns.records import StoredReturn
from gateways.database.stock.inventory import balances
from gateways.orders.protocol import FoundOrder
from lifecycle.contract.grades import AS_NEW
from lifecycle.contract.orders.payment import PaymentState
from lifecycle.contract.policy import Policy
from lifecycle.contract.request import Order, ReturnRequest
from lifecycle.contract.statuses import ENDED_UNSETTLED
from lifecycle.contract.view import FiredRule
from lifecycle.returns.eligibility import Facts, methods_of
from starter.portal.customer.begin_return import offers
from starter.portal.customer.begin_return.items_page import items_page, path_of, returnable
from starter.portal.customer.begin_return.read_form import Selection, chooses_again, for_one_return, read_selection
from starter.portal.customer.begin_return.sealed_id import begun_by, new_form
from starter.portal.customer.ownership import OrderDep
from starter.portal.customer.progress import title_of
from starter.portal.shared.forms import plain
from starter.portal.shared.page_budget import spend
from starter.portal.shared.pages import page
from starter.shared.aside import aside
from starter.shared.other_returns import facts_beside
from starter.shared.services import Services, ServicesDep

router = APIRouter()


@router.get("/orders/{order_id:path}/return")
async def offer(request: Request, services: ServicesDep, found: OrderDep) -> Response:
    """For what was chosen: what the customer can have, and how they send it. Nothing begins yet."""
    given = {name: plain(value) for name, value in request.query_params.items()}
    ticked, sealed = request.query_params.getlist("item"), given.get("sealed", "")
    begun = await begun_by(request, services, found.order, sealed)
    if begun and await _chosen_before(services, begun, given, ticked):
        return stands(begun.return_id)
    known = await facts_beside(services, found.order, "", datetime.now(UTC))
    lines = await returnable(request, services, found.order, known)
    selection = for_one_return(read_selection(given, ticked, lines), found.order)
    if selection.problems:
        return await items_page(request, services, found, lines, given, selection.problems)
    return await details_page(request, services, found, known, selection, {} if begun else {"sealed": sealed}, {})


async def _chosen_before(services: Services, begun: StoredReturn, given: Mapping[str, str], ticked: list[str]) -> bool:
    """Whether that return is what is being asked for; one that was called off holds nobody up."""
    same = chooses_again(given, ticked, ReturnRequest.model_validate(begun.request))
    return same and (await services.homeward.view(begun.return_id)).status not in ENDED_UNSETTLED


def stands(return_id: str) -> Response:
    """Lead to the return that this form has begun, with the word that it stands as it was begun."""
    return RedirectResponse(f"/returns/{return_id}?stands=yes", 303)


async def details_page(
    request: Request,
    services: Services,
    found: FoundOrder,
    known: Facts,
    selection: Selection,
    given: Mapping[str, str],
    problems: Mapping[str, str],
) -> Response:
    """Show the offer with what is ``given`` filled in; 422 with ``problems``, by the field's name."""
    policy, now = services.policy(), datetime.now(UTC)
    items = [chosen.item for chosen in selection.chosen]
    await spend(request, units=found.order.units)
    in_stock = await skus_in_stock(services, found)
    seen = await aside(found.order.units, offers.possible_offers, found, items, policy, known, now, in_stock)
    names = [offer.resolution for offer in seen.offers]
    return await aside(
        found.order.units,
        page,
        request,
        "customer/begin_return/details.html",
        status=422 if problems else 200,
        order=found.order,
        chosen=selection.chosen,
        seen=seen,
        cash=found.order.payment_state is PaymentState.CASH_ON_DELIVERY,
        methods=methods_of(found.order, policy),
        has_address=found.order.customer.address is not None,
        promise=offers.promise(policy, now),
        declined=_named(seen.declined, found.order, policy),
        window_of=lambda line: offers.window_end(found.order, policy, line),
        window_days=policy.eligibility.window_days,
        by_warranty_alone=offers.by_warranty_alone,
        titles=lambda line_ids: [title_of(found.order, line_id) for line_id in line_ids],
        difference=lambda line_id, other: offers.difference(found.order, line_id, other),
        sealed=given.get("sealed") or await new_form(request, found.order),
        resolution=given.get("resolution") or (names[0] if names else ""),
        method=given.get("method") or next(iter(methods_of(found.order, policy)), ""),
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


def _named(rules: list[FiredRule], order: Order, policy: Policy) -> list[offers.Obstacle]:
    """Each once."""
    found = dict.fromkeys((rule.unit_id.rpartition("-")[0] if rule.unit_id else None, rule.rule) for rule in rules)
    return list(dict.fromkeys(offers.obstacle(order, policy, line_id, rule) for line_id, rule in found))


async def skus_in_stock(services: Services, found: FoundOrder) -> frozenset[str]:
    """Which of the articles that could replace one of the order are there, as new and not reserved."""
    there = set()
    for sku in dict.fromkeys(offers.skus_wanted(found)):
        rows = await balances(services.db, sku)
        if any(row["grade"] == AS_NEW and row["on_hand"] > row["reserved"] for row in rows):
            there.add(sku)
    return frozenset(there)
