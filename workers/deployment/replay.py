"""Replays the histories of open workflows on this version's code, to name those that it would wedge."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from temporalio import workflow
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHistory
from temporalio.runtime import Runtime
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import Replayer, WorkflowReplayResult, WorkflowRunner

from workers.deployment.open_workflows import OpenWorkflow, sample_of, wedged_of

#: How many are replayed unless more are asked for: some minutes of one core.
USUAL_LIMIT: Final = 2000
#: Histories asked for at once; as many more wait in memory.
_AT_ONCE: Final = 16
_EVENT: Final = re.compile(r"HistoryEvent\(id: (\d+)")
_LONGEST_REASON: Final = 400
_TASK_DONE: Final = EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED


@dataclass(frozen=True)
class Broken:
    """An open workflow that this code cannot go on with.

    At ``event_id``, if known, its history and the code part; up to the workflow task that ended with ``agrees_until``
    they agree, so that a reset to it has the code go on from there.
    """

    workflow_id: str
    run_id: str
    workflow_type: str
    event_id: int | None
    agrees_until: int | None
    reason: str


@dataclass(frozen=True)
class Wedged:
    """One that cannot go on now, whatever is deployed; ``fits``: this code takes it up again."""

    workflow_id: str
    run_id: str
    workflow_type: str
    problems: tuple[str, ...]
    fits: bool


@dataclass(frozen=True)
class Report:
    """What a check has seen. ``open`` and ``replayed`` are counts by workflow type."""

    open: Mapping[str, int]
    replayed: Mapping[str, int]
    breaking: tuple[Broken, ...]
    wedged: tuple[Wedged, ...]

    @property
    def is_sample(self) -> bool:
        """Whether there were more open ones than were replayed."""
        return sum(self.replayed.values()) < sum(self.open.values())


class OpenHistories:
    """The histories of open workflows, and the code that they are replayed on."""

    def __init__(self, client: Client, workflows: Sequence[type], runner: WorkflowRunner, runtime: Runtime) -> None:
        """``runtime`` takes what the replay itself would print."""
        self._client = client
        self._types = [_name(one) for one in workflows]
        config = client.config()
        self._replayer = Replayer(
            workflows=workflows,
            workflow_runner=runner,
            runtime=runtime,
            data_converter=config["data_converter"],
            header_codec_behavior=config["header_codec_behavior"],
        )

    async def check(self, limit: int, now: datetime) -> Report:
        """Replay the wedged ones, and ``limit`` of the others at most. Raises ``RPCError``."""
        wedged = await wedged_of(self._client, self._types, limit)
        sample = await sample_of(self._client, self._types, limit, now)
        found = {one.run_id: one for one in (*sample.chosen, *wedged)}
        replayed: dict[str, int] = dict.fromkeys(self._types, 0)
        breaking: dict[str, Broken] = {}
        async with self._replayer.workflow_replay_iterator(self._fetched(list(found.values()))) as results:
            async for result in results:
                one = found[result.history.run_id]
                replayed[one.workflow_type] += 1
                if result.replay_failure:
                    breaking[one.run_id] = _broken(one, result)
        return Report(sample.open, replayed, tuple(breaking.values()), tuple(_judged(wedged, breaking)))

    async def _fetched(self, wanted: Sequence[OpenWorkflow]) -> AsyncIterator[WorkflowHistory]:
        """One window of histories is replayed while the next is fetched."""
        coming: asyncio.Task[list[WorkflowHistory | None]] | None = None
        try:
            for first in range(0, len(wanted) + _AT_ONCE, _AT_ONCE):
                here, coming = coming, asyncio.create_task(self._window(wanted[first : first + _AT_ONCE]))
                for history in filter(None, await here if here else []):
                    yield history
        finally:
            if coming:
                coming.cancel()

    async def _window(self, wanted: Sequence[OpenWorkflow]) -> list[WorkflowHistory | None]:
        return await asyncio.gather(*map(self._fetch, wanted))

    async def _fetch(self, one: OpenWorkflow) -> WorkflowHistory | None:
        """Its history; None where it has gone meanwhile."""
        try:
            return await self._client.get_workflow_handle(one.workflow_id, run_id=one.run_id).fetch_history()
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return None
            raise


def _name(workflow_class: type) -> str:
    return str(workflow._Definition.must_from_class(workflow_class).name)  # noqa: SLF001 (the SDK has no public way)


def _broken(one: OpenWorkflow, result: WorkflowReplayResult) -> Broken:
    reason = str(result.replay_failure).partition("\n")[0].strip()[:_LONGEST_REASON]
    named = _EVENT.search(reason)
    event_id = int(named[1]) if named else None
    agrees_until = _task_before(event_id, result.history) if event_id else None
    return Broken(one.workflow_id, one.run_id, one.workflow_type, event_id, agrees_until, reason)


def _task_before(event_id: int, history: WorkflowHistory) -> int | None:
    """The event that ended the last workflow task before another event."""
    before = [one.event_id for one in history.events if one.event_type == _TASK_DONE and one.event_id < event_id]
    return max(before, default=None)


def _judged(wedged: Sequence[OpenWorkflow], breaking: Mapping[str, Broken]) -> Iterator[Wedged]:
    for one in wedged:
        yield Wedged(one.workflow_id, one.run_id, one.workflow_type, one.problems, one.run_id not in breaking)
