"""Says how a return ended, to whoever waits for its settlement."""

from typing import Any

from temporalio import activity

from gateways.database.engine import Database
from gateways.database.returns.records import get_return
from lifecycle.contract.view import View
from lifecycle.returns.views.return_view import summary_of_view


class ClosedReturnActivities:
    """What the records know once no workflow runs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @activity.defn
    async def closed_summary(self, return_id: str) -> dict[str, Any] | None:
        """The summary of a closed return; None of one that has not closed."""
        row = await get_return(self._database, return_id)
        if row is None or row.view is None:
            return None
        return summary_of_view(View.model_validate(row.view)).model_dump(mode="json")
