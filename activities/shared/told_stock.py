"""What was reserved, released or shipped is told to the shop's own stock system, which cannot undo it."""

from collections.abc import Sequence
from contextvars import ContextVar
from typing import Any

import structlog

from activities.shared.effects import StepInput
from activities.shared.errors import application_errors
from gateways.database.stock import inventory

#: What the running step has made, by itself in a tuple: from then on it may fail for a while, not for good.
MADE: ContextVar[tuple[Any] | None] = ContextVar("made", default=None)
log = structlog.get_logger()


async def tell_stock(stock: inventory.Inventory, given: StepInput, keys: Sequence[str], made: Any = None) -> None:
    """Tell it of these reservations; the step is done, ``made`` is its result, whatever the system answers.

    A refusal is logged; a passing fault has the step tried again, until ``workers.backoff`` has no more patience.
    """
    MADE.set((made,))
    with application_errors("inventory"):
        refused = await stock.tell_reserved(keys)
    for kind, code in refused:
        log.warning("stock_not_told", return_id=given.return_id, step=given.step, kind=kind, code=code)
