"""Every return: found by anything, narrowed, sorted, page by page, and as a table for a spreadsheet."""

from collections.abc import AsyncIterator
from typing import Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse, StreamingResponse

from lifecycle.contract.request import Method, Reason
from lifecycle.contract.resolutions import Resolution
from lifecycle.contract.statuses import Status
from lifecycle.shared.listing import Sort
from starter.portal.desk.query import Asked, asked
from starter.portal.desk.rows import ShownRow, shown
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
    found = await services.homeward.find(wanted.wanted, _ROWS, after)
    if len(found.rows) == 1 and not (after or found.instead or wanted.narrowed) and wanted.wanted.text:
        return RedirectResponse(f"/desk/returns/{found.rows[0].recorded.return_id}", 303)
    return page(
        request,
        "desk/list.html",
        clerk=clerk,
        asked=wanted,
        choices=_CHOICES,
        rows=await shown(services, found.rows),
        found=found,
        first=not after,
    )


@router.get("/desk/returns.csv")
async def returns_file(request: Request, services: ServicesDep, clerk: PersonDep) -> Response:
    """The same list as a file, at most 10,000 rows of it; amounts are in minor units, times in UTC."""
    del clerk  # only that there is one
    name = "attachment; filename=returns.csv"
    lines = _lines(services, _asked(request, services))
    return StreamingResponse(lines, media_type="text/csv", headers={"Content-Disposition": name})


def _asked(request: Request, services: Services) -> Asked:
    return asked(request, ZoneInfo(services.policy().clock.timezone))


async def _lines(services: Services, wanted: Asked) -> AsyncIterator[str]:
    yield written([_COLUMNS])
    after, left = "", _MOST_IN_FILE
    while left > 0:
        found = await services.homeward.find(wanted.wanted, min(_PART, left), after)
        yield written([_cells(row) for row in await shown(services, found.rows)])
        after, left = found.next, left - _PART
        if not after:
            return


def _cells(row: ShownRow) -> list[str]:
    values = [getattr(row, name) for name in _COLUMNS]
    return [cell(" ".join(value) if isinstance(value, tuple) else value) for value in values]
