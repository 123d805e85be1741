"""What the warehouse's pages work with: the desk that asks, and a return as it is opened there."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import wraps
from typing import Annotated, Any, Final
from uuid import uuid4

from fastapi import Depends, Request, Response
from starlette.datastructures import FormData

from client.answers import Source
from client.errors import NoAnswer, UnknownReturn, Unreachable
from gateways.database.returns.records import get_return
from gateways.errors import Unavailable
from lifecycle.contract.request import ReturnRequest
from lifecycle.contract.view import View
from starter.portal.shared.pages import page
from starter.portal.warehouse.staff import Worker, WorkerDep
from starter.shared.services import Services, ServicesDep

_SOON: Final = "5"


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
        return page(
            self.request,
            f"warehouse/{name}.html",
            status=status,
            worker=self.worker,
            form_id=lambda: uuid4().hex,
            **values,
        )


async def _desk(request: Request, services: ServicesDep, worker: WorkerDep) -> Desk:
    return Desk(request, services, worker)


#: What every page of the warehouse asks for.
DeskDep = Annotated[Desk, Depends(_desk)]


def resubmit_on_failure(handler: Callable[..., Awaitable[Response]]) -> Callable[..., Awaitable[Response]]:
    """Around a handler with ``desk`` and ``form``: Temporal, workers or database away lose nothing.

    A page holds all that was entered, and sends it once more. Every message that a form sends has an id in that form,
    so that sending it twice is harmless.
    """

    @wraps(handler)
    async def careful(*, desk: Desk, form: FormData, **rest: Any) -> Response:
        try:
            return await handler(desk=desk, form=form, **rest)
        except (Unreachable, Unavailable):
            kept = [(name, value) for name, value in form.multi_items() if isinstance(value, str) and name != "csrf"]
            answer = desk.page("again", status=503, kept=kept)
            answer.headers["Retry-After"] = _SOON
            return answer

    return careful
