"""One shop for all tests of failing steps."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.workflows.failures.cases import steps_of
from tests.workflows.failures.paths import PATHS
from tests.workflows.failures.shop import Shop, opened


@pytest.fixture(scope="session")
async def shop(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shop]:
    """A server, a database, and workers whose steps can be struck."""
    async with opened(tmp_path_factory.mktemp("struck")) as shop:
        yield shop


@pytest.fixture(scope="session")
async def ran(shop: Shop) -> dict[str, list[str]]:
    """The steps of each story when nothing fails."""
    found = await asyncio.gather(*(steps_of(shop, story) for story in PATHS))
    return dict(zip(PATHS, found, strict=True))
