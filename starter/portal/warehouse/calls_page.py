"""The warehouse has the office look at a parcel: one that nobody knows, or one that may not be opened yet."""

from datetime import UTC, datetime
from typing import Final

from fastapi import APIRouter, HTTPException, Response
from fastapi.responses import RedirectResponse

from gateways.database.messages import office_calls
from gateways.database.returns.records import get_return
from starter.portal.shared.forms import FormDep, field
from starter.portal.warehouse.opened import DeskDep, resubmit_on_failure
from starter.portal.warehouse.scanning import cleaned
from starter.portal.warehouse.staff import HOME

router = APIRouter()
_LONGEST_NOTE: Final = 500
_LONGEST_ID: Final = 64


@router.post("/warehouse/calls")
@resubmit_on_failure
async def call_office(desk: DeskDep, form: FormDep) -> Response:
    """Keep the call, which stands on the office's first page until somebody says what comes of it."""
    key, code, return_id = field(form, "form"), cleaned(field(form, "code")), field(form, "return_id") or None
    if not key.isalnum() or len(key) > _LONGEST_ID or not code:
        raise HTTPException(422)
    db = desk.services.db
    if return_id and await get_return(db, return_id) is None:
        raise HTTPException(422)
    note = field(form, "note")[:_LONGEST_NOTE]
    await office_calls.call(db, key, code, return_id, desk.worker.by, note, datetime.now(UTC))
    return RedirectResponse(f"{HOME}?told=1", 303)
