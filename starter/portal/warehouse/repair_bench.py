"""The repair bench: its queue, and the page of each repair with what is to be said of it next."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote
from uuid import uuid4

from fastapi import APIRouter, HTTPException, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError
from starlette.datastructures import FormData

from client.errors import InvalidInput, NotAllowed, UnknownRepair
from client.repairs import Repairs, customers_item
from lifecycle.contract.request import problems as fields_of
from lifecycle.repairs.messages import (
    Diagnosis,
    DiagnosisOutcome,
    Part,
    RepairCheck,
    RepairSummary,
    RepairView,
    RepairWork,
)
from lifecycle.shared.repair_messages import RepairState
from starter.portal.shared.forms import FormDep, field
from starter.portal.shared.repeats import not_taken, sending
from starter.portal.shared.texts import t
from starter.portal.warehouse.amounts import example, minor_units
from starter.portal.warehouse.count_steps import Notice
from starter.portal.warehouse.opened import Desk, DeskDep, resubmit_on_failure
from starter.portal.warehouse.repair_queue import since
from starter.portal.warehouse.staff import HOME

router = APIRouter()
BENCH: Final = f"{HOME}/bench"
_PATH: Final = "/warehouse/bench/{return_id}/{unit_id:path}"
#: Rows for parts on the page; more come when they are full.
_ROWS: Final = 3


@router.get(BENCH)
async def queue(desk: DeskDep, state: str = "") -> Response:
    """What is on the bench, the longest waiting first."""
    rows = await desk.services.repairs.queue()
    states = [known for known in RepairState if not known.ended]
    wanted = RepairState(state) if state in states else None
    return desk.page(
        "bench",
        queue=[row for row in rows if wanted in (None, row.state)],
        counts=[(known, sum(row.state is known for row in rows)) for known in states],
        all=len(rows),
        wanted=wanted,
        since=since,
    )


@router.get(_PATH)
async def repair(desk: DeskDep, return_id: str, unit_id: str) -> Response:
    """One repair, and the form for what comes next."""
    view = await _view(desk.services.repairs, return_id, unit_id)
    return await _show(desk, view, uuid4().hex, FormData())


@router.post(_PATH)
@resubmit_on_failure
async def record(desk: DeskDep, return_id: str, unit_id: str, form: FormDep) -> Response:
    """Diagnosis, work or check; the id made with the page makes a second press harmless."""
    repairs, form_id = desk.services.repairs, field(form, "message_id")
    view = await _view(repairs, return_id, unit_id)
    content = [(name, value) for name, value in form.multi_items() if name != "csrf"]
    message = sending(desk.request, form_id, content)
    said: Notice | None
    try:
        said = await _say(repairs, view, form, _Speaker(desk.worker.by, message.id))
    except NotAllowed as error:
        first = message.otherwise and "_again"
        said = Notice(f"warehouse.refused.bench{first or ''}", "bad", {"reason": str(error)})
        view = await _view(repairs, return_id, unit_id)
        return await _show(desk, view, uuid4().hex, form, said, status=409)
    except InvalidInput:
        said = Notice("warehouse.refused.bench", "bad", {"reason": t("warehouse.refused.misshaped")})
    if said is not None:
        not_taken(desk.request, form_id)
        return await _show(desk, view, form_id, form, said, status=422)
    return RedirectResponse(f"{BENCH}/{quote(return_id)}/{quote(unit_id, safe='')}", 303)


async def _view(repairs: Repairs, return_id: str, unit_id: str) -> RepairView:
    try:
        return await repairs.view(return_id, unit_id)
    except UnknownRepair:
        raise HTTPException(404) from None


@dataclass(frozen=True)
class _Speaker:
    """Who says it, and the id of what they say."""

    by: str
    message_id: str


async def _say(repairs: Repairs, view: RepairView, form: FormData, speaker: _Speaker) -> Notice | None:
    """Send what the form says; gives what is wrong with it instead."""
    known = _SAID.get(field(form, "do").partition(":")[0])
    if known is None:
        return Notice("warehouse.bench.said.choose", "bad")
    made_of, send = known
    try:
        message = made_of(view, form, speaker)
    except ValidationError:
        return Notice("warehouse.bench.said.too_much", "bad")
    if isinstance(message, Notice):
        return message
    await send(repairs, view.return_id, view.unit_id, message)
    return None


def _diagnosis(view: RepairView, form: FormData, speaker: _Speaker) -> Diagnosis | Notice:
    outcome, typed = field(form, "outcome"), field(form, "estimate")
    if outcome not in set(DiagnosisOutcome):
        return Notice("warehouse.bench.said.choose", "bad")
    asks = outcome == DiagnosisOutcome.REPAIRABLE and not view.in_warranty
    estimate = minor_units(typed, view.currency) if typed else None
    if asks and estimate is None:
        return Notice("warehouse.bench.said.estimate", "bad", {"example": example(view.currency)})
    return Diagnosis(
        diagnosis_id=speaker.message_id,
        by=speaker.by,
        outcome=DiagnosisOutcome(outcome),
        estimate=estimate if asks else None,
        note=field(form, "note") or None,
    )


def _work(_: RepairView, form: FormData, speaker: _Speaker) -> RepairWork | Notice:
    parts, wrong = parts_of(form)
    if wrong:
        return Notice("warehouse.bench.said.part", "bad", {"sku": wrong})
    return RepairWork(repair_id=speaker.message_id, by=speaker.by, parts=parts, note=field(form, "note") or None)


def _check(_: RepairView, form: FormData, speaker: _Speaker) -> RepairCheck:
    passed = field(form, "do") == "check:passed"
    return RepairCheck(check_id=speaker.message_id, by=speaker.by, passed=passed, note=field(form, "note") or None)


#: What each button makes of the form, and how it is sent.
_SAID: dict[str, tuple[Callable[[RepairView, FormData, _Speaker], Any], Callable[..., Awaitable[RepairSummary]]]] = {
    "diagnose": (_diagnosis, Repairs.diagnose),
    "work": (_work, Repairs.record_repair),
    "check": (_check, Repairs.record_check),
}


def parts_of(form: FormData) -> tuple[list[Part], str]:
    """The rows that name a part, and the first that does so wrongly."""
    parts = []
    for sku, quantity in _rows(form):
        if not sku and quantity in ("", "1"):
            continue
        try:
            number = int(quantity or 1) if (quantity or "1").isdecimal() and len(quantity) < 5 else 0
            parts.append(Part(sku=sku, quantity=number))
        except ValidationError as error:
            return [], sku or fields_of(error)[0][0]
    return parts, ""


def _rows(form: FormData) -> list[tuple[str, str]]:
    named = [value.strip() for value in form.getlist("sku") if isinstance(value, str)]
    counted = [value.strip() for value in form.getlist("quantity") if isinstance(value, str)]
    return list(zip(named, counted, strict=False))


async def _show(
    desk: Desk,
    view: RepairView,
    message_id: str,
    form: FormData,
    said: Notice | None = None,
    *,
    status: int = 200,
) -> Response:
    rows = [row for row in _rows(form) if row[0]]
    return desk.page(
        "repair",
        status=status,
        view=view,
        item=await customers_item(desk.services.db, view.return_id, view.unit_id),
        message_id=message_id,
        given=lambda name: field(form, name),
        rows=[*rows, *[("", "1")] * max(1, _ROWS - len(rows))],
        example=example(view.currency),
        said=said,
        since=since,
    )
