"""Pauses that end, and limits that ramp up, by themselves."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from client.partners import limits
from client.partners.limits import Limits
from lifecycle.contract.retries import LimitChange
from lifecycle.contract.statuses import Status
from starter.demo.story import Stage
from tests.workflows.partners.shop import OVER, WHY, Command, Crowded, carrier_of
from tests.workflows.returns.play import Play, make_request


@pytest.fixture(autouse=True)
async def _without_a_limit(api: httpx.AsyncClient) -> AsyncIterator[None]:
    yield
    for partner in ("carrier", "payment"):
        answer = await api.post(f"/v1/partners/{partner}/limit", json=OVER | {"rps": None})
        assert answer.json()["until"] is None


def _said(**limit: float) -> LimitChange:
    return LimitChange.model_validate(WHY | limit)


async def _limit(api: httpx.AsyncClient) -> dict[str, Any] | None:
    found: dict[str, Any] | None = (await carrier_of(api))["limit"]
    return found


async def test_a_pause_ends_by_itself(
    stage: Stage, api: httpx.AsyncClient, easypost: Crowded, command: Command
) -> None:
    [held] = await command("pause", "carrier", "--for", "2s", "--why", "maintenance", "--by", "sam")
    assert (held["rps"], held["then_rps"], held["reason"]) == (0, None, "maintenance (sam)")
    assert datetime.fromisoformat(held["until"]) > datetime.now(UTC)
    # Workers hold what they were handed before.
    await asyncio.sleep(1)
    story = Play(stage, make_request())
    await story.start(until=None)
    # Nobody looks: the watch ends it.
    await story.until(Status.LABEL_SENT)
    assert await _limit(api) is None


async def test_what_held_before_holds_after_it_and_whoever_looks_ends_it(stage: Stage) -> None:
    found = Limits(stage.clock.client, stage.db)
    await found.change("payment", _said(rps=7))
    paused = await found.change("payment", _said(rps=0, for_seconds=3600))
    assert paused.shown()["then_rps"] == 7
    # Said once more, it does not forget what had held.
    longer = await found.change("payment", _said(rps=0, for_seconds=7200))
    assert (longer.limit.rps, longer.shown()["then_rps"]) == (0, 7)
    await found.carry_out(datetime.now(UTC) + timedelta(hours=3))
    after = await found.of("payment")
    assert (after.limit.rps, after.plan) == (7, None)


async def test_a_limit_that_ramps_is_doubled_until_what_held_before(stage: Stage) -> None:
    found = Limits(stage.clock.client, stage.db)
    await found.change("payment", _said(rps=15))
    await found.change("payment", _said(rps=0, for_seconds=3600))
    held = await found.change("payment", _said(rps=5, ramps=True))
    assert (held.limit.rps, held.shown()["then_rps"]) == (5, 10)
    seen = []
    later = datetime.now(UTC)
    for _ in range(3):
        later += limits.RAMPS_EVERY + timedelta(seconds=1)
        await found.carry_out(later)
        seen.append((await found.of("payment")).limit.rps)
    assert seen == [10, 15, 15]


async def test_resuming_ramps_up_until_nothing_is_held_back(
    api: httpx.AsyncClient, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "RAMPS_EVERY", timedelta(milliseconds=200))
    await command("pause", "carrier", "--why", "maintenance")
    [held] = await command("resume", "carrier", "--rps", "5", "--why", "it is back")
    assert (held["rps"], held["then_rps"]) == (5, 10)
    for _ in range(200):
        if await _limit(api) is None:
            break
        await asyncio.sleep(0.1)
    assert await _limit(api) is None


async def test_whatever_an_operator_says_meanwhile_holds(api: httpx.AsyncClient) -> None:
    await api.post("/v1/partners/carrier/limit", json=WHY | {"rps": 0, "for_seconds": 1})
    answer = await api.post("/v1/partners/carrier/limit", json=WHY | {"rps": 3})
    assert (answer.json()["rps"], answer.json()["until"]) == (3, None)
    await asyncio.sleep(1.5)
    found = await _limit(api)
    assert found is not None
    assert found["rps"] == 3


@pytest.mark.parametrize(
    "wrong", [{"rps": None, "for_seconds": 60}, {"rps": 5, "ramps": True, "for_seconds": 60}, {"rps": 0, "ramps": True}]
)
async def test_a_limit_that_cannot_be_is_refused(api: httpx.AsyncClient, wrong: dict[str, Any]) -> None:
    answer = await api.post("/v1/partners/carrier/limit", json=WHY | wrong)
    assert answer.status_code == 422
    assert await _limit(api) is None
