"""A return for a customer who phones: their order, what comes back, what comes of it, then the return itself."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import structlog
from fastapi import APIRouter, HTTPException, Request, Response

from client.errors import OtherRequest
from client.ids import new_return_id
from gateways.orders.protocol import FoundOrder
from lifecycle.contract.order_ids import spellings
from lifecycle.contract.request import Channel, Method, Reason, ReturnRequest
from lifecycle.contract.resolutions import Resolution
from lifecycle.returns.decisions.quote import simulate
from lifecycle.returns.eligibility import Facts
from lifecycle.returns.resolutions.table import CHOSEN_ITEMS
from starter.portal.customer.begin_return.items_page import returnable
from starter.portal.customer.begin_return.offers import ReturnableLine
from starter.portal.customer.begin_return.read_form import Selection, for_one_return, read_selection
from starter.portal.desk.notices import after
from starter.portal.desk.shown import common
from starter.portal.shared.forms import FormDep, field, plain
from starter.portal.shared.pages import page
from starter.portal.staff.guard import PersonDep
from starter.portal.staff.person import Person
from starter.shared.aside import aside
from starter.shared.other_returns import facts_beside
from starter.shared.services import Services, ServicesDep

router = APIRouter()
_ID: Final = re.compile(r"R-\d{6}-[0-9a-f]{10}")
#: An exchange is chosen with the customer's own pages: what there is to choose depends on stock.
_RESOLUTIONS: Final = tuple(one for one in Resolution if one not in CHOSEN_ITEMS)
_log = structlog.get_logger("homeward.desk")


@dataclass(frozen=True)
class Phoned:
    """What was typed so far, about which order."""

    found: FoundOrder
    known: Facts
    lines: list[ReturnableLine]
    given: Mapping[str, str]
    ticked: list[str]

    def selection(self) -> Selection:
        """Which items come back."""
        return for_one_return(read_selection(self.given, self.ticked, self.lines), self.found.order)


@router.get("/desk/start")
async def ask(request: Request, services: ServicesDep, clerk: PersonDep) -> Response:
    """Ask for the order, then for what comes back; with all of it, say what comes of it."""
    given = {name: plain(value)[:500] for name, value in request.query_params.items()}
    phoned = await _phoned(request, services, given, request.query_params.getlist("item"))
    if phoned is None:
        return _page(request, clerk, given=given, unknown="order" in given, status=404 if "order" in given else 200)
    problems = phoned.selection().problems if "look" in given else {}
    comes = await _comes(services, phoned) if "look" in given and not problems else None
    return _page(request, clerk, given=given, phoned=phoned, problems=problems, comes=comes)


@router.post("/desk/start")
async def start(request: Request, services: ServicesDep, clerk: PersonDep, form: FormDep) -> Response:
    """Start it; the same form again leads to the same return."""
    given = {name: field(form, name)[:500] for name in form}
    phoned = await _phoned(request, services, given, [str(value) for value in form.getlist("item")])
    return_id = given.get("return_id", "")
    if phoned is None or phoned.selection().problems or not _ID.fullmatch(return_id):
        raise HTTPException(422)
    try:
        async with services.admission.turn() as waited:
            await services.homeward.start(_request(phoned, return_id), waited)
    except OtherRequest:
        raise HTTPException(409) from None
    _log.info("return started at the desk", return_id=return_id, by=clerk.name)
    return after(request, "start", return_id, f"/desk/returns/{return_id}")


async def _phoned(request: Request, services: Services, given: Mapping[str, str], ticked: list[str]) -> Phoned | None:
    """The order that is meant, with what can come back of it; None where the shop knows none."""
    for order_id in spellings(given.get("order", "")):
        found = await services.orders.find(order_id)
        if found is not None:
            known = await facts_beside(services, found.order, "", datetime.now(UTC))
            lines = await returnable(request, services, found.order, known)
            return Phoned(found, known, lines, given, ticked)
    return None


async def _comes(services: Services, phoned: Phoned) -> dict[str, Any]:
    """What the policy says to it, and what it would pay as new; nothing is started."""
    order = phoned.found.order
    asked = _request(phoned, new_return_id())
    made = await aside(order.units, simulate, asked, services.policy(), datetime.now(UTC), phoned.known)
    return {
        "return_id": asked.return_id,
        "amount": made.money.amount,
        "parts": made.money.breakdown.signed,
        "decision": made.opened.decision,
    }


def _request(phoned: Phoned, return_id: str) -> ReturnRequest:
    try:
        resolution = Resolution(phoned.given.get("resolution", ""))
        method = Method(phoned.given.get("method", ""))
    except ValueError:
        raise HTTPException(422) from None
    items = [chosen.item for chosen in phoned.selection().chosen]
    return ReturnRequest(
        return_id=return_id,
        order=phoned.found.order,
        items=items,
        resolution=resolution,
        method=method,
        channel=Channel.PHONE,
    )


def _page(
    request: Request,
    clerk: Person,
    *,
    given: Mapping[str, str],
    phoned: Phoned | None = None,
    problems: Mapping[str, str] | None = None,
    comes: dict[str, Any] | None = None,
    unknown: bool = False,
    status: int = 200,
) -> Response:
    services: Services = request.app.state.services
    policy = services.policy()
    return page(
        request,
        "desk/start.html",
        status=422 if problems else status,
        given=given,
        phoned=phoned,
        problems=problems or {},
        comes=comes,
        unknown=unknown,
        reasons=list(Reason),
        resolutions=[one for one in _RESOLUTIONS if one in policy.eligibility.resolutions],
        methods=[one for one in Method if one in policy.handover.methods],
        **common(request, clerk),
    )
