"""A shop for the tests of one file, and commands that speak to it."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

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


def document_of(result: Result) -> Any:
    """What a command printed, whatever it ended with; the log of the engine in this process may stand before it."""
    lines = result.stdout.splitlines()
    first = next(number for number, line in enumerate(lines) if line in ("{", "[", "[]"))
    return json.loads("\n".join(lines[first:]))
