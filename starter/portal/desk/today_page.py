"""The first page of the desk."""

from fastapi import APIRouter, Request, Response

from starter.portal.desk.shown import common
from starter.portal.desk.temporal_views import temporal_views
from starter.portal.desk.today import today
from starter.portal.shared.pages import page
from starter.portal.staff.guard import PersonDep
from starter.portal.warehouse.repair_queue import since
from starter.shared.services import ServicesDep

router = APIRouter()


@router.get("/desk")
async def first_page(request: Request, services: ServicesDep, clerk: PersonDep) -> Response:
    """What waits for somebody at the shop."""
    views = temporal_views(services.settings.temporal_ui, services.client.namespace)
    shown = await today(services)
    return page(request, "desk/today.html", today=shown, since=since, temporal_views=views, **common(request, clerk))
