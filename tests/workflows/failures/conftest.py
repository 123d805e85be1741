"""One shop for all tests of failing steps."""

from collections.abc import AsyncIterator

import pytest

from tests.workflows.failures.shop import Shop, opened


@pytest.fixture(scope="session")
async def shop(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shop]:
    """A server, a database, and workers whose steps can be struck."""
    async with opened(tmp_path_factory.mktemp("struck")) as shop:
        yield shop
