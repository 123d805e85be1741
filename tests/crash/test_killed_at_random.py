"""The worker is killed again and again while every example is played: each ends as without a death."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

import pytest
from pydantic import BaseModel
from sqlalchemy import func, select
from temporalio.client import WorkflowExecutionStatus

from client.answers import Started
from client.errors import Unreachable
from client.repairs import Repairs
from client.returns import Homeward
from client.suppliers import Suppliers
from gateways.database.engine import Database
from gateways.database.tables.steps import effects
from lifecycle.contract.request import ReturnRequest
from lifecycle.contract.view import Summary, View
from lifecycle.repairs.messages import RepairSummary, RepairView
from lifecycle.suppliers.state import SupplierSummary
from starter.demo import story
from starter.demo.stories import STORIES
from starter.demo.story import Stage, read_example
from tests.crash.conftest import WORKER, Kept, Place
from tests.workflows.paths import comparable, row_of, told_rows
from tests.workflows.returns.play import Play

Heard = TypeVar("Heard")
EXAMPLES = Path(__file__).parent.parent.parent / "examples"


#: How long, in seconds, a story waits for a worker that lives long enough.
PATIENCE = 300.0


class PatientHomeward(Homeward):
    """Says it again, with the same id, when no worker answers."""

    async def start(self, request: ReturnRequest, waited: timedelta = timedelta()) -> Started:
        return await again(partial(super().start, request, waited))

    async def view(self, return_id: str) -> View:
        return await again(partial(super().view, return_id))

    async def _update(
        self, return_id: str, name: str, message: BaseModel, request_id: str = "", *, update_id: str = ""
    ) -> Summary:
        known = update_id or f"{name}:{request_id or uuid4().hex}"
        return await again(partial(super()._update, return_id, name, message, update_id=known))


class PatientRepairs(Repairs):
    """The same, of the bench."""

    async def view(self, return_id: str, unit_id: str) -> RepairView:
        return await again(partial(super().view, return_id, unit_id))

    async def _update(
        self, return_id: str, unit_id: str, name: str, message: BaseModel, request_id: str = "", *, update_id: str = ""
    ) -> RepairSummary:
        known = update_id or f"{name}:{request_id or uuid4().hex}"
        return await again(partial(super()._update, return_id, unit_id, name, message, update_id=known))


class PatientSuppliers(Suppliers):
    """The same, of suppliers."""

    async def _update(self, supplier_id: str, name: str, message: BaseModel, update_id: str) -> SupplierSummary:
        return await again(partial(super()._update, supplier_id, name, message, update_id))


class Patient(Play):
    """A story of somebody who says everything again until it is heard."""

    @property
    def repairs(self) -> Repairs:
        return PatientRepairs(self._stage.clock.client)

    @property
    def suppliers(self) -> Suppliers:
        return PatientSuppliers(self._stage.clock.client)


async def again(say: Callable[[], Awaitable[Heard]]) -> Heard:
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while asyncio.get_running_loop().time() < deadline:
        with suppress(Unreachable):
            return await say()
        await asyncio.sleep(0.2)
    return await say()


async def kill_now_and_then(worker: Kept, chance: random.Random, db: Database) -> None:
    """Kill it at some moment of its work; a life in which it only starts would bring no story further."""
    while True:
        await _next_effect(db)
        await asyncio.sleep(chance.uniform(0, 4))
        worker.kill()


async def _next_effect(db: Database) -> None:
    before = await _effects(db)
    while True:
        await asyncio.sleep(0.2)
        if await _effects(db) > before:
            return


async def _effects(db: Database) -> int:
    statement = select(func.count()).select_from(effects)
    return int(await db.read(lambda connection: connection.execute(statement).scalar_one()))


def assert_same_way(shown: str, usual: str, name: str) -> None:
    """The same statuses, in their order; what came while nobody worked is taken in at once, and not shown between."""
    found, all_of_them = shown.split(" → "), usual.split(" → ")
    left = iter(all_of_them)
    assert all(status in left for status in found), (name, shown, usual)
    assert (found[0], found[-1]) == (all_of_them[0], all_of_them[-1]), (name, shown, usual)


@pytest.mark.crash
async def test_every_example_ends_as_without_a_death(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(story, "PATIENCE", PATIENCE)
    client, db = place.stage.clock.client, place.stage.db
    stage = Stage(PatientHomeward(client, db), place.stage.clock, db)
    stories = {name: Patient(stage, read_example(EXAMPLES / f"{name}.json")) for name in STORIES}
    async with place.kept_running(*WORKER) as worker:
        killer = asyncio.create_task(kill_now_and_then(worker, random.Random(7), db))  # noqa: S311 - the same deaths every time
        await asyncio.gather(*(STORIES[name](play) for name, play in stories.items()))
        killer.cancel()
        assert worker.deaths >= 3

    told = {comparable(row)["path"]: comparable(row) for row in told_rows()}
    for name, play in stories.items():
        found = comparable(await row_of(name, play, db))
        expected = told[found["path"]]
        assert_same_way(found.pop("statuses"), expected.pop("statuses"), name)
        assert found == expected, name
        done = await play.effects()
        assert len(done) == len(set(done)), name
        assert (await play.handle.describe()).status is WorkflowExecutionStatus.COMPLETED, name
