"""Has Temporal begin what is done each day, by schedules of its own."""

from contextlib import suppress
from datetime import timedelta
from typing import Final

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
)

from client.names import MESSAGES_QUEUE
from workflows.reconciliation import ReconciliationWorkflow

RECONCILIATION: Final = "daily-reconciliation"
#: At three in the morning, UTC, and up to half an hour later: partners have many customers.
_EVERY, _AT, _JITTER = timedelta(days=1), timedelta(hours=3), timedelta(minutes=30)
_ANSWERS_WITHIN: Final = timedelta(seconds=10)


async def keep_scheduled(client: Client) -> None:
    """Make the schedule where it is missing; one that somebody has changed or paused stays so. Raises ``RPCError``."""
    action = ScheduleActionStartWorkflow(
        ReconciliationWorkflow.__name__,
        id="reconciliation",
        task_queue=MESSAGES_QUEUE,
        static_summary="Compares our books with partners and Temporal",
    )
    spec = ScheduleSpec(intervals=[ScheduleIntervalSpec(every=_EVERY, offset=_AT)], jitter=_JITTER)
    policy = SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=timedelta(hours=12))
    with suppress(ScheduleAlreadyRunningError):
        await client.create_schedule(
            RECONCILIATION, Schedule(action=action, spec=spec, policy=policy), rpc_timeout=_ANSWERS_WITHIN
        )
