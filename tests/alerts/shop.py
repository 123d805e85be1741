"""A shop whose processes measure each second, and the Prometheus that looks at it."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client

from activities.relays import watch
from client.returns import Homeward
from gateways.database.engine import Database
from starter.doctor.readiness import readiness_of
from starter.health import fleet
from starter.health.address import ProcessHealth, health_address
from starter.health.fleet import measured_fleet
from starter.local.temporal_server import NAMESPACE, TemporalServer, free_port
from starter.shared.connect import client_of
from starter.shared.inbox import inbox_of
from tests.alerts.server import Prometheus, prometheus
from tests.workflows.returns.play import make_request
from workers.main import run_workers
from workers.setting_values import Role, Subscriber
from workers.settings import Settings

SUBSCRIBER = Subscriber.model_validate({"url": "http://127.0.0.1:9", "secret": "whsec_" + "QUJD" * 10})
#: Support has no worker.
ROLES = (Role.RETURNS, Role.CARRIER, Role.PAYMENT, Role.INVENTORY, Role.MESSAGES)


@dataclass(frozen=True)
class Shop:
    """What runs here, and the Prometheus that looks at it."""

    client: Client
    db: Database
    homeward: Homeward
    policy: Path
    prometheus: Prometheus
    end: Callable[[], Awaitable[None]]


@asynccontextmanager
async def shop_in(tmp_path: Path, **changes: Any) -> AsyncIterator[Shop]:
    """Workers of all roles but one on a server of their own; ``changes`` are settings."""
    policy = tmp_path / "policy.toml"
    policy.write_text('version = "right"')
    server, port, stop = TemporalServer(tmp_path), free_port(), asyncio.Event()
    settings = Settings(data_dir=tmp_path, policy=policy, health_port=port, subscribers=[SUBSCRIBER], **changes)
    db = Database(settings.database)
    await db.upgrade()
    await server.start()
    with pytest.MonkeyPatch.context() as changed:
        for module, name in ((fleet, "EVERY"), (fleet, "LOOKS_AGAIN"), (watch, "EVERY")):
            changed.setattr(module, name, timedelta(seconds=1))
        async with health_address(settings, ROLES, free_port()) as health:
            client = await client_of({"target_host": server.address, "namespace": NAMESPACE}, health.runtime)
            health.database, health.readiness = db, readiness_of(client, db, needs_workers=False)

            async def work() -> None:
                async with measured_fleet(health, client, db, settings):
                    pass_next = inbox_of(client, db).pass_next
                    await run_workers(client, settings, db, ROLES, stop, health.started, pass_next=pass_next)

            working = asyncio.create_task(work())

            async def end() -> None:
                stop.set()
                await asyncio.wait([working])

            await until_all_relays_work(health)
            homeward = Homeward(client, db, timedelta(seconds=60))
            async with prometheus(tmp_path, [f"127.0.0.1:{port}", f"127.0.0.1:{free_port()}"]) as looking:
                yield Shop(client, db, homeward, policy, looking, end)
            await end()
    await server.stop()
    await db.dispose()


async def until_all_relays_work(health: ProcessHealth) -> None:
    """Wait until they have begun, and this has been measured: rules that wait a second alone would fire before."""
    assert health.metrics
    for _ in range(300):
        found = re.findall(r"^homeward_relay_up{.*} (.*)$", await health.metrics.text(), re.MULTILINE)
        if found and set(found) == {"1.0"}:
            return
        await asyncio.sleep(0.1)
    raise AssertionError("the relays never began")


@dataclass
class Seen:
    """The alerts that have fired so far."""

    there: Prometheus
    alerts: set[str] = field(default_factory=set)

    async def until(self, *expected: str) -> None:
        """Wait until all of these have, for a minute and a half."""
        for _ in range(180):
            self.alerts |= await self.there.firing()
            if self.alerts >= set(expected):
                return
            await asyncio.sleep(0.5)
        raise AssertionError(f"never fired: {set(expected) - self.alerts}")


async def begin(shop: Shop, count: int, **how: str) -> list[str]:
    """Start so many returns."""
    requests = [make_request(**how) for _ in range(count)]
    await asyncio.gather(*(shop.homeward.start(request) for request in requests))
    return [str(request.return_id) for request in requests]
