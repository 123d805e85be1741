"""Relays that somebody ended run again by themselves, on workers that were there all the time."""

import asyncio
from collections.abc import AsyncIterator, Collection
from datetime import timedelta

import pytest
from temporalio.client import Client, WorkflowExecutionStatus

from client.names import MESSAGES_QUEUE
from starter.demo.story import Stage, stage_at
from starter.doctor.observed import relay_of
from starter.local.up import Place, Ready, running
from tests.workflows.returns.play import Play, make_request
from workers import relay_keeper
from workers.setting_values import Role, Subscriber
from workers.settings import Settings
from workflows.reconciliation import ReconciliationWorkflow
from workflows.relays import RELAYS, Relay

SUBSCRIBER = Subscriber.model_validate({"url": "http://127.0.0.1:9", "secret": "whsec_" + "QUJD" * 10})


@pytest.fixture(scope="module")
async def ready(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ready]:
    """A place of its own, looked after more often than each minute, with room for one step besides the relays."""
    place = Place(tmp_path_factory.mktemp("up"), temporal_port=0, ui_port=0, api_port=0)
    settings = Settings(
        data_dir=place.data_dir,
        database_url=None,
        smtp_url=None,
        subscribers=[SUBSCRIBER],
        worker_steps_by_role={Role.MESSAGES: 1},
    )
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(relay_keeper, "EVERY", timedelta(seconds=0.5))
        changed.setattr(relay_keeper, "LETS_GO_WITHIN", timedelta(seconds=1))
        async with running(settings, place) as there:
            yield there


@pytest.fixture
async def stage(ready: Ready) -> AsyncIterator[Stage]:
    """The client and the database of this place."""
    async with stage_at(ready) as stage:
        yield stage


async def runs(client: Client, workflow_id: str) -> bool:
    description = await client.get_workflow_handle(workflow_id).describe()
    return description.status is WorkflowExecutionStatus.RUNNING


async def until_it_runs(client: Client, workflow_id: str) -> None:
    for _ in range(200):
        if await runs(client, workflow_id):
            return
        await asyncio.sleep(0.1)
    raise TimeoutError(f"{workflow_id} never ran again")


async def until_it_works(client: Client, workflow_id: str) -> None:
    for _ in range(200):
        if (await relay_of(client, workflow_id)).works:
            return
        await asyncio.sleep(0.1)
    raise TimeoutError(f"{workflow_id} does not work")


async def test_a_relay_that_was_terminated_runs_again_and_sends(stage: Stage) -> None:
    client = stage.clock.client
    for relay in RELAYS:
        await client.get_workflow_handle(relay.workflow_id).terminate("a stray one")
    for relay in RELAYS:
        await until_it_runs(client, relay.workflow_id)
    story = Play(stage, make_request())
    await story.start()
    await story.until_mails_are("sent")


@pytest.mark.long
async def test_relays_leave_room_for_the_steps_that_a_setting_names(stage: Stage) -> None:
    client = stage.clock.client
    for relay in RELAYS:
        await until_it_works(client, relay.workflow_id)
    name = ReconciliationWorkflow.__name__
    compared = client.execute_workflow(name, id="compared", task_queue=MESSAGES_QUEUE, result_type=int)
    assert await asyncio.wait_for(compared, 60) == 0


async def test_looking_after_those_that_run_leaves_them_alone(stage: Stage) -> None:
    client, first = stage.clock.client, {}
    for relay in RELAYS:
        first[relay.workflow_id] = (await client.get_workflow_handle(relay.workflow_id).describe()).run_id
    await asyncio.sleep(2)
    for workflow_id, run_id in first.items():
        assert (await client.get_workflow_handle(workflow_id).describe()).run_id == run_id


async def all_of_them() -> Collection[Relay]:
    return RELAYS


async def test_a_worker_lives_on_while_temporal_is_away() -> None:
    stop = asyncio.Event()
    lost = await Client.connect("127.0.0.1:1", lazy=True)
    looking = asyncio.create_task(relay_keeper.keep_all_running(lost, all_of_them, stop))
    await asyncio.sleep(2)
    assert not looking.done()
    stop.set()
    await asyncio.wait_for(looking, 15)
