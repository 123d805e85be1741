"""One more real server, whose policy file the tests change between the returns."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from starter.demo.story import stage_at
from starter.local.up import Place, running
from tests.workflows.policies.shop import Shop
from workers.settings import Settings


@pytest.fixture(scope="session")
async def shop(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shop]:
    """`homeward up` with a policy file."""
    place = Place(tmp_path_factory.mktemp("shop"), temporal_port=0, ui_port=0, api_port=0)
    path = Path(place.data_dir) / "policy.toml"
    path.write_text("")
    settings = Settings(data_dir=Path(place.data_dir), policy=path, give_up_after_seconds=3, workflow_sandbox=True)
    async with running(settings, place) as ready, stage_at(ready) as stage:
        yield Shop(stage, path)
