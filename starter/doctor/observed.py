"""What Temporal says of an installation, in figures: findings, readiness and metrics are made of them.

Every call may raise ``RPCError``.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.taskqueue.v1 import PollerInfo, TaskQueue
from temporalio.api.workflowservice.v1 import (
    DescribeTaskQueueRequest,
    DescribeTaskQueueResponse,
    PollActivityTaskQueueRequest,
)
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.common import SearchAttributeKey
from temporalio.service import RPCError, RPCStatusCode

from client.names import MESSAGES_QUEUE, RETURNS_QUEUE, SUPPORT_QUEUE
from client.search_attributes import KEYS
from workers.deployment.open_workflows import WEDGED

#: A worker polls at least once a minute; the clocks of two machines may differ by a little.
POLLED: Final = timedelta(seconds=65)
#: How long one question may take.
WITHIN: Final = timedelta(seconds=5)
#: Heartbeats of a relay come every few seconds.
RELAY_SILENT: Final = timedelta(seconds=60)
#: Nothing is ever put into it.
_CLOCK_QUEUE: Final = "homeward-doctor"
_WORKFLOW, _ACTIVITY = TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY
#: Where workflows run: from the others steps alone are taken.
_WITH_WORKFLOWS: Final = frozenset({RETURNS_QUEUE, MESSAGES_QUEUE, SUPPORT_QUEUE})


@dataclass(frozen=True)
class QueueSeen:
    """One task queue: the ``workers`` seen lately, and what waits.

    ``fewest`` is how many of them take what fewest take, workflows or steps. ``oldest`` is how long the oldest task
    has waited.
    """

    workers: int
    fewest: int
    waiting: int
    oldest: timedelta


@dataclass(frozen=True)
class RelaySeen:
    """One relay: whether Temporal knows it, its ``worker``'s identity, and how long that has been silent.

    ``silent`` is None where it does not run.
    """

    known: bool
    worker: str = ""
    silent: timedelta | None = None

    @property
    def works(self) -> bool:
        """Whether it runs, and says so."""
        return self.silent is not None and self.silent <= RELAY_SILENT


async def missing_attributes(client: Client) -> Sequence[SearchAttributeKey[Any]]:
    """Our search attributes that the namespace lacks, or has with another type."""
    request = ListSearchAttributesRequest(namespace=client.namespace)
    found = await client.operator_service.list_search_attributes(request, timeout=WITHIN)
    return [key for key in KEYS if found.custom_attributes.get(key.name) != int(key.indexed_value_type)]


async def queue_of(client: Client, queue: str) -> QueueSeen:
    """The task queue of this name."""
    seen = list((await _seen(client, queue)).values())
    recent = [{one.identity for one in _recent(found)} for found in seen]
    return QueueSeen(
        workers=len(set.union(*recent)),
        fewest=min(map(len, recent)),
        waiting=max(found.stats.approximate_backlog_count for found in seen),
        oldest=max(found.stats.approximate_backlog_age.ToTimedelta() for found in seen),
    )


async def pollers_of(client: Client, queue: str) -> dict[str, list[PollerInfo]]:
    """Who has polled a task queue lately, for ``workflows`` where it has some, and for ``steps``."""
    return {kind: _recent(found) for kind, found in (await _seen(client, queue)).items()}


async def _seen(client: Client, queue: str) -> dict[str, DescribeTaskQueueResponse]:
    kinds = {"workflows": _WORKFLOW, "steps": _ACTIVITY} if queue in _WITH_WORKFLOWS else {"steps": _ACTIVITY}
    return {name: await _described(client, queue, kind) for name, kind in kinds.items()}


def _recent(found: DescribeTaskQueueResponse) -> list[PollerInfo]:
    now = datetime.now(UTC)
    return [one for one in found.pollers if now - one.last_access_time.ToDatetime(UTC) < POLLED]


async def _described(client: Client, queue: str, kind: "TaskQueueType.ValueType") -> DescribeTaskQueueResponse:
    request = DescribeTaskQueueRequest(
        namespace=client.namespace,
        task_queue=TaskQueue(name=queue),
        task_queue_type=kind,
        report_stats=True,
    )
    return await client.workflow_service.describe_task_queue(request, timeout=WITHIN)


async def clock_of(client: Client) -> tuple[datetime, datetime, datetime] | None:
    """What Temporal's clock showed, and this machine's before and after; None where it does not tell in time.

    Temporal notes when somebody asked a task queue for work: one that nothing is ever put into is asked.
    """
    request = PollActivityTaskQueueRequest(
        namespace=client.namespace, task_queue=TaskQueue(name=_CLOCK_QUEUE), identity=f"doctor-{uuid4().hex}"
    )
    asked = datetime.now(UTC)
    asking = asyncio.create_task(client.workflow_service.poll_activity_task_queue(request, timeout=WITHIN))
    try:
        for _ in range(10):
            await asyncio.wait([asking], timeout=0.1)
            found = await _described(client, _CLOCK_QUEUE, _ACTIVITY)
            for one in found.pollers:
                if one.identity == request.identity:
                    return one.last_access_time.ToDatetime(UTC), asked, datetime.now(UTC)
    finally:
        asking.cancel()
        await asyncio.wait([asking])
    return None


async def relay_of(client: Client, workflow_id: str) -> RelaySeen:
    """A relay, by its workflow's id."""
    try:
        found = await client.get_workflow_handle(workflow_id).describe(rpc_timeout=WITHIN)
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return RelaySeen(known=False)
        raise
    beating = [(one.last_heartbeat_time.ToDatetime(UTC), one) for one in found.raw_description.pending_activities]
    if found.status is not WorkflowExecutionStatus.RUNNING or not beating:
        return RelaySeen(known=True)
    at, latest = max(beating, key=lambda one: one[0])
    return RelaySeen(known=True, worker=latest.last_worker_identity, silent=datetime.now(UTC) - at)


async def failing_workflows(client: Client) -> int:
    """How many workflows cannot go on because their code fails."""
    return (await client.count_workflows(WEDGED, rpc_timeout=WITHIN)).count
