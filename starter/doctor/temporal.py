"""Whether Temporal is set up for returns, and whether somebody takes what it hands out."""

from collections.abc import AsyncIterator, Awaitable, Sequence
from datetime import timedelta
from typing import Any, Final

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.common import SearchAttributeKey
from temporalio.service import RPCError, RPCStatusCode

from client.errors import Unreachable
from client.partners.dispatch import PARTNERS, limit_of
from client.search_attributes import KEYS
from client.within import answers
from starter.doctor.clocks import compared
from starter.doctor.finding import Finding, failed, ok, warning
from starter.doctor.observed import (
    POLLED,
    WITHIN,
    clock_of,
    failing_workflows,
    missing_attributes,
    queue_of,
    relay_of,
)
from workers.deployment.open_workflows import WEDGED
from workers.main import task_queue
from workers.setting_values import Role

#: Histories are asked for again by revived and reopened returns, and by support.
RETENTION: Final = timedelta(days=30)


async def examine_temporal(client: Client, relays: Sequence[str]) -> AsyncIterator[Finding]:
    """All that can be asked of Temporal; ``relays`` are the ids of those that should run."""
    if not await answers(client, WITHIN):
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
    yield await _answered("clock of Temporal", _clock(client))


async def _answered(check: str, asked: Awaitable[Finding]) -> Finding:
    """What it found; a question that Temporal does not answer, or not to us, leaves the others to be asked."""
    advice = "whether it is in order is not known: see whether these credentials may ask for it"
    try:
        return await asked
    except RPCError as error:
        return warning(check, f"Temporal answers {error.status.name}", advice)
    except Unreachable as error:
        return warning(check, str(error), advice)


async def _clock(client: Client) -> Finding:
    seen = await clock_of(client)
    if seen is None:
        return warning("clock of Temporal", "it did not tell in time", "ask again")
    return compared("clock of Temporal", "Temporal's", *seen)


async def _retention(client: Client) -> Finding:
    request = DescribeNamespaceRequest(namespace=client.namespace)
    try:
        found = await client.workflow_service.describe_namespace(request, timeout=WITHIN)
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
    if wrong := await missing_attributes(client):
        advice = "add them with `temporal operator search-attribute create`: no return starts before"
        return failed("search attributes", f"missing, or of another type: {', '.join(map(_typed, wrong))}", advice)
    return ok("search attributes", f"all {len(KEYS)} are there")


def _typed(key: SearchAttributeKey[Any]) -> str:
    name = IndexedValueType.Name(IndexedValueType.ValueType(int(key.indexed_value_type)))
    return f"{key.name} ({name.removeprefix('INDEXED_VALUE_TYPE_').capitalize()})"


async def _polled(client: Client, role: Role) -> Finding:
    queue = task_queue(role)
    check, seen = f"workers of {queue}", await queue_of(client, queue)
    if not seen.fewest:
        told = f"none within {POLLED.seconds} s; tasks waiting: {seen.waiting}"
        return failed(check, told, f"run `homeward worker --role {role.value}`")
    return ok(check, f"seen: {seen.workers}; tasks waiting: {seen.waiting}")


async def _limit(client: Client, partner: str) -> Finding:
    held = await limit_of(client, partner)
    check, told = f"limit of {partner}", held.reason or "nobody says why"
    if held.rps is None:
        return ok(check, "none")
    if held.rps == 0:
        return warning(check, f"paused: {told}", f"`homeward resume {partner}` once it may be asked again")
    return ok(check, f"{held.rps:g} steps a second: {told}")


async def _relay(client: Client, workflow_id: str) -> Finding:
    check, seen = f"relay {workflow_id}", await relay_of(client, workflow_id)
    advice = "run `homeward worker --role messages`, which starts it and keeps it running"
    if not seen.known:
        return failed(check, "has never run", advice)
    if seen.silent is None:
        return failed(check, "does not run", advice)
    if not seen.works:
        return failed(check, f"has been silent for {seen.silent.total_seconds():.0f} s", advice)
    return ok(check, "runs")


async def _failing(client: Client) -> Finding:
    if count := await failing_workflows(client):
        advice = f"list them by `{WEDGED}`: a worker's code does not fit their histories (see `homeward deploy check`)"
        return failed("workflow tasks", f"cannot go on: {count}", advice)
    return ok("workflow tasks", "none fails")
