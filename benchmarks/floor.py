"""The floor: a bare workflow with the steps and events of the plain return, and nothing in them.

What Temporal itself costs on this machine for one return's worth of steps. Start with the
update ``decision`` and a 2 KB request; local step, label, tracking signal, receipt with a local
step, inspection with a local step beside the refund, closing local step; one timer left open,
five search attribute upserts. No models, no database, no rules.
"""

import asyncio
from datetime import timedelta
from typing import Any

from temporalio import activity, workflow
from temporalio.common import SearchAttributeKey

WORKFLOW = "FloorWorkflow"

_STATUS = SearchAttributeKey.for_keyword("ReturnStatus")
_LOCAL = timedelta(seconds=3)
_OUTSIDE = timedelta(seconds=30)
_ALARM = timedelta(days=7)


@activity.defn
async def database_step(name: str) -> None:
    """Touch no database."""


@activity.defn
async def outside_step(name: str) -> str:
    """Call nobody; gives a reference as a partner would, and says in the log whose label there is."""
    if name == "buy_return_label":
        print(activity.info().workflow_id, flush=True)
    return f"{name}-1"


@workflow.defn(name=WORKFLOW)
class FloorWorkflow:
    """As many steps and events as the plain return."""

    @workflow.init
    def __init__(self, request: Any) -> None:
        """Remember nothing of the request."""
        self._seen: list[str] = []

    @workflow.run
    async def run(self, request: Any) -> None:
        """Go through the steps."""
        await self._local("open")
        await self._outside("buy_return_label")
        self._show("label_sent")
        self._alarm = asyncio.create_task(workflow.sleep(_ALARM))
        await self._until("in_transit")
        self._show("in_transit")
        await self._until("received")
        await self._local("receive")
        self._show("received")
        await self._until("inspected")
        refund = self._outside("refund")
        await self._local("restock")
        self._show("settling")
        await refund
        self._show("refunded")
        await self._local("close")
        await workflow.wait_condition(workflow.all_handlers_finished)

    async def _local(self, name: str) -> None:
        await workflow.execute_local_activity(database_step, name, activity_id=name, schedule_to_close_timeout=_LOCAL)
        self._seen.append(name)

    def _outside(self, name: str) -> workflow.ActivityHandle[str]:
        return workflow.start_activity(outside_step, name, activity_id=name, start_to_close_timeout=_OUTSIDE)

    def _show(self, status: str) -> None:
        workflow.upsert_search_attributes([_STATUS.value_set(status)])
        self._seen.append(status)

    async def _until(self, event: str) -> None:
        await workflow.wait_condition(lambda: event in self._seen)

    @workflow.query
    def view(self) -> list[str]:
        """What has happened so far."""
        return self._seen

    @workflow.update
    async def decision(self) -> str:
        """Answer once the opening step is done."""
        await self._until("open")
        return "requested"

    @workflow.signal
    def tracking_event(self, event: Any) -> None:
        """The parcel is on its way."""
        self._seen.append("in_transit")

    @workflow.update
    def record_receipt(self, receipt: Any) -> str:
        """The parcel is there."""
        self._seen.append("received")
        return "received"

    @workflow.update
    def record_inspection(self, inspection: Any) -> str:
        """The unit is graded."""
        self._seen.append("inspected")
        return "received"
