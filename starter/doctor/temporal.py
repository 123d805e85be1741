"""Whether Temporal is set up for returns, and whether somebody takes what it hands out."""

from collections.abc import AsyncIterator, Awaitable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from temporalio.api.enums.v1 import IndexedValueType, TaskQueueType
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import (
    DescribeNamespaceRequest,
    DescribeTaskQueueRequest,
    DescribeTaskQueueResponse,
)
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from client.errors import Unreachable
from client.search_attributes import KEYS
from client.within import answers
from starter.doctor.finding import Finding, failed, ok, warning
from starter.shared.dispatch import PARTNERS, limit_of
from workers.main import task_queue
from workers.setting_values import Role
from workflows.relays import EVENTS, RELAYS

#: Histories are asked for again by revived and reopened returns, and by support.
RETENTION: Final = timedelta(days=30)
#: A worker polls at least once a minute.
POLLED: Final = timedelta(seconds=60)
#: Heartbeats of a relay come every few seconds.
_RELAY_SILENT: Final = timedelta(seconds=60)
_WITHIN: Final = timedelta(seconds=5)
_WORKFLOW, _ACTIVITY = TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY
#: Who polls for workflows: the others do steps alone.
_WITH_WORKFLOWS: Final = frozenset({Role.RETURNS, Role.MESSAGES, Role.SUPPORT})
#: Workflows whose code fails: Temporal marks them, and tries their task again and again.
_FAILING: Final = "TemporalReportedProblems IS NOT NULL AND ExecutionStatus = 'Running'"


async def examine_temporal(client: Client, relays: Sequence[str]) -> AsyncIterator[Finding]:
    """All that can be asked of Temporal; ``relays`` are the ids of those that should run."""
    if not await answers(client, _WITHIN):
        yield failed("temporal", "does not answer", "see TEMPORAL_ADDRESS, its certificates, and the server itself")
        return
    yield ok("temporal", "answers")
    namespace = await _answered("namespace", _retention(client))
    yield namespace
    if namespace.state == "failed":  # nothing else can be asked for there
        return
    yield await _answered("search attributes", _search_attributes(client))
    for role in Role:
        yield await _answered(f"workers of {task_queue(role)}", _polled(client, role))
    for partner in PARTNERS:
        yield await _answered(f"limit of {partner}", _limit(client, partner))
    for relay in relays:
        yield await _answered(f"relay {relay}", _relay(client, relay))
    yield await _answered("workflow tasks", _failing(client))


async def _answered(check: str, asked: Awaitable[Finding]) -> Finding:
    """What it found; a question that Temporal does not answer, or not to us, leaves the others to be asked."""
    advice = "whether it is in order is not known: see whether these credentials may ask for it"
    try:
        return await asked
    except RPCError as error:
        return warning(check, f"Temporal answers {error.status.name}", advice)
    except Unreachable as error:
        return warning(check, str(error), advice)


async def _retention(client: Client) -> Finding:
    request = DescribeNamespaceRequest(namespace=client.namespace)
    try:
        found = await client.workflow_service.describe_namespace(request, timeout=_WITHIN)
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            told = f"there is no namespace {client.namespace}"
            return failed("namespace", told, "create it, or see TEMPORAL_NAMESPACE")
        raise
    kept = found.config.workflow_execution_retention_ttl.ToTimedelta()
    told = f"{client.namespace} keeps closed workflows for {kept.days} days"
    if kept < RETENTION:
        return warning("namespace", told, f"have it keep them for {RETENTION.days} days or more")
    return ok("namespace", told)


async def _search_attributes(client: Client) -> Finding:
    request = ListSearchAttributesRequest(namespace=client.namespace)
    found = await client.operator_service.list_search_attributes(request, timeout=_WITHIN)
    wrong = [
        f"{key.name} ({_type_name(key.indexed_value_type)})"
        for key in KEYS
        if found.custom_attributes.get(key.name) != int(key.indexed_value_type)
    ]
    if wrong:
        advice = "add them with `temporal operator search-attribute create`: no return starts before"
        return failed("search attributes", f"missing, or of another type: {', '.join(wrong)}", advice)
    return ok("search attributes", f"all {len(KEYS)} are there")


def _type_name(value: int) -> str:
    name = IndexedValueType.Name(IndexedValueType.ValueType(value))
    return name.removeprefix("INDEXED_VALUE_TYPE_").capitalize()


async def _polled(client: Client, role: Role) -> Finding:
    check, now = f"workers of {task_queue(role)}", datetime.now(UTC)
    kinds = [_WORKFLOW, _ACTIVITY] if role in _WITH_WORKFLOWS else [_ACTIVITY]
    seen = [await _described(client, role, kind) for kind in kinds]
    waiting = max(found.stats.approximate_backlog_count for found in seen)
    recent = [
        {one.identity for one in found.pollers if now - one.last_access_time.ToDatetime(UTC) < POLLED} for found in seen
    ]
    if not all(recent):
        told = f"none within {POLLED.seconds} s; tasks waiting: {waiting}"
        return failed(check, told, f"run `homeward worker --role {role.value}`")
    return ok(check, f"seen: {len(set.union(*recent))}; tasks waiting: {waiting}")


async def _described(client: Client, role: Role, kind: "TaskQueueType.ValueType") -> DescribeTaskQueueResponse:
    request = DescribeTaskQueueRequest(
        namespace=client.namespace,
        task_queue=TaskQueue(name=task_queue(role)),
        task_queue_type=kind,
        report_stats=True,
    )
    return await client.workflow_service.describe_task_queue(request, timeout=_WITHIN)


async def _limit(client: Client, partner: str) -> Finding:
    held = await limit_of(client, partner)
    check, told = f"limit of {partner}", held.reason or "nobody says why"
    if held.rps is None:
        return ok(check, "none")
    if held.rps == 0:
        return warning(check, f"paused: {told}", f"`homeward resume {partner}` once it may be asked again")
    return ok(check, f"{held.rps:g} steps a second: {told}")


async def _relay(client: Client, workflow_id: str) -> Finding:
    check = f"relay {workflow_id}"
    advice = "run `homeward worker --role messages`, which starts it and keeps it running"
    try:
        found = await client.get_workflow_handle(workflow_id).describe(rpc_timeout=_WITHIN)
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return failed(check, "has never run", advice)
        raise
    beats = [one.last_heartbeat_time.ToDatetime(UTC) for one in found.raw_description.pending_activities]
    if found.status is not WorkflowExecutionStatus.RUNNING or not beats:
        return failed(check, "does not run", advice)
    if (silent := datetime.now(UTC) - max(beats)) > _RELAY_SILENT:
        return failed(check, f"has been silent for {silent.total_seconds():.0f} s", advice)
    return ok(check, "runs")


async def _failing(client: Client) -> Finding:
    count = (await client.count_workflows(_FAILING, rpc_timeout=_WITHIN)).count
    if count:
        advice = f"list them by `{_FAILING}`: a worker's code does not fit their histories, or has a fault"
        return failed("workflow tasks", f"cannot go on: {count}", advice)
    return ok("workflow tasks", "none fails")


def relays_wanted(*, subscribers: bool) -> list[str]:
    """The ids of the relays that should run; events have one where somebody subscribes."""
    return [relay.workflow_id for relay in RELAYS if subscribers or relay is not EVENTS]
