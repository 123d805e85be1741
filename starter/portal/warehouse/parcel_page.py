"""The open parcel: count what is in it, then record the receipt."""

from typing import Final
from urllib.parse import quote
from uuid import uuid4

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError
from starlette.datastructures import FormData

from client.errors import InvalidInput, NotAllowed
from starter.portal.shared.forms import FormDep, field
from starter.portal.shared.repeats import not_taken, sending, was_sent
from starter.portal.shared.texts import t
from starter.portal.warehouse import notices
from starter.portal.warehouse.count_steps import Notice, Table, press, scan
from starter.portal.warehouse.counting import Count, expected_lines
from starter.portal.warehouse.grading import in_hand
from starter.portal.warehouse.opened import Desk, DeskDep, Opened, resubmit_on_failure
from starter.portal.warehouse.scanning import cleaned, find
from starter.portal.warehouse.staff import HOME

router = APIRouter()
_PATH: Final = "/warehouse/returns/{return_id}"


@router.get(_PATH)
async def parcel(desk: DeskDep, return_id: str) -> Response:
    """What is expected, to be counted."""
    return _show(desk, _laid_out(await desk.opened(return_id)))


@router.post(_PATH)
@resubmit_on_failure
async def count(desk: DeskDep, return_id: str, form: FormDep) -> Response:
    """One press of a button, or one scan; ``record`` sends what was counted."""
    table = _laid_out(await desk.opened(return_id), Count.read(form))
    button, _, about = field(form, "do").partition(":")
    if button not in ("record", "empty") and was_sent(desk.request, table.count.receipt_id):
        return _counted_before(desk, table)
    if button in ("record", "empty"):
        return await _record(desk, table, empty=button == "empty")
    if button:
        return _show(desk, table, press(table, *_meant(form, button, about)))
    return await _scanned(desk, table, cleaned(field(form, "code")))


def _meant(form: FormData, button: str, about: str) -> tuple[str, str, str]:
    """The button, the line, and the code that it is about."""
    if button == "extra":
        return "extra", field(form, "extra_of"), cleaned(field(form, "what"))
    return button, about, ""


def show_scanned(desk: Desk, found: Opened, serial_number: str) -> Response:
    """The open parcel, after one of its units was scanned instead of its label."""
    table = _laid_out(found)
    said = scan(table, serial_number)
    if said is None:
        table.count.unknown.append(serial_number)
    return _show(desk, table, said)


async def _scanned(desk: Desk, table: Table, code: str) -> Response:
    said = scan(table, code)
    if said is not None:
        return _show(desk, table, said)
    elsewhere = [of for of in (await find(desk.services.db, code)).return_ids if of != table.view.return_id]
    if elsewhere:
        said = Notice("warehouse.count.said.elsewhere", "warn", {"code": code, "return_id": elsewhere[0]})
    table.count.unknown.append(code)
    return _show(desk, table, said)


async def _record(desk: Desk, table: Table, *, empty: bool) -> Response:
    count = table.count
    wrong = count.wrong_lines()
    if wrong:
        titles = ", ".join(table.title(line_id) or line_id for line_id in wrong)
        return _show(desk, table, Notice("warehouse.count.said.number", "bad", {"title": titles}), status=422)
    if count.unknown:
        return _show(desk, table, Notice("warehouse.count.said.unanswered", "bad"), status=422)
    if count.nothing and not empty:
        return _show(desk, table, status=422, ask_empty=True)
    if sending(desk.request, count.receipt_id, count.said).otherwise:
        return _counted_before(desk, table)
    try:
        receipt = count.receipt(table.lines, desk.worker.location, desk.worker.by)
        await desk.services.homeward.record_receipt(table.view.return_id, receipt)
    except (NotAllowed, InvalidInput, ValidationError) as error:
        not_taken(desk.request, count.receipt_id)
        reason = str(error) if isinstance(error, NotAllowed) else t("warehouse.refused.misshaped")
        said = Notice("warehouse.refused.receipt", "bad", {"reason": reason})
        return _show(desk, table, said, status=409)
    return RedirectResponse(following(await desk.opened(table.view.return_id)), 303)


def _counted_before(desk: Desk, sent: Table) -> Response:
    """The form was sent before, and says something else now: a new count, of what is not received yet."""
    table = _laid_out(Opened(sent.view, sent.request))
    return _show(desk, table, Notice("warehouse.count.said.before", "warn"), status=409)


def following(found: Opened) -> str:
    """Where to go on: grading while a unit waits for it, else the next scan."""
    return_id = quote(found.view.return_id)
    if in_hand(found.view, found.request).waiting:
        return f"{HOME}/returns/{return_id}/grade"
    return f"{HOME}?done={return_id}"


def _laid_out(found: Opened, counted: Count | None = None) -> Table:
    """With what was counted so far, nothing yet unless it is given."""
    return Table(found.view, found.request, expected_lines(found.view, found.request), counted or Count(uuid4().hex))


def _show(
    desk: Desk, table: Table, said: Notice | None = None, *, status: int = 200, ask_empty: bool = False
) -> Response:
    units = in_hand(table.view, table.request)
    return desk.page(
        "parcel",
        status=status,
        table=table,
        view=table.view,
        count=table.count,
        units=units,
        said=said,
        ask_empty=ask_empty,
        shut=notices.shut(table.view),
        ended=notices.ended(table.view),
        now=notices.now(table.view, table.request, awaited=False),
    )
