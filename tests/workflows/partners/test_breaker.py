"""A carrier that is down for everybody: few calls while it is, and all done soon after it is back."""

import asyncio
import time

import httpx
import pytest

from lifecycle.contract.statuses import Status
from starter.demo.story import Stage
from tests.gateways.stand_ins import Fault
from tests.workflows.partners.shop import WHY, Command, Crowded, carrier_of
from tests.workflows.returns.play import Play, make_request

RETURNS = 40
RATE = 20.0
NEW_SHIPMENT = ("POST", "/v2/shipments")
DOWN = Fault("POST /v2/shipments", "down")


async def _started(stage: Stage, count: int) -> list[Play]:
    stories = [Play(stage, make_request()) for _ in range(count)]
    await asyncio.gather(*(story.start(until=None) for story in stories))
    return stories


async def _waiting(api: httpx.AsyncClient, count: int) -> None:
    for _ in range(300):
        if (await carrier_of(api))["waiting"] == count:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"{(await carrier_of(api))['waiting']} wait, not {count}")


@pytest.fixture
async def outage(stage: Stage, api: httpx.AsyncClient, easypost: Crowded) -> list[Play]:
    """Returns that wait for their label, with a breaker open."""
    assert (await api.post("/v1/partners/carrier/retries", json=WHY | {"recovery_rps": RATE})).status_code == 200
    easypost.faults.extend([DOWN] * 10_000)
    stories = await _started(stage, RETURNS)
    await _waiting(api, RETURNS)
    return stories


@pytest.mark.long
async def test_few_calls_while_it_is_down_and_all_done_soon_after(
    stage: Stage, api: httpx.AsyncClient, easypost: Crowded, outage: list[Play], command: Command
) -> None:
    row = await carrier_of(api)
    assert (row["codes"], row["recovery_rps"]) == ({"503": RETURNS}, RATE)
    [breaker] = row["breakers"]
    assert (breaker["code"], breaker["state"]) == ("503", "open")
    [told] = [found for found in await command("doctor") if found["check"] == "breaker of carrier"]
    assert told["state"] == "warning"

    # What had failed before it opened may come once more; after that one is tried every five seconds.
    await asyncio.sleep(4)
    before, begun = len(easypost.sent(*NEW_SHIPMENT)), time.monotonic()
    await asyncio.sleep(11)
    tries = (len(easypost.sent(*NEW_SHIPMENT)) - before) / (time.monotonic() - begun)
    assert 0 < tries * 5 <= 1.5
    assert (await carrier_of(api))["waiting"] == RETURNS

    easypost.faults.clear()
    back = time.monotonic()
    for story in outage:
        await story.until(Status.LABEL_SENT)
    took = time.monotonic() - back
    # The others at no more than the rate, after the one that was tried.
    assert took >= (RETURNS - 2) / RATE
    for _ in range(100):
        row = await carrier_of(api)
        if not row["breakers"]:
            break
        await asyncio.sleep(0.1)
    assert (row["waiting"], row["breakers"]) == (0, [])
    bought = [shipment["reference"] for shipment in easypost.shipments if shipment["postage_label"]]
    assert len(bought) == len(set(bought))


async def test_refused_addresses_open_none(stage: Stage, api: httpx.AsyncClient, easypost: Crowded) -> None:
    easypost.refused = "ADDRESS.VERIFY.FAILURE"
    for story in await _started(stage, 6):
        for _ in range(200):
            if (await story.view()).attention:
                break
            await asyncio.sleep(0.1)
    row = await carrier_of(api)
    assert (row["waiting"], row["breakers"]) == (0, [])
