"""A return as the warehouse's pages open it."""

from dataclasses import dataclass

from client.answers import Source
from client.errors import NoAnswer, UnknownReturn
from gateways.database.returns.records import get_return
from lifecycle.contract.request import ReturnRequest
from lifecycle.contract.view import View
from starter.shared.services import Services


@dataclass(frozen=True)
class Opened:
    """Where it stands now, and what was asked for."""

    view: View
    request: ReturnRequest


async def opened(services: Services, return_id: str) -> Opened:
    """Read both; raises ``UnknownReturn``, ``Unreachable``, ``Unavailable``."""
    kept = await get_return(services.db, return_id)
    if kept is None:
        raise UnknownReturn(return_id)
    seen = await services.homeward.sourced_view(return_id)
    if seen.source is Source.RECORDS:
        # The records know less than its workflow: on them nobody should count or grade.
        raise NoAnswer
    return Opened(seen.view, ReturnRequest.model_validate(kept.request))
