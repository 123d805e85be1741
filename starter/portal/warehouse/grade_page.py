"""Grading the units that are here, and saying that their data is gone."""

from typing import Final
from uuid import uuid4

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from client.errors import InvalidInput, NotAllowed
from lifecycle.contract.grades import NAMED, Grade
from starter.portal.shared.forms import FormDep, field
from starter.portal.shared.repeats import sending
from starter.portal.shared.texts import t
from starter.portal.warehouse import notices
from starter.portal.warehouse.count_steps import Notice
from starter.portal.warehouse.grading import REJECT, InHand, Verdicts, in_hand, read_verdicts, usual_way
from starter.portal.warehouse.opened import Desk, DeskDep, Opened, resubmit_on_failure

router = APIRouter()
_PATH: Final = "/warehouse/returns/{return_id}/grade"
#: Units on one page: a form takes only so many fields, and nobody grades more in one go.
_AT_ONCE: Final = 100


@router.get(_PATH)
async def grading(desk: DeskDep, return_id: str) -> Response:
    """The units that wait for a grade."""
    return _show(desk, await desk.opened(return_id), uuid4().hex, FormData())


@router.post(_PATH)
@resubmit_on_failure
async def grade(desk: DeskDep, return_id: str, form: FormDep) -> Response:
    """Record verdicts and wipes; both have ids made with the page, so that a second press is harmless."""
    found = await desk.opened(return_id)
    units, inspection_id = in_hand(found.view, found.request), field(form, "inspection_id")
    # By the form, not by what waits now: sent a second time, the units are graded already.
    verdicts = read_verdicts(form, [*units.waiting, *units.graded], desk.worker.by)
    if verdicts.problems:
        return _show(desk, found, inspection_id, form, verdicts.problems, status=422)
    if not verdicts.units and not verdicts.wipes:
        said = Notice("warehouse.grade.nothing", "bad")
        return _show(desk, found, inspection_id, form, said=said, status=422)
    try:
        await _send(desk, found, verdicts, inspection_id)
    except (NotAllowed, InvalidInput) as error:
        reason = str(error) if isinstance(error, NotAllowed) else t("warehouse.refused.misshaped")
        said = Notice("warehouse.refused.inspection", "bad", {"reason": _without_field(reason)})
        return _show(desk, await desk.opened(return_id), inspection_id, form, said=said, status=409)
    return RedirectResponse(f"/warehouse?done={return_id}", 303)


async def _send(desk: Desk, found: Opened, verdicts: Verdicts, form_id: str) -> None:
    """Wipes first: what is graded then can go to its shelf at once. A form that says otherwise is another verdict."""
    return_id = found.view.return_id
    for wipe in verdicts.wipes:
        said = sending(desk.request, f"{form_id}:{wipe.unit_id}", wipe.how)
        await desk.services.homeward.attest_wipe(return_id, wipe, said.id)
    if verdicts.units:
        said = sending(desk.request, form_id, [unit.model_dump(mode="json") for unit in verdicts.units])
        await desk.services.homeward.record_inspection(return_id, verdicts.inspection(said.id, desk.worker.by))


def _without_field(reason: str) -> str:
    """The reason alone: ``units.0.grade`` says nothing to whoever grades."""
    return reason.split(": ", 1)[1] if reason.startswith(("units.", "unit_id:")) else reason


def _show(
    desk: Desk,
    found: Opened,
    inspection_id: str,
    form: FormData,
    problems: dict[str, str] | None = None,
    *,
    said: Notice | None = None,
    status: int = 200,
) -> Response:
    units: InHand = in_hand(found.view, found.request)
    return desk.page(
        "grade",
        status=status,
        view=found.view,
        units=units,
        at_once=_AT_ONCE,
        inspection_id=inspection_id,
        given=lambda name, unit: field(form, f"{name}:{unit.unit.unit_id}"),
        problems=problems or {},
        grades=NAMED,
        said=said,
        verdicts=[(grade.value, usual_way(grade.value)) for grade in Grade] + [(REJECT, usual_way(REJECT))],
        shut=notices.shut(found.view),
    )
