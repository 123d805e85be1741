"""A step on our own database that takes longer than a workflow task may goes on as a regular activity, and replays."""

import asyncio

from temporalio.worker import Replayer, UnsandboxedWorkflowRunner

from tests.workflows.failures.actor import Actor, came_to
from tests.workflows.failures.cases import side_by_side
from tests.workflows.failures.paths import PATHS
from tests.workflows.failures.shop import Shop, another
from tests.workflows.failures.striking import Gate
from workers.converter import CONVERTER
from workflows.returns.workflow import ReturnWorkflow

#: Seconds; more than ``workflows.shared.steps.LOCAL_TIME``.
_LONG = 4.0


_STEPS = [
    ("cancelled", "open"),
    ("cancelled", "tell-cancelled"),
    ("cancelled", "release_claims"),
    ("replacement", "reserve"),
    ("replacement", "receive"),
    ("store_credit", "refund-store_credit"),
    ("refund", "close"),
]


async def test_a_slow_local_step_goes_on_as_a_regular_one_and_replays(shop: Shop) -> None:
    assert await side_by_side(played(shop, story, step) for story, step in _STEPS) == ""


async def played(shop: Shop, story: str, step: str) -> list[str]:
    """Play it with that step slow; what is wrong then, in words."""
    gate = Gate(step, "before")
    actor = Actor(shop, another(story))
    shop.striking.gates[actor.return_id] = gate
    playing = asyncio.ensure_future(PATHS[story](actor))
    if not await came_to(gate.reached.wait(), playing):
        return [f"{story} {step}: it never ran"]
    await asyncio.sleep(_LONG)
    gate.opened.set()
    await playing
    history = await actor.handle.fetch_history()
    ids = [event.activity_task_scheduled_event_attributes.activity_id for event in history.events]
    problems = [] if step in ids else ["it stayed a local one"]
    replayer = Replayer(
        workflows=[ReturnWorkflow], data_converter=CONVERTER, workflow_runner=UnsandboxedWorkflowRunner()
    )
    replayed = await replayer.replay_workflow(history, raise_on_replay_failure=False)
    if replayed.replay_failure:
        problems.append(str(replayed.replay_failure))
    return [f"{story} {step}: {problem}" for problem in [*problems, *await actor.problems()]]
