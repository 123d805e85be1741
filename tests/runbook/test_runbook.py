"""Each page of the runbook: its fault is made, its commands are taken from the page, and it is over."""

import asyncio
import re
import shlex
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from activities.relays import watch
from gateways.sandbox.tables import sandbox_refunds
from lifecycle.contract.statuses import Status
from starter.cli.main import main
from starter.demo.story import Stage, stage_at
from starter.local.temporal_server import find_temporal
from starter.local.up import Place, Ready, running
from tests.gateways.carrier.easypost_stand_in import EasyPostStandIn
from tests.gateways.stand_ins import Fault, FaultKind
from tests.orphans.conftest import delete, terminate, until_known
from tests.workflows.returns.play import Play, make_request
from workers import relay_keeper
from workers.settings import Settings
from workflows.relays import MAILS

PAGE = Path(__file__).parents[2] / "docs" / "runbook.md"
#: Commands that end with 1 where they have found something.
LOOKS = ("homeward doctor", "homeward reconcile")
SHIPMENTS = "POST /v2/shipments"


def blocks(heading: str) -> list[list[str]]:
    """The commands of a page, block by block."""
    page = PAGE.read_text().split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return [block.strip().splitlines() for block in re.findall(r"```sh\n(.*?)```", page, re.DOTALL)]


@pytest.fixture(scope="module")
def easypost() -> Iterator[EasyPostStandIn]:
    stand_in = EasyPostStandIn()
    with stand_in.running():
        yield stand_in


@pytest.fixture(scope="module")
async def ready(easypost: EasyPostStandIn, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ready]:
    """A shop with EasyPost, whose watch and relays' keeper look several times a second."""
    place = Place(tmp_path_factory.mktemp("up"), temporal_port=0, ui_port=0, api_port=0)
    settings = Settings(
        data_dir=Path(place.data_dir),
        easypost_key="EZTK1",
        easypost_url=f"{easypost.url}/v2",
        give_up_after_seconds=None,
    )
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(watch, "EVERY", timedelta(seconds=0.2))
        changed.setattr(relay_keeper, "EVERY", timedelta(seconds=0.5))
        changed.setattr(relay_keeper, "LETS_GO_WITHIN", timedelta(seconds=0))
        async with running(settings, place) as there:
            yield there


@pytest.fixture
async def impatient(tmp_path: Path) -> AsyncIterator[Ready]:
    """A shop of the built-in partners, where a step that fails once has failed for good."""
    place = Place(tmp_path, temporal_port=0, ui_port=0, api_port=0)
    async with running(Settings(data_dir=tmp_path, give_up_after_seconds=0), place) as there:
        yield there


@pytest.fixture
async def stage(ready: Ready, easypost: EasyPostStandIn) -> AsyncIterator[Stage]:
    """The carrier is well before each page, and after it."""
    async with stage_at(ready) as stage:
        yield stage
    easypost.faults.clear()
    easypost.refused = None


class Desk:
    """An operator with the runbook's page open."""

    def __init__(self, ready: Ready, heading: str, return_id: str = "", customer: str = "") -> None:
        self._environment = {"TEMPORAL_ADDRESS": ready.temporal, "HOMEWARD_DATABASE_URL": ready.database}
        self._blocks = blocks(heading)
        self._return_id = return_id
        self._customer = customer

    async def do(self, number: int) -> str:
        """Run the page's block of that number; what it printed."""
        return "\n".join([await self.say(line) for line in self._blocks[number]])

    def _arguments(self, line: str) -> list[str]:
        names = {"ID": self._return_id, "CUSTOMER": self._customer}
        return [re.sub(r"\b(ID|CUSTOMER)\b", lambda found: names[found[0]], word) for word in shlex.split(line)]

    async def say(self, line: str) -> str:
        """Run one command; what it printed."""
        if line.startswith("temporal "):
            return await asyncio.to_thread(self._ask_temporal, line)
        done = await asyncio.to_thread(self._run, line)
        assert done.exit_code == 0 or line in LOOKS, f"{line}: {done.output}"
        return done.output

    def _ask_temporal(self, line: str) -> str:
        arguments = self._arguments(line)[1:]
        command = [find_temporal(), *arguments, "--address", self._environment["TEMPORAL_ADDRESS"]]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    async def until(self, number: int, holds: Callable[[str], bool]) -> None:
        """Repeat a block until what it prints is so."""
        for _ in range(100):
            printed = await self.do(number)
            if holds(printed):
                return
            await asyncio.sleep(0.2)
        raise AssertionError(printed)

    def _run(self, line: str) -> Result:
        arguments = self._arguments(line)
        assert arguments[0] == "homeward"
        return CliRunner(env=self._environment).invoke(main, arguments[1:])


async def _waiting(stage: Stage, easypost: EasyPostStandIn, kind: FaultKind, headers: dict[str, str]) -> list[Play]:
    easypost.faults.extend([Fault(SHIPMENTS, kind, headers)] * 1000)
    stories = [Play(stage, make_request()) for _ in range(6)]
    for story in stories:
        await story.start(until=None)
    return stories


async def test_a_partner_is_down(ready: Ready, stage: Stage, easypost: EasyPostStandIn) -> None:
    stories = await _waiting(stage, easypost, "down", {})
    desk = Desk(ready, "A partner is down")
    await desk.until(0, lambda printed: "503" in printed)
    easypost.faults.clear()
    await desk.do(1)
    for story in stories:
        await story.until(Status.LABEL_SENT)
    await desk.until(2, lambda printed: "503" not in printed)


async def test_a_partner_asks_for_calm(ready: Ready, stage: Stage, easypost: EasyPostStandIn) -> None:
    stories = await _waiting(stage, easypost, "busy", {"Retry-After": "3600"})
    desk = Desk(ready, "A partner asks for calm")
    await desk.until(0, lambda printed: "429" in printed)
    easypost.faults.clear()
    await desk.do(1)
    for story in stories:
        await story.until(Status.LABEL_SENT)
    await desk.until(2, lambda printed: "429" not in printed)


async def test_a_partner_is_under_maintenance(ready: Ready, stage: Stage, easypost: EasyPostStandIn) -> None:
    desk = Desk(ready, "A partner is under maintenance")
    await desk.do(0)
    easypost.faults.extend([Fault(SHIPMENTS, "down")] * 1000)
    await asyncio.sleep(1)  # workers hold what they were handed before
    story = Play(stage, make_request())
    await story.start(until=None)
    easypost.faults.clear()
    await desk.do(1)
    await story.until(Status.LABEL_SENT)
    await desk.until(2, lambda printed: "carrier  no limit" in printed)
    assert (await desk.say("homeward attention")).count(story.return_id) == 0


async def test_a_step_waits_for_an_operator(ready: Ready, stage: Stage, easypost: EasyPostStandIn) -> None:
    easypost.refused = "Unable to verify the address."
    story = Play(stage, make_request())
    await story.start(until=None)
    await story.attention("label")
    desk = Desk(ready, "A step waits for an operator", story.return_id)
    await desk.until(0, lambda printed: story.return_id in printed)
    easypost.refused = None
    await desk.do(1)
    await story.until(Status.LABEL_SENT)
    await desk.until(2, lambda printed: story.return_id not in printed)


async def test_it_is_not_known_whether_a_refund_was_made(impatient: Ready) -> None:
    async with stage_at(impatient) as stage:
        await _refund_lost(impatient, stage)


async def _refund_lost(ready: Ready, stage: Stage) -> None:
    story = Play(stage, make_request(tender="pi_lost fault:after:1"))
    await story.start()
    desk = Desk(ready, "It is not known whether a refund was made", story.return_id)
    await story.receive()
    await story.inspect()
    await story.attention("refund")
    await desk.until(0, lambda printed: story.return_id in printed)
    await desk.do(1)
    await story.closed()
    assert "40.00" in await desk.do(2)
    mine = select(func.count()).where(sandbox_refunds.c.key.startswith(f"return-{story.return_id}/"))
    assert await stage.db.read(lambda connection: connection.execute(mine).scalar_one()) == 1


@pytest.mark.parametrize("lose", [terminate, delete])
async def test_the_workflow_of_a_return_is_gone(ready: Ready, stage: Stage, lose: Callable[[Play], object]) -> None:
    story = Play(stage, make_request())
    await story.start()
    await lose(story)  # type: ignore[misc]
    await until_known(stage, story.return_id)
    desk = Desk(ready, "The workflow of a return is gone", story.return_id)
    assert "orphaned" in await desk.do(0)
    assert "attention" in await desk.do(2)
    await desk.do(1)
    await story.until(Status.LABEL_SENT)
    await desk.until(2, lambda printed: "attention" not in printed)


async def test_a_relay_is_gone(ready: Ready, stage: Stage) -> None:
    desk = Desk(ready, "A relay is gone")
    await stage.clock.client.get_workflow_handle(MAILS.workflow_id).terminate("a stray one")
    story = Play(stage, make_request())
    await story.start()
    await story.until_mails_are("sent")
    await desk.until(1, lambda printed: re.search(r"^ok +relay outbox-relay: runs", printed, re.MULTILINE) is not None)


async def test_a_customer_asks_to_be_forgotten(impatient: Ready) -> None:
    async with stage_at(impatient) as stage:
        story = Play(stage, make_request())
        await story.start()
        await story.receive()
        await story.inspect()
        await story.closed()
        customer = story.request.order.customer
        desk = Desk(impatient, "A customer asks to be forgotten", story.return_id, customer.customer_id)
        assert str(customer.email) in await desk.do(1)
        assert "left as they are" not in await desk.do(0)
        assert str(customer.email) not in await desk.do(1)


async def test_an_api_key_has_leaked(ready: Ready, stage: Stage) -> None:
    desk = Desk(ready, "An API key has leaked")
    await desk.say("homeward keys create till --scope read")
    await desk.until(0, lambda printed: "till" in printed)
    assert "till" in await desk.do(1)
    await desk.do(2)
    await desk.until(3, lambda printed: "revoked" in printed)


def test_every_page_is_tried() -> None:
    tried = {name.removeprefix("test_").replace("_", " ") for name in globals() if name.startswith("test_")}
    pages = re.findall(r"^## (.+)$", PAGE.read_text(), re.MULTILINE)
    assert [page for page in pages if page.lower() not in tried] == []
