"""The alert of a partner that fails for everybody, at a real Prometheus: a carrier's server that is down, then back."""

import asyncio
from pathlib import Path

import pytest

from tests.alerts.shop import Seen, begin, shop_in
from tests.gateways.carrier.easypost_stand_in import EasyPostStandIn
from tests.gateways.stand_ins import Fault

OPEN = 'ALERTS{alertname="BreakerOpen",alertstate="firing"}'
RETURNS = 6

pytestmark = pytest.mark.long


async def test_a_partner_that_fails_for_everybody_is_named_until_it_is_back(tmp_path: Path) -> None:
    easypost = EasyPostStandIn()
    with easypost.running():
        async with shop_in(tmp_path, easypost_key="EZTK1", easypost_url=f"{easypost.url}/v2") as shop:
            easypost.faults.extend([Fault("POST /v2/shipments", "down")] * 10_000)
            await begin(shop, RETURNS)
            await Seen(shop.prometheus).until("BreakerOpen")
            [alert] = await shop.prometheus.query(OPEN)
            assert (alert["metric"]["partner"], alert["metric"]["code"]) == ("carrier", "503")
            easypost.faults.clear()
            for _ in range(120):
                if not await shop.prometheus.query(OPEN):
                    return
                await asyncio.sleep(0.5)
    raise AssertionError("it rings on, though the carrier is back")
