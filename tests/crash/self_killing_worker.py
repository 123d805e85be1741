"""A worker that kills itself once at each place it is told to; then works on when it is started again.

``python -m tests.crash.self_killing_worker FOLDER``: the file ``plan.json`` there maps a return's id
to ``[activity id, "before" or "after"]``. A file named after the return says that it was done.
"""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from temporalio import activity
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from gateways.database.engine import Database
from starter.shared.connect import connect, where_is_temporal
from workers.main import run_workers
from workers.setting_values import Role
from workers.settings import load_settings


class SelfKilling(Interceptor):
    """Ends the process by SIGKILL right before, or right after, a step of a return."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.plan: dict[str, list[str]] = json.loads((folder / "plan.json").read_text())

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        """See the SDK."""
        return _Step(next, self)

    def maybe(self, when: str) -> None:
        """Die here, if this is the place and it has not happened yet."""
        info = activity.info()
        return_id = (info.workflow_id or "").removeprefix("return-")
        done = self.folder / return_id
        if self.plan.get(return_id) == [info.activity_id, when] and not done.exists():
            done.touch()
            os.kill(os.getpid(), signal.SIGKILL)


class _Step(ActivityInboundInterceptor):
    def __init__(self, next: ActivityInboundInterceptor, self_killing: SelfKilling) -> None:
        super().__init__(next)
        self._suicidal = self_killing

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        self._suicidal.maybe("before")
        result = await self.next.execute_activity(input)
        self._suicidal.maybe("after")
        return result


async def main(folder: Path) -> None:
    """Work until killed."""
    settings = load_settings()
    client = await connect(where_is_temporal(settings))
    database = Database(settings.database)
    await run_workers(client, settings, database, tuple(Role), asyncio.Event(), interceptors=[SelfKilling(folder)])


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
