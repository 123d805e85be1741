"""A worker whose cache has no room for the returns in flight says so, once; one that has room is silent."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from structlog.testing import capture_logs

from client.names import RETURNS_QUEUE
from starter.demo.story import Stage, stage_at
from starter.local.up import Place, running
from tests.workflows.returns.play import make_request
from workers.settings import Settings

_FULL = "the cache of workflows is full: HOMEWARD_WORKER_CACHE"


@asynccontextmanager
async def a_place(folder: Path, cache: int) -> AsyncIterator[Stage]:
    place = Place(folder, temporal_port=0, ui_port=0, api_port=0)
    settings = Settings(data_dir=folder, database_url=None, smtp_url=None, worker_cache=cache)
    async with running(settings, place) as ready, stage_at(ready) as stage:
        yield stage


async def warnings_of(stage: Stage, returns: int, patience: int = 1) -> list[Mapping[str, Any]]:
    """Those that come while returns are begun and looked at, or within so many tenths of a second."""
    with capture_logs() as logs:
        requests = [make_request() for _ in range(returns)]
        for request in requests:
            await stage.homeward.start(request)
        for request in requests:  # those that were put out are replayed, and put others out
            assert request.return_id
            await stage.homeward.view(request.return_id)
        for _ in range(patience):
            found: list[Mapping[str, Any]] = [line for line in logs if line["event"] == _FULL]
            if mine := [line for line in found if line["task_queue"] == RETURNS_QUEUE]:
                return mine
            await asyncio.sleep(0.1)
    return []


async def test_a_cache_without_room_is_warned_of_once(tmp_path: Path) -> None:
    async with a_place(tmp_path, cache=2) as stage:
        [warning] = await warnings_of(stage, returns=5, patience=100)
    assert (warning["log_level"], warning["count"]) == ("warning", 1)


async def test_a_cache_with_room_is_silent(tmp_path: Path) -> None:
    async with a_place(tmp_path, cache=50) as stage:
        assert await warnings_of(stage, returns=5) == []
