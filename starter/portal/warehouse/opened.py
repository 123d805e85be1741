"""What the warehouse's pages work with: the desk that asks, and a return as it is opened there."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request, Response

from client.answers import Source
from client.errors import NoAnswer, UnknownReturn
from gateways.database.returns.records import get_return
from lifecycle.contract.request import ReturnRequest
from lifecycle.contract.view import View
from starter.portal.shared.pages import page
from starter.portal.warehouse.staff import Worker, WorkerDep
from starter.shared.services import Services, ServicesDep


@dataclass(frozen=True)
class Opened:
    """Where it stands now, and what was asked for."""

    view: View
    request: ReturnRequest


@dataclass(frozen=True)
class Desk:
    """One request of somebody who works here."""

    request: Request
    services: Services
    worker: Worker

    async def opened(self, return_id: str) -> Opened:
        """Open a return; raises ``UnknownReturn``, ``Unreachable``, ``Unavailable``."""
        kept = await get_return(self.services.db, return_id)
        if kept is None:
            raise UnknownReturn(return_id)
        seen = await self.services.homeward.sourced_view(return_id)
        if seen.source is Source.RECORDS:
            # The records know less than its workflow: on them nobody should count or grade.
            raise NoAnswer
        return Opened(seen.view, ReturnRequest.model_validate(kept.request))

    def page(self, name: str, *, status: int = 200, **values: Any) -> Response:
        """Show one of the warehouse's templates."""
        return page(self.request, f"warehouse/{name}.html", status=status, worker=self.worker, **values)


async def _desk(request: Request, services: ServicesDep, worker: WorkerDep) -> Desk:
    return Desk(request, services, worker)


#: What every page of the warehouse asks for.
DeskDep = Annotated[Desk, Depends(_desk)]
