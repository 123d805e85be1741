"""An update that the server would not take is sent again under the same id, as long as its caller waits."""

import time
from datetime import timedelta
from typing import Any, cast

import pytest
from temporalio.client import WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode

from client.updates import send_update
from lifecycle.contract.messages import Approve


class Task:
    """A workflow task that fails for so long, in seconds."""

    def __init__(self, fails_for: float) -> None:
        self.until = time.monotonic() + fails_for
        self.ids: list[str] = []

    async def execute_update(self, name: str, message: Any, **how: Any) -> Approve:
        self.ids.append(how["id"])
        if time.monotonic() < self.until:
            raise RPCError("workflow task failed", RPCStatusCode.FAILED_PRECONDITION, b"")
        return Approve.model_validate(message)


async def sent(task: Task, patience: float) -> Approve:
    handle, within = cast("WorkflowHandle[Any, Any]", task), timedelta(seconds=patience)
    return await send_update(handle, "approve", Approve(by="x"), "approve:1", Approve, within)


async def test_it_goes_through_once_the_task_is_mended() -> None:
    task = Task(fails_for=1.2)
    assert (await sent(task, patience=10)).by == "x"
    assert 4 <= len(task.ids) < 12
    assert set(task.ids) == {"approve:1"}


async def test_its_caller_waits_no_longer_than_they_said() -> None:
    begun = time.monotonic()
    with pytest.raises(RPCError):
        await sent(Task(fails_for=60), patience=0.6)
    assert time.monotonic() - begun < 1.5
