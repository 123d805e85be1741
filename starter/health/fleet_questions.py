"""What is asked about all processes together, each gauge by one question; see ``FLEET`` for what they mean."""

import re
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from temporalio.client import Client, WorkflowExecution

from activities.shared.metrics import code_label
from client.list_rows import ListFilter
from client.names import RETURN_PREFIX
from client.partners.dispatch import PARTNERS, limit_of
from client.search_attributes import ATTENTION
from client.workflow_query import query_of
from gateways.database import breakers, failing_steps
from gateways.database.engine import Database
from gateways.database.messages import lag
from gateways.database.messages.lag import Waiting
from gateways.database.reconciliation import findings
from gateways.database.returns import orphans
from lifecycle.contract.statuses import Status
from starter.doctor.observed import WITHIN, failing_workflows, queue_of, relay_of
from starter.doctor.subscribers import urls_of
from starter.health.gauges import Values
from workers.main import task_queue
from workers.relay_keeper import relays_wanted
from workers.setting_values import Role
from workers.settings import Settings

#: Workflows that are looked at one by one, such as those in attention: so many of them each time.
_MOST: Final = 2000
_PAGE: Final = 1000
_IN_ATTENTION: Final = f"{ATTENTION.name} IS NOT NULL AND ExecutionStatus = 'Running'"
#: A step's name without what it is about.
_STEP: Final = re.compile(r"[a-z]+(_[a-z]+)*")
#: Of a gauge without labels.
_ONE: Final[tuple[str, ...]] = ()


@dataclass(frozen=True)
class Fleet:
    """Whom to ask; ``seen`` is since when each workflow is known to wait in attention."""

    client: Client
    db: Database
    settings: Settings
    seen: dict[tuple[str, str], datetime] = field(default_factory=dict)


def _age(since: datetime | None) -> float:
    return max(0.0, (datetime.now(UTC) - since).total_seconds()) if since else 0.0


def _waiting(name: str, count: str, found: Waiting) -> Values:
    return {f"{name}_{count}": {_ONE: found[0]}, f"{name}_oldest_seconds": {_ONE: _age(found[1])}}


async def _steps(fleet: Fleet) -> Values:
    waiting, oldest = Counter[tuple[str, ...]](), dict[tuple[str, ...], float]()
    for row in await failing_steps.partners_waited_for(fleet.db):
        waiting[(row["partner"], code_label(row["code"]))] += row["count"]
        oldest[(row["partner"],)] = max(oldest.get((row["partner"],), 0), _age(row["since"]))
    return {
        "homeward_steps_waiting": waiting,
        "homeward_steps_oldest_wait_seconds": oldest,
    }


async def _breakers(fleet: Fleet) -> Values:
    found = dict[tuple[str, ...], float]()
    for one in await breakers.breakers_of(fleet.db):
        label = (one.partner, code_label(one.code))
        found[label] = max(found.get(label, 0), one.closed_at is None)
    return {"homeward_breaker_open": found}


async def _paused(fleet: Fleet) -> Values:
    held = {partner: await limit_of(fleet.client, partner) for partner in PARTNERS}
    return {"homeward_partner_paused": {(partner,): float(one.rps == 0) for partner, one in held.items()}}


async def _attention(fleet: Fleet) -> Values:
    found = [(one.id, _step(one)) async for one in _listed(fleet, _IN_ATTENTION)]
    known = await failing_steps.last_failures(
        fleet.db, [one.removeprefix(RETURN_PREFIX) for one, _ in found if one.startswith(RETURN_PREFIX)]
    )
    counts, oldest = Counter[tuple[str, ...]](), dict[tuple[str, ...], float]()
    seen = {one: _since(fleet, one, known) for one in found}
    fleet.seen.clear()
    fleet.seen.update(seen)
    for (_, step), since in seen.items():
        counts[(step,)] += 1
        oldest[(step,)] = max(oldest.get((step,), 0), _age(since))
    return {"homeward_attention": counts, "homeward_attention_oldest_seconds": oldest}


def _step(execution: WorkflowExecution) -> str:
    named = _STEP.match(execution.typed_search_attributes.get(ATTENTION) or "")
    return named[0] if named else "other"


def _since(fleet: Fleet, one: tuple[str, str], known: Mapping[tuple[str, str], datetime]) -> datetime:
    """When its step failed for the last time, else when it was seen first: lists do not say."""
    workflow_id, step = one
    return_id, seen = workflow_id.removeprefix(RETURN_PREFIX), fleet.seen.get(one, datetime.now(UTC))
    failed = [at for (of, name), at in known.items() if of == return_id and _is_of(name, step)]
    return min(seen, *failed) if failed else seen


def _is_of(name: str, step: str) -> bool:
    named = _STEP.match(name)
    return named is not None and named[0] == step


async def _listed(fleet: Fleet, query: str) -> AsyncIterator[WorkflowExecution]:
    count = 0
    async for execution in fleet.client.list_workflows(query, page_size=_PAGE, rpc_timeout=WITHIN):
        yield execution
        count += 1
        if count >= _MOST:
            return


async def _count(fleet: Fleet, wanted: ListFilter) -> float:
    return (await fleet.client.count_workflows(query_of(wanted), rpc_timeout=WITHIN)).count


async def _open(fleet: Fleet) -> Values:
    counts = {(str(one),): await _count(fleet, ListFilter(statuses=(one,), running=True)) for one in Status}
    return {"homeward_returns_open": counts}


async def _overdue(fleet: Fleet) -> Values:
    return {"homeward_promise_overdue": {_ONE: await _count(fleet, ListFilter(due_before=datetime.now(UTC)))}}


async def _requested(fleet: Fleet) -> Values:
    query = query_of(ListFilter(statuses=(Status.REQUESTED,), running=True))
    started = [one.start_time async for one in _listed(fleet, query)]
    return {"homeward_requested_oldest_seconds": {_ONE: _age(min(started, default=None))}}


async def _outbox(fleet: Fleet) -> Values:
    return _waiting("homeward_outbox", "queued", await lag.mails_due(fleet.db))


async def _inbox(fleet: Fleet) -> Values:
    return _waiting("homeward_inbox", "waiting", await lag.inbox_open(fleet.db))


async def _events(fleet: Fleet) -> Values:
    found = await lag.lags(fleet.db, await urls_of(fleet.db, fleet.settings))
    return {"homeward_event_lag_seconds": {(name,): _age(one.oldest) for name, one in found.items()}}


async def _relays(fleet: Fleet) -> Values:
    wanted = [relay.workflow_id for relay in await relays_wanted(fleet.settings, fleet.db)]
    return {"homeward_relay_up": {(relay,): (await relay_of(fleet.client, relay)).works for relay in wanted}}


async def _queues(fleet: Fleet) -> Values:
    seen = {(task_queue(role),): await queue_of(fleet.client, task_queue(role)) for role in Role}
    return {
        "homeward_queue_pollers": {queue: one.fewest for queue, one in seen.items()},
        "homeward_queue_backlog_age_seconds": {queue: one.oldest.total_seconds() for queue, one in seen.items()},
    }


async def _wedged(fleet: Fleet) -> Values:
    return {"homeward_workflow_tasks_wedged": {_ONE: await failing_workflows(fleet.client)}}


async def _orphans(fleet: Fleet) -> Values:
    watched, (compared, at) = await orphans.counts(fleet.db), await findings.counted(fleet.db)
    found = {(f"return_{why}",): count for why, count in watched.items()}
    found |= {(kind,): count for kind, count in compared.items()}
    looked = {"homeward_reconciled_timestamp": {_ONE: at.timestamp()}} if at else {}
    return {"homeward_orphans": found, **looked}


QUESTIONS: Final[tuple[Callable[[Fleet], Awaitable[Values]], ...]] = (
    _steps, _breakers, _paused, _attention, _open, _overdue, _requested, _outbox, _inbox, _events, _relays, _queues,
    _wedged, _orphans,
)  # fmt: skip
