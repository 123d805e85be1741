"""A carrier that is down for long, while many returns wait for their label.

``OUTAGE_SECONDS`` and ``OUTAGE_RETURNS`` say how long and how many; what was seen is printed (``pytest -s``).
"""

import asyncio
import os
import time
from collections import Counter
from contextlib import suppress

import httpx
import pytest
from click.testing import CliRunner

from client.errors import Unreachable
from lifecycle.contract.statuses import Status
from starter.cli.main import main
from starter.demo.story import Stage
from tests.gateways.stand_ins import Fault
from tests.workflows.partners.shop import Command, Crowded
from tests.workflows.returns.play import Play, make_request

LASTS = float(os.environ.get("OUTAGE_SECONDS", "30"))
RETURNS = int(os.environ.get("OUTAGE_RETURNS", "60"))
#: How many are started at once.
_AT_ONCE = 10
#: Unless `retries set --recovery-rps` says otherwise.
_USUAL_RATE = 5
NEW_SHIPMENT = ("POST", "/v2/shipments")

pytestmark = pytest.mark.long


async def _started(stage: Stage) -> list[Play]:
    stories, room = [Play(stage, make_request()) for _ in range(RETURNS)], asyncio.Semaphore(_AT_ONCE)

    async def start(story: Play) -> None:
        async with room:
            await story.start(until=None)

    await asyncio.gather(*map(start, stories))
    return stories


async def _waiting(api: httpx.AsyncClient) -> int | None:
    """How many steps wait for the carrier; None where a busy machine does not answer in time."""
    answer = await api.get("/v1/partners")
    if answer.status_code != httpx.codes.OK:
        return None
    waiting: int = next(row["waiting"] for row in answer.json()["partners"] if row["partner"] == "carrier")
    return waiting


async def _until_waiting(api: httpx.AsyncClient, count: int, within: float) -> None:
    until = time.monotonic() + within
    while (found := await _waiting(api)) != count:
        assert time.monotonic() < until, f"{found} wait, not {count}"
        await asyncio.sleep(0.2)


async def _has_its_label(story: Play) -> None:
    for _ in range(5):
        with suppress(Unreachable):
            await story.until(Status.LABEL_SENT)
            return
    raise AssertionError(f"{story.return_id} does not answer")


async def _lines() -> list[str]:
    """What `homeward retries` prints of the carrier."""
    result = await asyncio.to_thread(CliRunner().invoke, main, ["retries"])
    assert result.exit_code == 0, result.output
    return [line for line in result.stdout.splitlines() if line.startswith("carrier")]


async def test_one_line_while_it_is_down_and_all_are_done_soon_after(
    stage: Stage, api: httpx.AsyncClient, easypost: Crowded, command: Command
) -> None:
    easypost.faults.extend([Fault("POST /v2/shipments", "down")] * 100_000)
    begun = time.monotonic()
    stories = await _started(stage)
    await _until_waiting(api, RETURNS, within=300)
    began_to_wait = len(easypost.sent(*NEW_SHIPMENT))
    all_wait = time.monotonic()
    while (left := begun + LASTS - time.monotonic()) > 0:
        await asyncio.sleep(min(left, 15))
        assert await _waiting(api) in (RETURNS, None)
    [line] = await _lines()
    print(f"\n{line}")
    assert f"{RETURNS} x 503" in line
    assert "503 open" in line
    lasted, tried = time.monotonic() - all_wait, len(easypost.sent(*NEW_SHIPMENT)) - began_to_wait
    print(f"down for {lasted:.0f} s more once all {RETURNS} waited, with {tried} calls")
    easypost.faults.clear()
    back = time.monotonic()
    # Not as long again as it was away, which a back-off alone would take.
    await _until_waiting(api, 0, within=RETURNS / _USUAL_RATE + 60)
    print(f"nothing waits {time.monotonic() - back:.1f} s after it was back")
    for story in stories:
        await _has_its_label(story)
    bought = Counter(one["reference"] for one in easypost.shipments if one["postage_label"])
    assert len(bought) == RETURNS
    assert set(bought.values()) == {1}
    assert (await command("attention"))["returns"] == []
