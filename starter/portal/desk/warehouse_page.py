"""What waits for the warehouse: what is on its way, what was delivered, what is to be graded; the urgent first."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Response

from lifecycle.contract.statuses import Status
from starter.portal.desk.parts import COUNTED, chosen, waits_for_grade
from starter.portal.desk.query import begins
from starter.portal.desk.rows import ShownRow, shown
from starter.portal.desk.today import of_status, split_delivered
from starter.portal.warehouse.opened import DeskDep

router = APIRouter()


@dataclass(frozen=True)
class Waiting:
    """One list, those whose promise is due first; ``count`` are all of them, ``more``: at least."""

    name: str
    rows: Sequence[ShownRow]
    count: int
    more: bool


@router.get("/warehouse/waiting")
async def waiting(desk: DeskDep) -> Response:
    """Parcels on their way, delivered ones that nobody has opened, and units that nobody has graded."""
    services, now = desk.services, datetime.now(UTC)
    coming, here, part = await asyncio.gather(
        *(
            services.homeward.find(of_status(status), COUNTED)
            for status in (Status.IN_TRANSIT, Status.RECEIVED, Status.PARTIALLY_RECEIVED)
        )
    )
    rows = await shown(services, coming.rows)
    delivered = await split_delivered(services, rows)
    left = [row for row in rows if row.return_id not in delivered]
    graded = await chosen(services, [here, part], waits_for_grade, first=COUNTED)
    lists = [
        _list("unopened", [row for row in rows if row.return_id in delivered], more=False),
        _list("ungraded", graded.jobs, more=graded.more),
        _list("coming", left, more=bool(coming.next)),
    ]
    zone = ZoneInfo(services.policy().clock.timezone)
    urgent = begins(now.astimezone(zone).date() + timedelta(days=2), zone)
    return desk.page("waiting", lists=lists, urgent=urgent)


_SHOWN = 20


def _list(name: str, rows: Sequence[ShownRow], *, more: bool) -> Waiting:
    inorder = sorted(rows, key=lambda row: (row.due is None, row.due or row.opened_at))
    return Waiting(name, inorder[:_SHOWN], len(rows), more)
