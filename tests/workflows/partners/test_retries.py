"""Tries changed and hurried while steps wait for a partner that is down."""

import asyncio
import os
import threading
import time
from typing import Any

import httpx
import pytest

from gateways.database.failing_steps import waiting_of
from lifecycle.contract.statuses import Status
from starter.demo.story import Stage
from tests.gateways.stand_ins import Fault
from tests.workflows.partners.shop import MANY, OVER, WHY, Command, Crowded, carrier_of
from tests.workflows.returns.play import Play, make_request

#: As many as fit into the ordinary tests; docs/proof.md says what was seen with more.
RETURNS = int(os.environ.get("OUTAGE_RETURNS", "8"))


async def _outage(stage: Stage, easypost: Crowded) -> list[Play]:
    """Returns that wait for their label: EasyPost answers 429, and asks to be left alone for ten minutes."""
    easypost.faults.extend([Fault("POST /v2/shipments", "busy", {"Retry-After": "600"})] * 10_000)
    stories = [Play(stage, make_request()) for _ in range(RETURNS)]
    for story in stories:
        await story.start(until=None)
    for story in stories:
        await _attempt(stage, story, 1)
    return stories


async def _attempt(stage: Stage, story: Play, least: int) -> int:
    """Wait until its step has failed so many times; how many that were."""
    for _ in range(600):
        rows = await waiting_of(stage.db, story.return_id)
        if rows and rows[0]["attempt"] >= least:
            return int(rows[0]["attempt"])
        await asyncio.sleep(0.1)
    raise AssertionError(f"{story.return_id} has not failed {least} times")


async def test_a_change_reaches_what_waits_and_an_outage_is_one_line(
    stage: Stage, api: httpx.AsyncClient, easypost: Crowded
) -> None:
    stories = await _outage(stage, easypost)
    row = await carrier_of(api)
    assert (row["waiting"], row["codes"], row["breakers"]) == (RETURNS, {"429": RETURNS}, [])
    assert row["changed"] is None or row["changed"]["why"] == OVER["why"]
    assert (row["initial_seconds"], row["maximum_seconds"], row["give_up_after_seconds"]) == (1, 300, 43_200)

    wanted = {"initial_seconds": 0.2, "maximum_seconds": 0.4, "retry_after_maximum_seconds": 0}
    begun, moved, left = time.monotonic(), 0, RETURNS
    while left:  # a call lasts two seconds at most
        answer = (await api.post("/v1/partners/carrier/retries", json=WHY | wanted)).json()
        moved, left = moved + answer["moved"], answer["left"]
    assert moved >= RETURNS
    print(f"{RETURNS} waiting steps had a new time after {time.monotonic() - begun:.1f} s")
    for story in stories:
        # Its number goes on: nothing was reset.
        assert await _attempt(stage, story, 3) >= 3
    row = await carrier_of(api)
    assert (row["maximum_seconds"], row["changed"]["why"]) == (0.4, WHY["why"])
    # Said again, it is the same change.
    await api.post("/v1/partners/carrier/retries", json=WHY | wanted)
    assert (await carrier_of(api))["changed"] == row["changed"]

    easypost.faults.clear()
    for story in stories:
        await story.until(Status.LABEL_SENT)
    row = await carrier_of(api)
    assert (row["waiting"], row["codes"], row["next_at"]) == (0, {}, None)


async def test_waiting_steps_are_hurried_by_the_command_once_each(
    stage: Stage, api: httpx.AsyncClient, easypost: Crowded, command: Command
) -> None:
    stories = await _outage(stage, easypost)
    assert await command("retries", "now", "carrier", "--code", "503") == {"moved": 0}

    # It is down still: each is tried once more, and none for ever.
    assert await command("retries", "now", "carrier", "--code", "429", "--rps", "100") == {"moved": RETURNS}
    for story in stories:
        assert await _attempt(stage, story, 2) == 2
    easypost.faults.clear()
    assert await command("retries", "now", "carrier", "--rps", "100") == {"moved": RETURNS}
    for story in stories:
        await story.until(Status.LABEL_SENT)
    assert (await carrier_of(api))["waiting"] == 0


async def test_a_return_that_was_ended_waits_for_nobody(
    stage: Stage, api: httpx.AsyncClient, easypost: Crowded
) -> None:
    stories = await _outage(stage, easypost)
    await stories[0].handle.terminate()
    easypost.faults.clear()
    answer = await api.post("/v1/partners/carrier/retries/now", json={"rps": 100})
    assert answer.json() == {"moved": RETURNS - 1, "left": 0}
    for story in stories[1:]:
        await story.until(Status.LABEL_SENT)
    assert await waiting_of(stage.db, stories[0].return_id) == []


@pytest.mark.parametrize(
    ("partner", "message", "status", "field"),
    [
        ("nobody", WHY | {"initial_seconds": 1}, 404, None),
        ("records", WHY | {"initial_seconds": 1}, 404, None),
        ("carrier", WHY, 422, "body"),
        ("carrier", WHY | {"initial_seconds": 0}, 422, "initial_seconds"),
        ("carrier", WHY | {"initial_seconds": 301}, 422, "initial_seconds"),
        ("carrier", WHY | {"maximum_seconds": 0.5}, 422, "initial_seconds"),
        ("carrier", {"by": "operations", "initial_seconds": 1}, 422, "why"),
        ("carrier", WHY | {"initial": 1}, 422, "initial"),
    ],
)
async def test_a_wrong_change_names_what_is_wrong_and_changes_nothing(
    api: httpx.AsyncClient, partner: str, message: dict[str, Any], status: int, field: str | None
) -> None:
    before = await carrier_of(api)
    answer = await api.post(f"/v1/partners/{partner}/retries", json=message)
    assert answer.status_code == status
    if field:
        assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert await carrier_of(api) == before


async def test_a_paused_partner_is_asked_for_nothing_and_no_attempt_counts(
    stage: Stage, api: httpx.AsyncClient, easypost: Crowded, command: Command
) -> None:
    easypost.faults.clear()
    [held] = await command("pause", "carrier", "--why", "maintenance", "--by", "sam")
    assert (held["rps"], held["reason"]) == (0, "maintenance (sam)")
    # Workers hold what they were handed before; the queue hands out no more.
    await asyncio.sleep(1)
    asked = len(easypost.requests)
    stories = [Play(stage, make_request()) for _ in range(RETURNS)]
    for story in stories:
        await story.start(until=None)
    await asyncio.sleep(2)
    assert len(easypost.requests) == asked
    assert (await carrier_of(api))["limit"]["reason"] == "maintenance (sam)"
    assert (await carrier_of(api))["waiting"] == 0
    [told] = (await command("show", stories[0].return_id))["limits"]
    assert (told["partner"], told["rps"], told["reason"]) == ("carrier", 0, "maintenance (sam)")

    [held] = await command("resume", "carrier", "--why", "done")
    assert held["rps"] is None
    for story in stories:
        await story.until(Status.LABEL_SENT)
    assert (await carrier_of(api))["limit"] is None


async def test_a_limit_bounds_how_many_begin_each_second(
    stage: Stage, api: httpx.AsyncClient, easypost: Crowded
) -> None:
    easypost.faults.clear()
    answer = await api.post("/v1/partners/carrier/limit", json=WHY | {"rps": 2})
    assert answer.json()["rps"] == 2
    stories = [Play(stage, make_request()) for _ in range(RETURNS)]
    begun = asyncio.get_running_loop().time()
    for story in stories:
        await story.start(until=None)
    for story in stories:
        await story.until(Status.LABEL_SENT)
    # Eight at two a second, where each of the queue's four partitions may begin one at once: three to eight
    # seconds, for tasks are not spread evenly over them. Without a limit, a third of a second.
    assert asyncio.get_running_loop().time() - begun >= 1.2
    assert (await api.post("/v1/partners/carrier/limit", json=WHY | {"rps": None})).json()["rps"] is None


async def test_as_many_steps_as_are_set_are_at_the_carrier_at_once(stage: Stage, easypost: Crowded) -> None:
    easypost.faults.clear()
    easypost.crowd = threading.Barrier(MANY)
    stories = [Play(stage, make_request()) for _ in range(MANY)]
    await asyncio.gather(*(story.start(until=None) for story in stories))
    for story in stories:
        await story.until(Status.LABEL_SENT)
    assert not easypost.crowd.broken
    easypost.crowd = None


async def test_stock_has_no_queue_to_pause(api: httpx.AsyncClient) -> None:
    answer = await api.post("/v1/partners/inventory/limit", json=WHY | {"rps": 0})
    assert (answer.status_code, answer.json()["detail"]) == (
        404,
        "there is no partner inventory: expected one of carrier, payment",
    )
