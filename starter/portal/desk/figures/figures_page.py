"""Figures of a period: what came back and why, what it cost, and whether promises were kept."""

from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, HTTPException, Request, Response

from gateways.database.figures.read import Wanted, figures
from lifecycle.contract.errors import InvalidRequest
from lifecycle.contract.request import Method
from lifecycle.figures.period import Preset
from lifecycle.figures.tables import TABLES, rows_of
from starter.portal.desk.figures.panels import panels, tiles
from starter.portal.desk.shown import common
from starter.portal.shared.formats import Days
from starter.portal.shared.forms import plain
from starter.portal.shared.pages import page
from starter.portal.staff.guard import PersonDep
from starter.shared.figures.asked import FILE_SKUS, SHOWN_SKUS, as_csv, wanted
from starter.shared.services import Services, ServicesDep

router = APIRouter()
_FIELDS = ("period", "from", "to", "country", "method")


@router.get("/desk/figures")
async def show(request: Request, services: ServicesDep, clerk: PersonDep) -> Response:
    """The period that is asked for, else this month; what cannot be read is said, and left out."""
    given, wrong = _given(request), ""
    try:
        asked = _asked(services, given)
    except InvalidRequest as error:
        wrong = error.problems[0][0]
        asked = _asked(services, {})
    found = await figures(services.db, asked, SHOWN_SKUS)
    return page(
        request,
        "desk/figures.html",
        status=422 if wrong else 200,
        found=found,
        given=dict.fromkeys(_FIELDS, "") | given,
        wrong=wrong,
        presets=list(Preset),
        methods=list(Method),
        tiles=tiles(found),
        panels=panels(found, Days(found.timezone)),
        address=urlencode(given),
        **common(request, clerk),
    )


@router.get("/desk/figures.csv")
async def file(request: Request, services: ServicesDep, clerk: PersonDep) -> Response:
    """One table of the same figures; amounts are in minor units."""
    del clerk  # only that there is one
    table = request.query_params.get("table", "")
    if table not in TABLES:
        raise HTTPException(404)
    try:
        asked = _asked(services, _given(request))
    except InvalidRequest as error:
        raise HTTPException(422) from error
    found = await figures(services.db, asked, FILE_SKUS)
    name = f"attachment; filename={table}-{found.first}-{found.last}.csv"
    return Response(as_csv(table, rows_of(found, table)), media_type="text/csv", headers={"Content-Disposition": name})


def _given(request: Request) -> dict[str, str]:
    typed = {name: plain(request.query_params.get(name, ""))[:20] for name in _FIELDS}
    return {name: value for name, value in typed.items() if value}


def _asked(services: Services, given: Mapping[str, str]) -> Wanted:
    return wanted(given, ZoneInfo(services.policy().clock.timezone), datetime.now(UTC))
