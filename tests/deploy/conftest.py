"""A shop for the tests of one file, and commands that speak to it."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from click.testing import CliRunner, Result

from starter.cli.main import main
from tests.deploy.shop import Shop, shop_in


@pytest.fixture(scope="module")
async def shop(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shop]:
    async with shop_in(tmp_path_factory.mktemp("shop")) as shop:
        yield shop


@pytest.fixture(autouse=True)
def _of_the_shop(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", shop.ready.temporal)
    monkeypatch.setenv("HOMEWARD_DATABASE_URL", shop.ready.database)


async def call(*arguments: str) -> Result:
    """Run a command of Homeward's."""
    return await asyncio.to_thread(CliRunner().invoke, main, arguments)
