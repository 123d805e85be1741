"""Every return: found by anything, narrowed, sorted, page by page, and as a table for a spreadsheet."""

from collections.abc import AsyncIterator
from datetime import datetime
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse, StreamingResponse

from lifecycle.contract.money import exponent
from lifecycle.contract.request import Method, Reason
from lifecycle.contract.resolutions import Resolution
from lifecycle.contract.statuses import Status
from lifecycle.shared.listing import Sort
from starter.portal.desk.query import Asked, asked
from starter.portal.desk.rows import ShownRow, found, shown
from starter.portal.desk.shown import common
from starter.portal.shared.pages import page
from starter.portal.staff.guard import PersonDep
from starter.shared.figures.asked import cell, written
from starter.shared.services import Services, ServicesDep

router = APIRouter()
_ROWS: Final = 50
#: Rows of a file, and how many are read at a time.
_MOST_IN_FILE: Final = 10_000
_PART: Final = 500
_CHOICES: Final = {"status": Status, "resolution": Resolution, "method": Method, "reason": Reason, "sort": Sort}
_COLUMNS: Final = tuple(ShownRow.__dataclass_fields__)


@router.get("/desk/returns")
async def returns_list(request: Request, services: ServicesDep, clerk: PersonDep) -> Response:
    """One page of the list; a search that leads to one return alone opens it."""
    wanted, after = _asked(request, services), request.query_params.get("after", "")
    part, away = await found(services, wanted.wanted, _ROWS, after)
    if len(part.rows) == 1 and not (after or part.instead or wanted.narrowed) and wanted.wanted.text:
        return RedirectResponse(f"/desk/returns/{part.rows[0].recorded.return_id}", 303)
    return page(
        request,
        "desk/list.html",
        asked=wanted,
        choices=_CHOICES,
        rows=await shown(services, part.rows),
        found=part,
        away=away,
        first=not after,
        **common(request, clerk),
    )


@router.get("/desk/returns.csv")
async def returns_file(request: Request, services: ServicesDep, clerk: PersonDep) -> Response:
    """The same list as a file, at most 10,000 rows of it; amounts as money, times in the shop's zone."""
    del clerk  # only that there is one
    name = "attachment; filename=returns.csv"
    lines = _lines(services, _asked(request, services))
    return StreamingResponse(lines, media_type="text/csv", headers={"Content-Disposition": name})


def _asked(request: Request, services: Services) -> Asked:
    return asked(request, ZoneInfo(services.policy().clock.timezone))


async def _lines(services: Services, wanted: Asked) -> AsyncIterator[str]:
    zone = ZoneInfo(services.policy().clock.timezone)
    yield written([_COLUMNS])
    after, left = "", _MOST_IN_FILE
    while left > 0:
        part, _ = await found(services, wanted.wanted, min(_PART, left), after)
        yield written([_cells(row, zone) for row in await shown(services, part.rows)])
        after, left = part.next, left - _PART
        if not after:
            return


def _cells(row: ShownRow, zone: ZoneInfo) -> list[str]:
    values = {name: getattr(row, name) for name in _COLUMNS}
    values["value"] = Decimal(row.value).scaleb(-exponent(row.currency))
    return [cell(_plain(value, zone)) for value in values.values()]


def _plain(value: object, zone: ZoneInfo) -> object:
    """As a spreadsheet reads it: an instant as the shop's clock showed it."""
    if isinstance(value, datetime):
        return f"{value.astimezone(zone):%Y-%m-%d %H:%M}"
    return " ".join(value) if isinstance(value, tuple) else value
