"""`homeward up` in this process with one subscriber, who listens; a second try comes soon."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from activities.relays import events
from starter.demo.story import Stage, stage_at
from starter.local.up import Place, Ready, running
from tests.events.receiver import Receiver, receiving
from tests.workflows.returns.play import Play, make_request
from workers.setting_values import Subscriber
from workers.settings import Settings


@pytest.fixture(scope="session")
async def receiver() -> AsyncIterator[Receiver]:
    """The subscriber."""
    async with receiving() as listening:
        yield listening


@pytest.fixture(scope="session")
async def ready(tmp_path_factory: pytest.TempPathFactory, receiver: Receiver) -> AsyncIterator[Ready]:
    """Another place than other tests' one."""
    place = Place(tmp_path_factory.mktemp("up"), temporal_port=0, ui_port=0, api_port=0)
    settings = Settings(
        data_dir=Path(place.data_dir),
        database_url=None,
        policy=Path(__file__).parent.parent.parent / "examples" / "policy.toml",
        smtp_url=None,
        give_up_after_seconds=3,
        workflow_sandbox=True,
        subscribers=[Subscriber.model_validate({"url": receiver.url, "secret": receiver.secret})],
    )
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(events, "FIRST_WAIT", timedelta(milliseconds=20))
        async with running(settings, place) as there:
            yield there


@pytest.fixture(scope="session")
async def stage(ready: Ready) -> AsyncIterator[Stage]:
    """The client, the clock and the database of this place."""
    async with stage_at(ready) as stage:
        yield stage


@pytest.fixture
def play(stage: Stage) -> Callable[..., Play]:
    """Make a return of its own; keywords change its request, see ``make_request``."""

    def make(**changes: object) -> Play:
        return Play(stage, make_request(**changes))

    return make
