"""One real server, one database, real workers, for all tests that need them; time passes per return."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest

from starter.demo.story import Stage, stage_at
from starter.local.up import Place, Ready, running
from starter.shared import services
from tests.workflows.returns.play import Play, make_request
from workers.settings import Settings

#: An answer may take longer than callers usually wait: the machine is shared with other servers, and browsers.
PATIENCE: Final = timedelta(seconds=60)


@pytest.fixture(scope="session")
async def ready(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ready]:
    """`homeward up`, in this process; steps give up after a few seconds."""
    place = Place(tmp_path_factory.mktemp("up"), temporal_port=0, ui_port=0, api_port=0)
    settings = Settings(
        data_dir=Path(place.data_dir),
        database_url=None,
        policy=Path(__file__).parent.parent / "examples" / "policy.toml",
        smtp_url=None,
        give_up_after_seconds=3,
        workflow_sandbox=True,
    )
    async with AsyncExitStack() as ending:
        with pytest.MonkeyPatch.context() as changed:
            changed.setattr(services, "PATIENCE", PATIENCE)
            there = await ending.enter_async_context(running(settings, place))
        yield there


@pytest.fixture(scope="session")
async def stage(ready: Ready) -> AsyncIterator[Stage]:
    """The client, the clock and the database."""
    async with stage_at(ready, PATIENCE) as stage:
        yield stage


@pytest.fixture
def play(stage: Stage) -> Callable[..., Play]:
    """Make a return of its own; keywords change its request, see ``make_request``."""

    def make(**changes: object) -> Play:
        return Play(stage, make_request(**changes))

    return make
