"""How many steps a second begin at a partner, by a limit on its task queue that Temporal itself keeps: 0 is a pause.

It holds for every worker at once, and outlasts a restart of Temporal. A step that may not begin waits in the queue,
and no attempt of it is counted.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import RateLimit, TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest, UpdateTaskQueueConfigRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from client.errors import UnknownPartner, Unreachable
from client.names import CARRIER_QUEUE, PAYMENT_QUEUE

#: Partners whose steps all begin from a queue of their own.
_QUEUES: Final = {"carrier": CARRIER_QUEUE, "payment": PAYMENT_QUEUE}
PARTNERS: Final = tuple(_QUEUES)
#: Characters of a reason: ``why (by)``.
_LONGEST_REASON = 500
_PATIENCE = timedelta(seconds=2)
_ACTIVITIES = TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY


@dataclass(frozen=True)
class Limit:
    """At most ``rps`` steps of a partner begin each second: 0 is a pause, None no limit.

    ``reason`` is why and by whom, ``at`` since when.
    """

    rps: float | None = None
    reason: str | None = None
    at: datetime | None = None


async def limit_of(client: Client, partner: str) -> Limit:
    """What holds for a partner. Raises ``UnknownPartner``, ``Unreachable``."""
    request = DescribeTaskQueueRequest(
        namespace=client.namespace, task_queue=_queue(partner), task_queue_type=_ACTIVITIES, report_config=True
    )
    try:
        found = await client.workflow_service.describe_task_queue(request, timeout=_PATIENCE)
    except RPCError as error:
        raise _unreachable(error) from None
    kept = found.config.queue_rate_limit
    if not kept.HasField("rate_limit"):
        return Limit()
    said = kept.metadata
    at = said.update_time.ToDatetime(UTC) if said.HasField("update_time") else None
    return Limit(kept.rate_limit.requests_per_second, said.reason or None, at)


async def set_limit(client: Client, partner: str, rps: float | None, reason: str) -> None:
    """Have this hold from now on, on every worker. Raises ``UnknownPartner``, ``Unreachable``."""
    wanted = None if rps is None else RateLimit(requests_per_second=rps)
    request = UpdateTaskQueueConfigRequest(
        namespace=client.namespace,
        identity=client.identity,
        task_queue=_queue(partner).name,
        task_queue_type=_ACTIVITIES,
        update_queue_rate_limit=UpdateTaskQueueConfigRequest.RateLimitUpdate(
            rate_limit=wanted, reason=reason[:_LONGEST_REASON]
        ),
    )
    try:
        await client.workflow_service.update_task_queue_config(request, timeout=_PATIENCE)
    except RPCError as error:
        raise _unreachable(error) from None


def _queue(partner: str) -> TaskQueue:
    if partner not in PARTNERS:
        raise UnknownPartner(partner, PARTNERS)
    return TaskQueue(name=_QUEUES[partner])


def _unreachable(error: RPCError) -> Unreachable:
    if error.status is RPCStatusCode.UNIMPLEMENTED:
        return Unreachable("this Temporal keeps no limits of task queues: it is older than 1.29")
    return Unreachable(f"Temporal does not answer: {error.status.name}")
