"""The repair bench: its queue, and the page of each repair with what is to be said of it next."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote
from uuid import uuid4

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError
from starlette.datastructures import FormData

from client.errors import InvalidInput, NotAllowed, UnknownRepair
from client.repairs import Repairs, customers_item
from lifecycle.contract.request import problems as fields_of
from lifecycle.repairs.messages import Diagnosis, DiagnosisOutcome, Part, RepairCheck, RepairView, RepairWork
from lifecycle.shared.repair_messages import RepairState
from starter.portal.shared.forms import FormDep, field
from starter.portal.shared.pages import page
from starter.portal.shared.repeats import not_taken, sending
from starter.portal.shared.texts import t
from starter.portal.warehouse.amounts import example, minor_units
from starter.portal.warehouse.count_steps import Notice
from starter.portal.warehouse.repair_queue import Queue, since
from starter.portal.warehouse.resubmit import resubmit_on_failure
from starter.portal.warehouse.staff import HOME, Worker, WorkerDep
from starter.shared.services import Services, ServicesDep

router = APIRouter()
BENCH: Final = f"{HOME}/bench"
_PATH: Final = "/warehouse/bench/{return_id}/{unit_id:path}"
#: Rows for parts on the page; more come when they are full.
_ROWS: Final = 3


@router.get(BENCH)
async def queue(request: Request, services: ServicesDep, worker: WorkerDep, state: str = "") -> Response:
    """What is on the bench, the longest waiting first."""
    rows = await services.repairs.queue()
    states = [known for known in RepairState if not known.ended]
    wanted = RepairState(state) if state in states else None
    return page(
        request,
        "warehouse/bench.html",
        worker=worker,
        queue=Queue([row for row in rows if wanted in (None, row.state)]),
        counts=[(known, sum(row.state is known for row in rows)) for known in states],
        all=len(rows),
        wanted=wanted,
        since=since,
    )


@router.get(_PATH)
async def repair(request: Request, return_id: str, unit_id: str, services: ServicesDep, worker: WorkerDep) -> Response:
    """One repair, and the form for what comes next."""
    view = await _view(services.repairs, return_id, unit_id)
    return await _show(request, services, worker, view, uuid4().hex, FormData())


@router.post(_PATH)
@resubmit_on_failure
async def record(
    request: Request, return_id: str, unit_id: str, services: ServicesDep, worker: WorkerDep, form: FormDep
) -> Response:
    """Diagnosis, work or check; the id made with the page makes a second press harmless."""
    view, form_id = await _view(services.repairs, return_id, unit_id), field(form, "message_id")
    content = [(name, value) for name, value in form.multi_items() if name != "csrf"]
    message = sending(request, form_id, content)
    said: Notice | None
    try:
        said = await _say(services.repairs, view, form, _Speaker(worker.by, message.id))
    except NotAllowed as error:
        first = message.otherwise and "_again"
        said = Notice(f"warehouse.refused.bench{first or ''}", "bad", {"reason": str(error)})
        view = await _view(services.repairs, return_id, unit_id)
        return await _show(request, services, worker, view, uuid4().hex, form, said, status=409)
    except InvalidInput:
        said = Notice("warehouse.refused.bench", "bad", {"reason": t("warehouse.refused.misshaped")})
    if said is not None:
        not_taken(request, form_id)
        return await _show(request, services, worker, view, form_id, form, said, status=422)
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
    say = _SAID.get(field(form, "do").partition(":")[0])
    return Notice("warehouse.bench.said.choose", "bad") if say is None else await say(repairs, view, form, speaker)


async def _diagnose(repairs: Repairs, view: RepairView, form: FormData, speaker: _Speaker) -> Notice | None:
    outcome, typed = field(form, "outcome"), field(form, "estimate")
    if outcome not in set(DiagnosisOutcome):
        return Notice("warehouse.bench.said.choose", "bad")
    asks = outcome == DiagnosisOutcome.REPAIRABLE and not view.in_warranty
    estimate = minor_units(typed, view.currency) if typed else None
    if asks and estimate is None:
        return Notice("warehouse.bench.said.estimate", "bad", {"example": example(view.currency)})
    try:
        message = Diagnosis(
            diagnosis_id=speaker.message_id,
            by=speaker.by,
            outcome=DiagnosisOutcome(outcome),
            estimate=estimate if asks else None,
            note=field(form, "note") or None,
        )
    except ValidationError:
        return Notice("warehouse.bench.said.too_much", "bad")
    await repairs.diagnose(view.return_id, view.unit_id, message)
    return None


async def _work(repairs: Repairs, view: RepairView, form: FormData, speaker: _Speaker) -> Notice | None:
    parts, wrong = parts_of(form)
    if wrong:
        return Notice("warehouse.bench.said.part", "bad", {"sku": wrong})
    try:
        message = RepairWork(repair_id=speaker.message_id, by=speaker.by, parts=parts, note=field(form, "note") or None)
    except ValidationError:
        return Notice("warehouse.bench.said.too_much", "bad")
    await repairs.record_repair(view.return_id, view.unit_id, message)
    return None


async def _check(repairs: Repairs, view: RepairView, form: FormData, speaker: _Speaker) -> Notice | None:
    try:
        message = RepairCheck(
            check_id=speaker.message_id,
            by=speaker.by,
            passed=field(form, "do") == "check:passed",
            note=field(form, "note") or None,
        )
    except ValidationError:
        return Notice("warehouse.bench.said.too_much", "bad")
    await repairs.record_check(view.return_id, view.unit_id, message)
    return None


_SAID: dict[str, Callable[[Repairs, RepairView, FormData, _Speaker], Awaitable[Notice | None]]] = {
    "diagnose": _diagnose,
    "work": _work,
    "check": _check,
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
    request: Request,
    services: Services,
    worker: Worker,
    view: RepairView,
    message_id: str,
    form: FormData,
    said: Notice | None = None,
    *,
    status: int = 200,
) -> Response:
    rows = [row for row in _rows(form) if row[0]]
    return page(
        request,
        "warehouse/repair.html",
        status=status,
        worker=worker,
        view=view,
        item=await customers_item(services.db, view.return_id, view.unit_id),
        message_id=message_id,
        given=lambda name: field(form, name),
        rows=[*rows, *[("", "1")] * max(1, _ROWS - len(rows))],
        example=example(view.currency),
        said=said,
        since=since,
    )
