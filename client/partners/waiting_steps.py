"""Steps that failed and wait are tried at another time, each keeping the number of its attempt."""

from datetime import datetime, timedelta
from typing import Final

from google.protobuf.duration_pb2 import Duration
from google.protobuf.field_mask_pb2 import FieldMask
from temporalio.api.activity.v1 import ActivityOptions
from temporalio.api.common.v1 import RetryPolicy, WorkflowExecution
from temporalio.api.workflowservice.v1 import UpdateActivityOptionsRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from client.errors import Unreachable
from gateways.database import failing_steps
from gateways.database.engine import Database
from gateways.database.failing_steps import WaitingStep

_AT_ONCE: Final = timedelta(milliseconds=1)
_PATIENCE: Final = timedelta(seconds=2)
_MASK: Final = FieldMask(paths=["retry_policy.initial_interval", "retry_policy.maximum_interval"])


async def try_at(client: Client, database: Database, step: WaitingStep, next_at: datetime) -> bool:
    """Have Temporal try a step at this instant; False where it waits no more. Raises ``Unreachable``."""
    # Both intervals: Temporal waits from the last failure for the initial one, doubled, but no longer than the
    # longest. The activity names its own wait when it fails the next time.
    interval = Duration()
    interval.FromTimedelta(max(next_at - step.wait.failed_at, _AT_ONCE))
    request = UpdateActivityOptionsRequest(
        namespace=client.namespace,
        execution=WorkflowExecution(workflow_id=step.workflow_id),
        identity=client.identity,
        activity_options=ActivityOptions(
            retry_policy=RetryPolicy(initial_interval=interval, maximum_interval=interval)
        ),
        update_mask=_MASK,
        id=step.step,
    )
    try:
        await client.workflow_service.update_activity_options(request, timeout=_PATIENCE)
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            await failing_steps.drop(database, step)
            return False
        raise Unreachable(f"Temporal does not answer: {error.status.name}") from None
    await failing_steps.move(database, step, next_at)
    return True
