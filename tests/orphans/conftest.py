"""`homeward up` in this process, whose watch looks several times a second; returns lose their workflows here."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner, Result
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.service import RPCError

from activities.relays import watch
from client.names import return_workflow_id
from gateways.database.returns.orphans import orphan_of
from starter.cli.main import main
from starter.demo.story import Stage, stage_at
from starter.local.up import Place, Ready, running
from starter.shared import services
from tests.workflows.returns.play import Play, make_request
from workers.settings import Settings

PATIENCE = timedelta(seconds=60)
Invoke = Callable[..., Awaitable[Result]]


@pytest.fixture(scope="session")
async def ready(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ready]:
    """Another place than other tests' one."""
    place = Place(tmp_path_factory.mktemp("up"), temporal_port=0, ui_port=0, api_port=0)
    settings = Settings(
        data_dir=Path(place.data_dir),
        database_url=None,
        policy=Path(__file__).parent.parent.parent / "examples" / "policy.toml",
        smtp_url=None,
        give_up_after_seconds=3,
        workflow_sandbox=True,
    )
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(services, "PATIENCE", PATIENCE)
        changed.setattr(watch, "EVERY", timedelta(seconds=0.2))
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


@pytest.fixture
async def api(ready: Ready) -> AsyncIterator[httpx.AsyncClient]:
    """The API of this place."""
    async with httpx.AsyncClient(base_url=ready.api, timeout=60) as client:
        yield client


@pytest.fixture
def call(ready: Ready) -> Invoke:
    """The command line of this place."""
    environment = {"TEMPORAL_ADDRESS": ready.temporal, "HOMEWARD_DATABASE_URL": ready.database}

    async def invoke(*arguments: str) -> Result:
        return await asyncio.to_thread(CliRunner(env=environment).invoke, main, arguments)

    return invoke


async def terminate(story: Play) -> None:
    """Somebody ends its workflow."""
    await story.handle.terminate("a stray one")


async def delete(story: Play) -> None:
    """Somebody deletes its workflow, and all that Temporal knows of it."""
    client = story._stage.clock.client
    execution = WorkflowExecution(workflow_id=return_workflow_id(story.return_id))
    request = DeleteWorkflowExecutionRequest(namespace=client.namespace, workflow_execution=execution)
    await client.workflow_service.delete_workflow_execution(request)
    for _ in range(300):
        try:
            await story.handle.describe()
        except RPCError:
            return
        await asyncio.sleep(0.1)
    raise TimeoutError(f"{story.return_id} was never deleted")


LOSSES: dict[str, Callable[[Play], Awaitable[None]]] = {"terminated": terminate, "deleted": delete}


async def until_known(stage: Stage, return_id: str, *, there: bool = True) -> None:
    """Wait until the watch has found it, or has seen that something carries it again."""
    for _ in range(200):
        if (await orphan_of(stage.db, return_id) is not None) == there:
            return
        await asyncio.sleep(0.1)
    raise TimeoutError(f"{return_id} is {'not ' if there else ''}known to have no workflow")


def listed(rows: list[Any], return_id: str) -> list[dict[str, Any]]:
    """Its rows of a list, as JSON."""
    return [row for row in rows if row["return_id"] == return_id]


def json_of(result: Result) -> Any:
    """What a command printed; the log of the engine in this process may stand before it."""
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    first = next(number for number, line in enumerate(lines) if line in ("{", "[", "[]"))
    return json.loads("\n".join(lines[first:]))
