"""`homeward up` with encryption on, and a way to see what Temporal keeps of it."""

from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from temporalio.client import Client
from temporalio.converter import DataConverter

from gateways.database.engine import Database
from starter.demo.story import Stage, stage_at
from starter.local.up import Place, Ready, running
from starter.shared import services
from tests.up import PATIENCE
from workers.codec import encrypting
from workers.master_keys import load_master_keys
from workers.settings import Settings


def key_line(name: str, byte: int) -> str:
    """A line of a file of master keys."""
    return f"{name}:{b64encode(bytes([byte]) * 32).decode()}\n"


@pytest.fixture(scope="package")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of two master keys."""
    path = tmp_path_factory.mktemp("keys") / "master.keys"
    path.write_text(f"# the newest first\n{key_line('second', 2)}{key_line('first', 1)}")
    return path


@pytest.fixture(scope="package")
async def encrypted(keys: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ready]:
    """All of it, in this process; the workflow sandbox is on."""
    place = Place(tmp_path_factory.mktemp("encrypted"), temporal_port=0, api_port=0)
    settings = Settings(
        data_dir=Path(place.data_dir),
        database_url=None,
        policy=Path(__file__).parent.parent.parent / "examples" / "policy.toml",
        smtp_url=None,
        give_up_after_seconds=3,
        workflow_sandbox=True,
        encryption_keys=str(keys),
    )
    async with AsyncExitStack() as ending:
        with pytest.MonkeyPatch.context() as changed:
            changed.setattr(services, "PATIENCE", PATIENCE)
            there = await ending.enter_async_context(running(settings, place))
        yield there


@pytest.fixture(scope="package")
async def converter(encrypted: Ready, keys: Path) -> AsyncIterator[DataConverter]:
    """The one of a process with the keys."""
    db = Database(encrypted.database)
    yield encrypting(db, load_master_keys(str(keys)))
    await db.dispose()


@pytest.fixture(scope="package")
async def stage(encrypted: Ready, converter: DataConverter) -> AsyncIterator[Stage]:
    """For stories."""
    async with stage_at(encrypted, PATIENCE, converter) as stage:
        yield stage


@pytest.fixture(scope="package")
async def plain(encrypted: Ready) -> Client:
    """Somebody who reaches Temporal, and has no key."""
    return await Client.connect(encrypted.temporal)
