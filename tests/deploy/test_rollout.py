"""Two versions side by side: a return goes on with the one that is promoted, and goes back with it."""

import asyncio
from typing import Any

import pytest
from click.testing import Result
from temporalio.client import Client, WorkflowFailureError
from temporalio.common import PinnedVersioningOverride, WorkerDeploymentVersion
from temporalio.exceptions import ActivityError, ApplicationError

from client.names import RETURNS_QUEUE, SUPPORT_QUEUE
from lifecycle.contract.grades import Grade
from lifecycle.contract.messages import TrackingStatus
from lifecycle.contract.statuses import Status
from starter.cli.deploy import check
from starter.doctor.observed import failing_workflows
from tests.deploy.changed import CHANGED, Incompatible
from tests.deploy.conftest import call, document_of
from tests.deploy.shop import Shop
from tests.workflows.returns.play import Play
from workers.deployment import workflow_code
from workers.deployment.build import Build
from workers.main import WORKFLOWS
from workers.setting_values import Role

NAME = "homeward/shop"
VERSIONED = tuple(WORKFLOWS)
UNVERSIONED = tuple(set(Role) - set(WORKFLOWS))

pytestmark = pytest.mark.long


def version(build_id: str) -> Build:
    return Build(build_id, NAME)


async def deploy(build_id: str, *arguments: str) -> Result:
    """A command of `homeward deploy`, in the environment of a version."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("TEMPORAL_DEPLOYMENT_NAME", NAME)
        environment.setenv("TEMPORAL_WORKER_BUILD_ID", build_id)
        return await call("deploy", *arguments)


async def works(build_id: str, *arguments: str) -> Result:
    result = await deploy(build_id, *arguments)
    assert result.exit_code == 0, result.output
    return result


async def status(build_id: str) -> dict[str, Any]:
    found: dict[str, Any] = document_of(await works(build_id, "status", "--json"))
    return found


async def examined(build_id: str) -> dict[str, Any]:
    """What `homeward doctor` finds of the deployment."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("TEMPORAL_DEPLOYMENT_NAME", NAME)
        environment.setenv("TEMPORAL_WORKER_BUILD_ID", build_id)
        found: list[dict[str, Any]] = document_of(await call("doctor", "--json"))
    return next(one for one in found if one["check"] == "deployment")


async def worked_by(story: Play) -> list[str]:
    """The builds that completed its workflow tasks, the first first."""
    events = (await story.handle.fetch_history()).events
    done = [event.workflow_task_completed_event_attributes for event in events if event.event_type == 7]
    return [one.deployment_version.build_id for one in done]


async def polled(build_id: str) -> None:
    """Wait until the server has seen each queue polled for a version."""
    for _ in range(300):
        result = await deploy(build_id, "status", "--json")
        if result.exit_code == 0 and document_of(result)["unserved"].get(build_id) == []:
            return
        await asyncio.sleep(0.1)
    raise TimeoutError(f"{build_id} is not polled: {result.output}")


async def test_a_return_goes_on_with_the_version_that_is_promoted_and_back_again(shop: Shop) -> None:
    result = await deploy("1", "promote", "--why", "none runs")
    assert result.exit_code == 1
    assert "workflows of returns" in result.output
    assert "no worker of the deployment" in (await examined("1"))["text"]

    async with shop.working(*UNVERSIONED), shop.working(*VERSIONED, build=version("1")):
        await polled("1")
        found = await examined("1")
        assert (found["state"], found["advice"]) == ("failed", "run `homeward deploy promote`")
        await works("1", "promote", "--why", "the first one", "--by", "kim")
        assert (await examined("1"))["text"] == "work goes to 1"
        story = shop.play()
        await story.start()
        assert set(await worked_by(story)) == {"1"}

        async with shop.working(*VERSIONED, build=version("2")):
            await polled("2")
            await works("2", "promote", "--ramp", "50,100", "--hold", "1s", "--why", "better texts", "--by", "sam")
            found = await status("2")
            assert (found["current"], found["changed_by"]) == ("2", "sam")
            [second] = [one for one in found["versions"] if one["build_id"] == "2"]
            assert (second["note"]["did"], second["note"]["by"], second["note"]["why"]) == (
                "promoted", "sam", "better texts",
            )  # fmt: skip
            await story.scan(TrackingStatus.IN_TRANSIT)
            await story.until(Status.IN_TRANSIT)
            assert (await worked_by(story))[-1] == "2"

            result = await works("2", "rollback", "--why", "worse texts", "--by", "kim")
            assert "wedged now: 0" in result.stdout
            assert (await status("1"))["current"] == "1"
            await story.receive()
            assert (await worked_by(story))[-1] == "1"
        await story.inspect(Grade.A)
        await story.until(Status.REFUNDED)


async def test_a_version_that_breaks_open_returns_is_not_brought_in_and_when_forced_is_taken_back(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with shop.working(*UNVERSIONED), shop.working(*VERSIONED, build=version("1")):
        await polled("1")
        await works("1", "promote", "--why", "it works")
        story = shop.play()
        await story.start()
        await story.scan(TrackingStatus.IN_TRANSIT)
        await story.until(Status.IN_TRANSIT)

        async with shop.working(*VERSIONED, build=version("3"), return_workflow=Incompatible):
            await polled("3")
            with monkeypatch.context() as changed:
                changed.setattr(check, "LONG_LIVED", CHANGED)
                changed.setattr(workflow_code, "LONG_LIVED", CHANGED)
                result = await deploy("3", "promote", "--why", "a new step", "--json")
                assert result.exit_code == 1
                assert [one["workflow_id"] for one in document_of(result)["breaking"]] == [story.handle.id]
                assert "open returns would break" in result.stderr
                assert (await status("3"))["current"] == "1"

                failure = await _gate(shop.client, "3")
                assert story.handle.id in failure
                await works("3", "promote", "--force", "--why", "who cares")
            await story.handle.signal("tracking_event", {"anything": "that has a task"})
            await _until_wedged(shop)
            result = await works("1", "rollback", "--why", "returns are wedged")
            assert "homeward deploy check" in result.stdout
            await story.receive()
            await story.inspect(Grade.A)
            await story.until(Status.REFUNDED)


async def _gate(client: Client, build_id: str) -> str:
    """Start the gate as the controller does, on two queues; the words with which it fails."""
    there = PinnedVersioningOverride(WorkerDeploymentVersion(NAME, build_id))
    elsewhere = await client.execute_workflow(
        "RolloutGate", id="gate-support", task_queue=SUPPORT_QUEUE, versioning_override=there
    )
    assert elsewhere == {"checked_by": "the gate of returns"}
    with pytest.raises(WorkflowFailureError) as failed:
        await client.execute_workflow(
            "RolloutGate", id="gate-returns", task_queue=RETURNS_QUEUE, versioning_override=there
        )
    activity = failed.value.cause
    assert isinstance(activity, ActivityError)
    assert isinstance(activity.cause, ApplicationError)
    assert activity.cause.type == "OpenWorkflowsBreak"
    return str(activity.cause)


async def _until_wedged(shop: Shop) -> None:
    for _ in range(600):
        if await failing_workflows(shop.client):
            return
        await asyncio.sleep(0.1)
    raise TimeoutError("the server reports no workflow task that fails")
