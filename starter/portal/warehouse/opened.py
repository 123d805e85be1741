"""A return as the warehouse's pages open it."""

from dataclasses import dataclass

from gateways.database.returns import get_return
from lifecycle.request import ReturnRequest
from lifecycle.view import View
from starter.errors import UnknownReturn
from starter.web.doors import Doors


@dataclass(frozen=True)
class Opened:
    """Where it stands now, and what was asked for."""

    view: View
    request: ReturnRequest


async def opened(doors: Doors, return_id: str) -> Opened:
    """Read both; raises ``UnknownReturn``, ``Unreachable``, ``Unavailable``."""
    kept = await get_return(doors.db, return_id)
    if kept is None:
        raise UnknownReturn(return_id)
    return Opened(await doors.homeward.view(return_id), ReturnRequest.model_validate(kept.request))
