"""A shop of its own whose books are compared again and again; each test leaves behind what it has found."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from activities.reconciliation import reconciler
from activities.relays import watch
from starter.cli.main import main
from starter.demo.story import Stage, stage_at
from starter.local.up import Place, Ready, running
from starter.shared import services
from tests.workflows.returns.play import Play, make_request
from workers.settings import Settings

PATIENCE = timedelta(seconds=60)
Found = set[tuple[str, str]]


@pytest.fixture(scope="session")
async def ready(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ready]:
    """Another place than other tests' one."""
    place = Place(tmp_path_factory.mktemp("books"), temporal_port=0, ui_port=0, api_port=0)
    policy = Path(__file__).parent.parent.parent / "examples" / "policy.toml"
    settings = Settings(data_dir=place.data_dir, database_url=None, policy=policy, smtp_url=None, workflow_sandbox=True)
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(services, "PATIENCE", PATIENCE)
        changed.setattr(watch, "EVERY", timedelta(hours=1))
        changed.setattr(reconciler, "SETTLES", timedelta(seconds=0.5))
        async with running(settings, place) as there:
            yield there


@pytest.fixture(scope="session")
async def stage(ready: Ready) -> AsyncIterator[Stage]:
    """The client, the clock and the database of this place."""
    async with stage_at(ready, PATIENCE) as stage:
        yield stage


@pytest.fixture
def play(stage: Stage) -> Callable[..., Play]:
    """Make a return of its own; keywords change its request, see ``make_request``."""

    def make(**changes: object) -> Play:
        return Play(stage, make_request(**changes))

    return make


@pytest.fixture(scope="session")
def reconcile(ready: Ready) -> Callable[[], Awaitable[list[dict[str, Any]]]]:
    """What the command finds."""
    environment = {"TEMPORAL_ADDRESS": ready.temporal, "HOMEWARD_DATABASE_URL": ready.database}

    async def found() -> list[dict[str, Any]]:
        run = CliRunner(env=environment).invoke
        result = await asyncio.to_thread(run, main, ["reconcile", "--json"])
        assert result.exit_code in (0, 1), result.output
        lines = result.stdout.splitlines()
        # The log of the engine in this process may stand before it.
        first = next(number for number, line in enumerate(lines) if line in ("[", "[]"))
        rows: list[dict[str, Any]] = json.loads("\n".join(lines[first:]))
        assert result.exit_code == any(row["acknowledged"] is None for row in rows)
        return rows

    return found


@pytest.fixture
async def new(
    reconcile: Callable[[], Awaitable[list[dict[str, Any]]]],
) -> Callable[[], Awaitable[Found]]:
    """What is found now and was not when the test began, as ``(kind, return)``."""
    before = {(row["kind"], row["return_id"]) for row in await reconcile()}

    async def found() -> Found:
        return {(row["kind"], row["return_id"]) for row in await reconcile()} - before

    return found
