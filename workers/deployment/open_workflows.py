"""Which open workflows are replayed before a deployment: all, or a sample of each type and age."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from temporalio.client import Client, WorkflowExecution

#: Where one age ends and the next begins: what was opened by the last version, the ones before, and long ago.
_AGES: Final = (timedelta(days=1), timedelta(days=7), timedelta(days=30))
_RUNNING: Final = "ExecutionStatus = 'Running'"
#: Workflows whose code fails: Temporal marks them a minute later, and tries their task again and again.
WEDGED: Final = f"TemporalReportedProblems IS NOT NULL AND {_RUNNING}"
_PAGE: Final = 1000


@dataclass(frozen=True)
class OpenWorkflow:
    """One run; ``problems`` are what Temporal reports of one that cannot go on."""

    workflow_id: str
    run_id: str
    workflow_type: str
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sample:
    """How many are open of each type, and those of them that are to be replayed."""

    open: Mapping[str, int]
    chosen: tuple[OpenWorkflow, ...]


async def sample_of(client: Client, types: Sequence[str], limit: int, now: datetime) -> Sample:
    """All open workflows of these types, or ``limit`` of them: as many of each type and age, where there are any."""
    queries = {(kind, query): f"WorkflowType = '{kind}' AND {query}" for kind in types for query in _by_age(now)}
    counts = {key: (await client.count_workflows(query)).count for key, query in queries.items()}
    chosen: list[OpenWorkflow] = []
    for key, share in shares(counts, limit).items():
        if share:
            chosen += [found async for found in _listed(client, queries[key], share)]
    totals = {kind: sum(count for (of, _), count in counts.items() if of == kind) for kind in types}
    return Sample(totals, tuple(chosen))


async def wedged_of(client: Client, types: Sequence[str], limit: int) -> list[OpenWorkflow]:
    """Those of these types whose code fails now, as far as Temporal has noticed."""
    named = ", ".join(f"'{kind}'" for kind in types)
    return [found async for found in _listed(client, f"WorkflowType IN ({named}) AND {WEDGED}", limit)]


def shares(counts: Mapping[Any, int], limit: int) -> dict[Any, int]:
    """How many of each are taken: as many of each as of the others, and more where others have fewer."""
    left, taken = limit, {}
    for number, (key, count) in enumerate(sorted(counts.items(), key=lambda item: item[1])):
        taken[key] = min(count, left // (len(counts) - number))
        left -= taken[key]
    return taken


def _by_age(now: datetime) -> list[str]:
    bounds = [f"{(now - age).isoformat(timespec='seconds')}" for age in _AGES]
    since = [f"StartTime > '{bound}'" for bound in bounds]
    until = [f"StartTime <= '{bound}'" for bound in bounds]
    between = [f"{after} AND {before}" for after, before in zip(since[1:], until, strict=False)]
    return [f"{age} AND {_RUNNING}" for age in (since[0], *between, until[-1])]


async def _listed(client: Client, query: str, limit: int) -> AsyncIterator[OpenWorkflow]:
    async for found in client.list_workflows(query, limit=limit, page_size=min(limit, _PAGE)):
        yield OpenWorkflow(found.id, found.run_id, found.workflow_type, _problems(found))


def _problems(found: WorkflowExecution) -> tuple[str, ...]:
    """What stands in the search attribute ``TemporalReportedProblems``: the cause of the failing task."""
    reported = found.search_attributes.get("TemporalReportedProblems", [])
    return tuple(str(one).removeprefix("cause=WorkflowTaskFailedCause") for one in reported if "cause=" in str(one))
