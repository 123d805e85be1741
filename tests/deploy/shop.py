"""A server, a database, and workers of one version or another, which come and go as a test says."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from temporalio.client import Client

from gateways.database.engine import Database
from starter.demo.story import Stage, stage_at
from starter.local.temporal_server import TemporalServer
from starter.local.up import Ready
from starter.shared.inbox import inbox_of
from tests.workflows.returns.play import Play, make_request
from workers import main
from workers.deployment.build import Build
from workers.main import run_workers
from workers.setting_values import Role
from workers.settings import Settings, database_in
from workflows.returns.workflow import ReturnWorkflow


class PromptServer(TemporalServer):
    """The embedded server, which reports a workflow task at its first failure rather than after a minute of them."""

    def _command(self) -> list[str]:
        key = "system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute"
        return [*super()._command(), "--dynamic-config-value", f"{key}=1"]


class Shop:
    """What a deployment consists of, without workers."""

    def __init__(self, stage: Stage, ready: Ready, settings: Settings, server: TemporalServer) -> None:
        self.stage = stage
        self.ready = ready
        self.server = server
        self._settings = settings

    @property
    def client(self) -> Client:
        """A client that lets no time be skipped."""
        return self.stage.clock.client

    def play(self, **changes: object) -> Play:
        """Make a return of its own."""
        return Play(self.stage, make_request(**changes))

    @asynccontextmanager
    async def working(
        self, *roles: Role, return_workflow: type | None = None, build: Build | None = None
    ) -> AsyncIterator[None]:
        """Workers of these roles, all when none is named; ``return_workflow`` is the code of another version."""
        stop, started = asyncio.Event(), asyncio.Event()
        with pytest.MonkeyPatch.context() as changed:
            if return_workflow:
                others = (one for one in main.WORKFLOWS[Role.RETURNS] if one is not ReturnWorkflow)
                changed.setitem(main.WORKFLOWS, Role.RETURNS, [return_workflow, *others])
            pass_next = inbox_of(self.client, self.stage.db).pass_next
            given = (self.client, self._settings, self.stage.db, roles or tuple(Role), stop, started)
            work = run_workers(*given, pass_next=pass_next, build=build)
            running = asyncio.create_task(work)
            begun = asyncio.create_task(started.wait())
            await asyncio.wait([running, begun], return_when=asyncio.FIRST_COMPLETED)
        begun.cancel()
        if running.done():
            running.result()
        try:
            yield
        finally:
            stop.set()
            await running


@asynccontextmanager
async def shop_in(folder: Path) -> AsyncIterator[Shop]:
    """A new shop whose files are there."""
    server = PromptServer(folder)
    await server.start()
    url = database_in(folder)
    ready = Ready("", None, server.address, url)
    try:
        db = Database(url)
        await db.upgrade()
        await db.dispose()
        settings = Settings(
            data_dir=folder, database_url=url, policy=Path("examples/policy.toml"), give_up_after_seconds=3
        )
        async with stage_at(ready) as stage:
            yield Shop(stage, ready, settings, server)
    finally:
        await server.stop()
