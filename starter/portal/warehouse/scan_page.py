"""The scan field, from which everything begins and to which everything comes back; the bench's queue beside it."""

from typing import Annotated, Any, Final
from urllib.parse import quote

from fastapi import APIRouter, Query, Response
from fastapi.responses import RedirectResponse

from client.errors import HomewardError, UnknownReturn, Unreachable
from client.repairs import QueuedRepair
from gateways.errors import Unavailable
from lifecycle.contract.scanned_codes import folded
from lifecycle.contract.view import Unit, View
from lifecycle.returns.units import COMING, IN_HAND
from starter.portal.shared.texts import t
from starter.portal.warehouse import notices
from starter.portal.warehouse.grading import in_hand
from starter.portal.warehouse.opened import Desk, DeskDep, Opened
from starter.portal.warehouse.parcel_page import show_scanned
from starter.portal.warehouse.repair_queue import bench_queue, since
from starter.portal.warehouse.scanning import Found, cleaned, find
from starter.portal.warehouse.staff import HOME

router = APIRouter()
#: Returns of one serial number that are offered to choose from.
_CHOICES = 8
_SOON: Final = "5"


@router.get(HOME)
async def floor(desk: DeskDep, done: str = "", told: str = "") -> Response:
    """Ask for the next scan; ``done`` is the return that was worked on last."""
    return await _floor(desk, done=await _done(desk, done), told=bool(told))


@router.get("/warehouse/scan")
async def scan(desk: DeskDep, code: Annotated[str, Query(max_length=2000)] = "") -> Response:
    """Open what was scanned; whatever comes of it, the next scan finds an empty field."""
    code = cleaned(code)
    try:
        found = await find(desk.services.db, code)
        choices = [await desk.opened(return_id) for return_id in found.return_ids[:_CHOICES]]
    except (Unreachable, Unavailable):
        # The scan is not sent again by itself: the next one may be of another parcel.
        answer = _show(desk, None, problem=t("warehouse.scan.away", code=code), status=503)
        answer.headers["Retry-After"] = _SOON
        return answer
    running = [choice for choice in choices if not choice.view.closed]
    if len(choices) == 1 or len(running) == 1:
        return _lead(desk, (running or choices)[0], found)
    problem = "" if choices else t("warehouse.scan.unknown" if code else "warehouse.scan.empty", code=code)
    return await _floor(desk, choices=choices, code=code, problem=problem, unknown=bool(code and not choices))


def _lead(desk: Desk, choice: Opened, found: Found) -> Response:
    view = choice.view
    unit = _unit_of(view, found.serial_number)
    if unit is not None and unit.repair is not None:
        return RedirectResponse(bench_path(view.return_id, unit.unit_id), 303)
    here = unit is not None and unit.reception in IN_HAND
    if found.serial_number and not here and not notices.shut(view):
        return show_scanned(desk, choice, found.serial_number)
    return RedirectResponse(f"{HOME}/returns/{quote(view.return_id)}{_step(choice, here=here)}", 303)


def _step(choice: Opened, *, here: bool) -> str:
    """What comes next: counting while something is awaited, then grading."""
    units = in_hand(choice.view, choice.request)
    awaited = any(unit.reception in COMING for unit in choice.view.units) and not here
    return "/grade" if units.waiting and not awaited else ""


def _unit_of(view: View, serial_number: str | None) -> Unit | None:
    """The unit that was read, once it is here."""
    wanted = folded(serial_number or "")
    return next((unit for unit in view.units if unit.serial_number and folded(unit.serial_number) == wanted), None)


def bench_path(return_id: str, unit_id: str) -> str:
    """The page of a unit on the repair bench."""
    return f"{HOME}/bench/{quote(return_id)}/{quote(unit_id, safe='')}"


async def _done(desk: Desk, return_id: str) -> dict[str, object] | None:
    if not return_id:
        return None
    try:
        found = await desk.opened(return_id)
    except UnknownReturn:
        return None
    except (HomewardError, Unavailable):
        return {"return_id": return_id, "done": [t("warehouse.done.unsure")], "now": []}
    done, now = notices.done(found.view, found.request), notices.now(found.view, found.request)
    return {"return_id": return_id, "done": done, "now": now}


async def _floor(desk: Desk, *, problem: str = "", **shown: Any) -> Response:
    queue = await bench_queue(desk.services)
    return _show(desk, queue, problem=problem, status=404 if problem else 200, **shown)


def _show(desk: Desk, queue: list[QueuedRepair] | None, *, status: int, **shown: Any) -> Response:
    """``done`` was worked on last, ``choices`` are returns of one ``code``; ``unknown``: nobody knows it."""
    nothing: dict[str, Any] = {"done": None, "choices": [], "code": "", "problem": "", "unknown": False, "told": False}
    return desk.page("floor", status=status, queue=queue, since=since, **(nothing | shown))
