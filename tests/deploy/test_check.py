"""`homeward deploy check`: open returns that this version's code would wedge are named before it serves."""

import asyncio
import logging
from typing import Any

import pytest
import structlog

from lifecycle.contract.grades import Grade
from lifecycle.contract.messages import TrackingStatus
from lifecycle.contract.statuses import Status
from starter.cli.deploy import check
from tests.deploy.changed import CHANGED, Incompatible
from tests.deploy.conftest import call, document_of
from tests.deploy.shop import Shop
from workers.deployment.open_workflows import shares
from workers.setting_values import Role


async def checked(*arguments: str) -> tuple[int, dict[str, Any]]:
    result = await call("deploy", "check", "--json", *arguments)
    assert result.stdout, result.output
    return result.exit_code, document_of(result)


async def test_exactly_those_are_named_that_break_and_those_that_are_wedged(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    fits, breaks, touched = shop.play(), shop.play(), shop.play()
    async with shop.working():
        for story in (fits, breaks, touched):
            await story.start()
        for story in (breaks, touched):
            await story.scan(TrackingStatus.IN_TRANSIT)
            await story.until(Status.IN_TRANSIT)
        code, found = await checked()
        assert (code, found["breaking"], found["wedged"]) == (0, [], [])
        assert found["open"] == found["replayed"] == {
            "ReturnWorkflow": 3, "RepairWorkflow": 0, "SupplierReturnWorkflow": 0, "SupportCaseWorkflow": 0,
        }  # fmt: skip

    with monkeypatch.context() as changed:
        changed.setattr(check, "LONG_LIVED", CHANGED)
        code, found = await checked()
        assert code == 1
        named = {one["workflow_id"]: one for one in found["breaking"]}
        assert set(named) == {breaks.handle.id, touched.handle.id}
        assert named[breaks.handle.id]["event_id"]
        assert "TMPRL1100" in named[breaks.handle.id]["reason"]
        assert "BREAKS" in (await call("deploy", "check")).stdout

    async with shop.working(*set(Role) - {Role.RETURNS}), shop.working(Role.RETURNS, return_workflow=Incompatible):
        await touched.handle.signal("tracking_event", {"anything": "that has a task"})
        found = await _until_wedged()
        [wedged] = found["wedged"]
        assert wedged["workflow_id"] == touched.handle.id
        assert wedged["problems"] == ["NonDeterministicError"]
        assert wedged["fits"], "the code at hand takes it up again"
        assert "goes on with this version" in (await call("deploy", "check")).stdout

    async with shop.working():
        await touched.receive()
        await touched.inspect(Grade.A)
        await touched.until(Status.REFUNDED)


async def _until_wedged() -> dict[str, Any]:
    for _ in range(600):
        _, found = await checked()
        if found["wedged"]:
            return found
        await asyncio.sleep(0.1)
    raise TimeoutError("the server reports no workflow task that fails")


def _logs() -> list[Any]:
    """How this process logs."""
    loggers = [logging.getLogger(name) for name in (None, "temporalio", "temporalio.worker")]
    return [[one.level, one.handlers[:]] for one in loggers] + [structlog.get_config()]


async def test_a_sample_is_said_to_be_one(shop: Shop) -> None:
    async with shop.working():
        for story in [shop.play() for _ in range(3)]:
            await story.start(until=None)
        before = _logs()
        code, found = await checked("--limit", "2")
        assert _logs() == before
    assert (code, found["sample"], found["replayed"]["ReturnWorkflow"]) == (0, True, 2)


def test_a_sample_has_as_many_of_each_kind_as_there_are_up_to_its_share() -> None:
    assert shares({"old": 2, "young": 1000, "none": 0}, 10) == {"none": 0, "old": 2, "young": 8}
    assert shares({"a": 3, "b": 3}, 100) == {"a": 3, "b": 3}
    assert sum(shares(dict.fromkeys(range(7), 50), 100).values()) == 100
