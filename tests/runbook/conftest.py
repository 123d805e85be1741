"""One shop for the pages whose faults leave it as it was."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from activities.reconciliation import reconciler
from activities.relays import watch
from starter.demo.story import Stage, stage_at
from starter.local.up import Place, Ready, running
from tests.gateways.carrier.easypost_stand_in import EasyPostStandIn
from tests.webhooks.partners import SECRETS
from workers import relay_keeper
from workers.settings import Settings


@pytest.fixture(scope="package")
def easypost_server() -> Iterator[EasyPostStandIn]:
    stand_in = EasyPostStandIn()
    with stand_in.running():
        yield stand_in


@pytest.fixture
def easypost(easypost_server: EasyPostStandIn) -> Iterator[EasyPostStandIn]:
    """The carrier, which is well again after each page."""
    yield easypost_server
    easypost_server.faults.clear()
    easypost_server.refused = None


@pytest.fixture(scope="package")
def policy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shop's policy, which a test may change and has to put back."""
    path = tmp_path_factory.mktemp("policy") / "policy.toml"
    path.write_text((Path(__file__).parents[2] / "examples" / "policy.toml").read_text())
    return path


@pytest.fixture(scope="package")
async def ready(
    easypost_server: EasyPostStandIn, policy: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Ready]:
    """A shop with EasyPost, whose watch and relays' keeper look several times a second."""
    place = Place(tmp_path_factory.mktemp("up"), temporal_port=0, ui_port=0, api_port=0)
    settings = Settings.model_validate(
        {
            "data_dir": Path(place.data_dir),
            "policy": policy,
            "easypost_key": "EZTK1",
            "easypost_url": f"{easypost_server.url}/v2",
            "easypost_webhook_secret": SECRETS["easypost"],
            "give_up_after_seconds": None,
        }
    )
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(watch, "EVERY", timedelta(seconds=0.2))
        changed.setattr(relay_keeper, "EVERY", timedelta(seconds=0.5))
        changed.setattr(relay_keeper, "LETS_GO_WITHIN", timedelta(seconds=0))
        changed.setattr(reconciler, "SETTLES", timedelta(seconds=0.2))
        async with running(settings, place) as there:
            yield there


@pytest.fixture
async def stage(ready: Ready, easypost: EasyPostStandIn) -> AsyncIterator[Stage]:
    async with stage_at(ready) as stage:
        yield stage


@pytest.fixture(scope="package")
async def impatient(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ready]:
    """A shop of the built-in partners, where a step that fails once has failed for good."""
    place = Place(tmp_path_factory.mktemp("impatient"), temporal_port=0, ui_port=0, api_port=0)
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(reconciler, "SETTLES", timedelta(seconds=0.2))
        async with running(Settings(data_dir=place.data_dir, give_up_after_seconds=0), place) as there:
            yield there
