"""A server, a database and workers whose steps can be struck; and requests of the demonstration, again and again."""

import asyncio
import copy
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from temporalio.client import Client
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from client.returns import Homeward
from gateways.database.engine import Database
from lifecycle.contract.request import ReturnRequest, parse_request
from starter.demo.story import Stage
from starter.local.temporal_server import TemporalServer
from starter.shared.example_dates import delivered
from tests.workflows.failures.paths import example_of
from tests.workflows.failures.striking import Striking
from workers.converter import CONVERTER
from workers.main import run_workers
from workers.setting_values import Role
from workers.settings import Settings

EXAMPLES = Path(__file__).parents[3] / "examples"
#: Seconds after which a step that a fault word strikes fails for good.
_GIVE_UP = 3.0
#: How long a call waits for an answer, also where many are made at once.
_PATIENCE = timedelta(seconds=120)
_numbers = count(1)


@dataclass(frozen=True)
class Shop:
    """What all returns share, and the way to strike their steps."""

    stage: Stage
    striking: Striking


@asynccontextmanager
async def opened(folder: Path, step_timeout: float | None = None) -> AsyncIterator[Shop]:
    """Run a shop of its own until the end of the block; ``step_timeout`` is in seconds for each attempt of a step."""
    server = TemporalServer(folder / "temporal")
    await server.start()
    database = Database(f"sqlite:///{folder / 'homeward.db'}")
    try:
        await database.upgrade()
        client = await Client.connect(server.address, data_converter=CONVERTER)
        clock = TimeSkipper(client, config=TimeSkippingConfig(enabled=False))
        shop = Shop(Stage(Homeward(clock.client, database, _PATIENCE), clock, database), Striking())
        async with _workers(client, folder, database, shop.striking, step_timeout):
            yield shop
    finally:
        await database.dispose()
        await server.stop()


@asynccontextmanager
async def _workers(
    client: Client, folder: Path, database: Database, striking: Striking, step_timeout: float | None
) -> AsyncIterator[None]:
    settings = Settings(
        data_dir=folder,
        database_url=None,
        policy=EXAMPLES / "policy.toml",
        smtp_url=None,
        give_up_after_seconds=_GIVE_UP,
        step_timeout_seconds=step_timeout,
    )
    stop, started = asyncio.Event(), asyncio.Event()
    working = asyncio.create_task(
        run_workers(client, settings, database, tuple(Role), stop, started, interceptors=[striking])
    )
    await started.wait()
    try:
        yield
    finally:
        stop.set()
        await working


def another(path: str, tenders: list[dict[str, Any]] | None = None) -> ReturnRequest:
    """The request that a path begins with; no order, card, SKU or supplier of it is another return's as well.

    ``tenders`` paid for the order, where it is not the example's.
    """
    body = json.loads((EXAMPLES / f"{example_of(path)}.json").read_text())
    body["order"]["tenders"] = copy.deepcopy(tenders) or body["order"]["tenders"]
    number = f"X{next(_numbers):05}"
    order = body["order"]
    body["return_id"] = f"{number}-{path}"
    order["order_id"] = order["customer"]["customer_id"] = f"O-{number}"
    for tender in order["tenders"]:
        tender["reference"] = f"{number} {tender.get('reference') or tender['tender_id']}"
    for line in [*order["lines"], *(body.get("exchange_for") or [])]:
        line["sku"] = f"{number}-{line['sku']}"
    for line in order["lines"]:
        if line.get("supplier_id"):
            line["supplier_id"] = body["return_id"]
    return _checked(body)


def _checked(body: dict[str, Any]) -> ReturnRequest:
    now = datetime.now(UTC)
    return parse_request(delivered(body, 4, now), now=now, forbid_unknown=True)
