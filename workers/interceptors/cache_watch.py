"""Sees that a worker's cache has no room for the workflows in flight: each that is put out is replayed whole later."""

import time
from math import inf
from threading import Lock
from typing import Any, Final

import structlog
from temporalio import workflow
from temporalio.worker import (
    ExecuteWorkflowInput,
    Interceptor,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)

#: Seconds.
_REPORT_EVERY: Final = 60
_log = structlog.get_logger("homeward.workers")


class CacheWatch(Interceptor):
    """Counts the workflows that one worker puts out of its full cache, and warns of them once a minute."""

    def __init__(self, task_queue: str, most: int) -> None:
        """``most`` is how many the worker keeps."""
        self._task_queue = task_queue
        self._most = most
        self._kept: set[str] = set()
        #: Workflows run in several threads.
        self._lock = Lock()
        self._count = 0
        self._reported = -inf

    def workflow_interceptor_class(self, input: WorkflowInterceptorClassInput) -> type[WorkflowInboundInterceptor]:  # noqa: A002, ARG002 (the SDK's)
        """See the SDK: called once for each worker."""
        return type("_Watched", (_Watched,), {"watch": self})

    def keep(self, run_id: str) -> None:
        """A run is in memory."""
        with self._lock:
            self._kept.add(run_id)

    def end(self, run_id: str, *, put_out: bool) -> None:
        """It is no more: it has ended, or was ``put_out``, which is for want of room where the cache is full."""
        with self._lock:
            put_out = put_out and len(self._kept) >= self._most
            self._kept.discard(run_id)
            self._count += put_out
            if not put_out or time.monotonic() - self._reported < _REPORT_EVERY:
                return
            count, self._count, self._reported = self._count, 0, time.monotonic()
        _log.warning("the cache of workflows is full: HOMEWARD_WORKER_CACHE", task_queue=self._task_queue, count=count)


class _Watched(WorkflowInboundInterceptor):
    watch: CacheWatch

    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:  # noqa: A002 (the SDK's name)
        run_id, ended = workflow.info().run_id, False
        self.watch.keep(run_id)
        try:
            result = await self.next.execute_workflow(input)
            ended = True
        finally:
            # The SDK ends what it puts out as if in a replay. What is left when a worker stops is ended by Python,
            # later and from anywhere.
            put_out = not ended and workflow.in_workflow() and workflow.unsafe.is_replaying()
            self.watch.end(run_id, put_out=put_out)
        return result
