"""The webhooks' addresses, in this process, in front of the one server of all tests."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from starter.api.app import api
from starter.demo.story import Stage
from starter.local.up import Ready
from starter.shared.inbox import Inbox
from starter.shared.services import Services, services_of
from tests.webhooks.partners import SECRETS, Door
from workers.settings import Settings


@pytest.fixture(scope="session")
def settings(ready: Ready) -> Settings:
    """With every partner's secret."""
    return Settings.model_validate(
        {"data_dir": Path(), "database_url": ready.database}
        | {f"{partner}_webhook_secret": secret for partner, secret in SECRETS.items()}
    )


@pytest.fixture(scope="session")
def services(settings: Settings, stage: Stage) -> Services:
    """As patient as the tests: on a busy machine an event that is passed on at once would be called queued."""
    return replace(services_of(settings, stage.clock.client, stage.db), homeward=stage.homeward)


@pytest.fixture(scope="session")
async def door(services: Services) -> AsyncIterator[Door]:
    """Where partners send to."""
    async with served(services) as http:
        yield Door(http)


def served(services: Services) -> httpx.AsyncClient:
    """The API in this process."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(api(services)), base_url="http://homeward")


@pytest.fixture(scope="session")
def inbox(stage: Stage) -> Inbox:
    """What waits, and how it is passed on."""
    return Inbox(stage.homeward, stage.db)
