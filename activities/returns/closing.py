"""A return closes with its final view, and is opened again when a later run goes on with it."""

from datetime import UTC, datetime
from typing import Any

from pydantic import Field
from sqlalchemy import Connection
from temporalio import activity

from activities.shared.effects import Effects, StepInput
from activities.shared.metrics import RETURNS_SETTLED, how_kept
from gateways.database import failing_steps
from gateways.database.engine import Database
from gateways.database.messages import events, subscriptions
from gateways.database.orders import order_money
from gateways.database.returns import pieces, records
from lifecycle.contract.statuses import SETTLED
from lifecycle.contract.view import View
from lifecycle.returns.eligibility import SHIPPING
from lifecycle.returns.order_money import OrderMoney
from lifecycle.returns.promise import Kept
from lifecycle.returns.views.events import event_batch_of_view


class CloseInput(StepInput):
    """The view as it will be shown once Temporal has forgotten the return, and the state to go on from."""

    view: View
    state: dict[str, Any]
    #: The order's shipping that it held was not given back: another return may.
    frees_shipping: bool = False
    #: Units that are back for good.
    back: list[str] = Field(default_factory=list)
    #: Units that are back with the customer, each with whether it was rejected: they may be asked for again.
    freed: dict[str, bool] = Field(default_factory=dict)
    #: What it has given back of the order's money; None where nobody has counted it.
    given: OrderMoney | None = None


class ReopenInput(StepInput):
    """A closed return goes on in a new run."""


class ClosingActivities:
    """The last step of a run. ``publishes``: there are subscribers."""

    def __init__(self, database: Database, *, publishes: bool = False) -> None:
        self._effects = Effects(database, "records")
        self._publishes = publishes

    @activity.defn
    async def close_return(self, given: CloseInput) -> None:
        """Store the final view; a return is shown from it long after Temporal has forgotten it.

        Events of one that was begun before there were subscribers are published now.
        """
        closed: list[Kept | None] = []

        def apply(connection: Connection) -> None:
            closed.append(records.close_return(connection, given.return_id, given.view, given.state, given.now))
            failing_steps.forget_waiting(connection, given.return_id)
            if self._publishes or subscriptions.any_there(connection):
                events.write(connection, event_batch_of_view(given.view), datetime.now(UTC))
            if given.frees_shipping:
                records.release_claims(connection, given.return_id, SHIPPING)
            records.mark_back(connection, given.return_id, dict.fromkeys(given.back, True))
            pieces.free_units(connection, given.return_id, given.freed, given.now)
            if given.given is not None:
                order_money.settle(connection, given.return_id, given.given)

        await self._effects.in_database(given, {}, apply)
        if closed and given.view.status in SETTLED:
            RETURNS_SETTLED.labels(given.view.settlement.resolution, how_kept(closed[-1])).inc()

    @activity.defn
    async def reopen_return(self, given: ReopenInput) -> None:
        """Let the workflow be asked again, instead of what was kept of it."""
        await self._effects.in_database(
            given, {}, lambda connection: records.reopen_return(connection, given.return_id)
        )
