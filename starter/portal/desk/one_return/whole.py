"""All there is to know of one return."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from client.answers import Source
from client.errors import HomewardError
from client.names import return_workflow_id
from gateways.database.failing_steps import failures_of, waiting_of
from gateways.database.ledger import effects_of
from gateways.database.messages.outbox import mails_of
from gateways.database.returns.listing import returns_of_customers_since
from gateways.database.returns.records import get_return
from lifecycle.contract.request import ReturnRequest
from lifecycle.contract.statuses import Status
from lifecycle.contract.view import View
from starter.portal.desk.one_return.stands import Line, lines_of
from starter.portal.desk.today import HISTORY
from starter.shared.services import Services

#: Statuses before the goods are handed over: what is asked for may change, and the return may be called off.
_BEFORE_HANDOVER: Final = frozenset({Status.REQUESTED, Status.IN_REVIEW, Status.LABEL_SENT})
_Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Whole:
    """What the page shows; ``stands`` is what the return itself says to operators."""

    view: View
    source: Source
    of: ReturnRequest | None
    stands: Sequence[Line]
    earlier: int
    mails: _Rows
    effects: _Rows
    failures: _Rows
    waiting: _Rows
    titles: Mapping[str, str]
    in_temporal: str
    may_change: bool


async def whole(services: Services, return_id: str) -> Whole:
    """Ask the return, and our records. Raises ``UnknownReturn``, ``Unreachable``, ``Unavailable``."""
    seen = await services.homeward.sourced_view(return_id)
    db, now = services.db, datetime.now(UTC)
    kept, mails, effects, failures, waiting, since = await asyncio.gather(
        get_return(db, return_id),
        mails_of(db, return_id),
        effects_of(db, return_id),
        failures_of(db, return_id),
        waiting_of(db, return_id),
        returns_of_customers_since(db, [return_id], now - HISTORY),
    )
    request = ReturnRequest.model_validate(kept.request) if kept else None
    return Whole(
        view=seen.view,
        source=seen.source,
        of=request,
        stands=lines_of(await _details(services, return_id)) if seen.source is Source.LIVE else (),
        earlier=max(0, since.get(return_id, 1) - 1),
        mails=mails,
        effects=effects,
        failures=failures,
        waiting=waiting,
        titles={line.line_id: line.title or line.sku for line in request.order.lines} if request else {},
        in_temporal=_in_temporal(services, return_id),
        may_change=seen.view.status in _BEFORE_HANDOVER and seen.source is Source.LIVE,
    )


async def _details(services: Services, return_id: str) -> str:
    try:
        return await services.homeward.details(return_id)
    except HomewardError:  # beside: the page is worth showing without
        return ""


def _in_temporal(services: Services, return_id: str) -> str:
    """Where Temporal's own pages show its workflow; empty where nobody has said where they are."""
    ui = services.settings.temporal_ui
    namespace = services.client.namespace
    return f"{ui}/namespaces/{namespace}/workflows/{return_workflow_id(return_id)}" if ui else ""
