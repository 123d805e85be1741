"""Paths that cost more than the plain return: each alone, counted, and looked at; no times.

The advance replacement goes out at once against a hold on the card, which is released at handover.
The repair is in warranty, without an estimate, done and checked in one round, and sent back.
The told one is the plain return with a subscriber of its events, who knows of each before the next happens.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from temporalio.client import Client
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from benchmarks.counting import Counts, counts_of
from benchmarks.plain import PATIENCE, WrongOutcome
from benchmarks.report import Line, count_lines
from benchmarks.request import SKU, plain_request
from client.names import repair_id
from client.returns import Homeward
from gateways.database import ledger
from gateways.database.engine import Database
from gateways.database.stock.inventory import add_stock
from lifecycle.contract.messages import TrackingStatus
from lifecycle.contract.request import parse_request
from lifecycle.contract.statuses import Status
from lifecycle.repairs.messages import DiagnosisOutcome
from starter.demo.story import Stage, Story

#: Each path is played so often, one return after another: which steps share a workflow task varies a little.
TIMES = 5
_UNIT = "1-1"
#: Seconds between two looks.
_PAUSE = 0.05


@dataclass(frozen=True)
class Path:
    """A path to be counted: what is asked for, what happens, where it must end and with which steps."""

    name: str
    resolution: str
    play: Callable[[Story], Awaitable[None]]
    status: Status
    steps: frozenset[str]
    #: The bounds of the return's own workflow, and of the repair's where the unit goes over the bench.
    at_most: Counts
    bench_at_most: Counts | None = None


async def _advance_replacement(story: Story) -> None:
    await story.start(until=Status.REPLACED)
    await story.happened("label_sent")
    await story.scan(TrackingStatus.ACCEPTED)
    await story.happened("hold_released")
    await story.receive()
    await story.inspect()
    await story.closed()


async def _repair(story: Story) -> None:
    await story.start()
    await story.scan(TrackingStatus.ACCEPTED)
    await story.receive()
    await story.diagnose(_UNIT, DiagnosisOutcome.REPAIRABLE)
    await story.repair(_UNIT)
    await story.closed()


async def _told(story: Story) -> None:
    await story.start()
    await _quiet(story)
    await story.scan(TrackingStatus.ACCEPTED)
    await story.happened("handed_over")
    await _quiet(story)
    await story.receive()
    await _quiet(story)
    await story.inspect()
    await story.closed()


async def _quiet(story: Story) -> None:
    """Wait until it takes no step."""
    for _ in range(round(PATIENCE.total_seconds() / _PAUSE)):
        described = await story.handle.describe()
        if not described.raw_description.pending_activities:
            return
        await asyncio.sleep(_PAUSE)
    raise WrongOutcome(f"{story.return_id} does not come to rest")


_ALWAYS = {"open", "buy_return_label", "receive", "ship", "close"}
ADVANCE_REPLACEMENT = Path(
    "advance",
    "replacement",
    _advance_replacement,
    Status.REPLACED,
    frozenset(_ALWAYS | {"reserve", "place_hold", "release_hold", "restock"}),
    at_most=Counts(events=64, size=14 * 1024, actions=19),
)
REPAIR = Path(
    "repair",
    "repair",
    _repair,
    Status.REPAIRED,
    frozenset(_ALWAYS | {"restock"}),
    at_most=Counts(events=68, size=15 * 1024, actions=22),
    bench_at_most=Counts(events=51, size=8 * 1024, actions=5),
)
TOLD = Path(
    "told",
    "refund",
    _told,
    Status.REFUNDED,
    frozenset({"open", "buy_return_label", "receive", "restock", "refund-t1", "close"}),
    at_most=Counts(events=73, size=16 * 1024, actions=22),
)


class Paths:
    """Plays paths on the engine that the plain return ran on."""

    def __init__(self, client: Client, db: Database) -> None:
        self._client = client
        self._db = db
        clock = TimeSkipper(client, config=TimeSkippingConfig(enabled=False))
        self._stage = Stage(Homeward(client, db, PATIENCE), clock, db)

    async def lines(self, plain: Counts, *paths: Path) -> list[Line]:
        """The figures of these paths, beside those of the plain return; raises ``WrongOutcome``."""
        return [line for path in paths for line in await self._lines(path, plain)]

    async def _lines(self, path: Path, plain: Counts) -> list[Line]:
        await add_stock(self._db, SKU, TIMES)
        stories = [await self._play(path, number) for number in range(TIMES)]
        cost = most([await counts_of(story.handle) for story in stories])
        found = count_lines(cost, plain, path.at_most, of=path.name)
        if path.bench_at_most:
            repairs = [self._client.get_workflow_handle(repair_id(story.return_id, _UNIT)) for story in stories]
            cost = most([await counts_of(repair) for repair in repairs])
            found += count_lines(cost, plain, path.bench_at_most, of="bench")
        return found

    async def _play(self, path: Path, number: int) -> Story:
        story = Story(self._stage, _request(f"{path.resolution}-{number}", path.resolution))
        await path.play(story)
        await self._check(path, story)
        return story

    async def _check(self, path: Path, story: Story) -> None:
        view = await story.view()
        effects = [effect["step"] for effect in await ledger.effects_of(self._db, story.return_id)]
        wrong: dict[str, tuple[Any, Any]] = {
            "status": (view.status, path.status),
            "closed": (view.closed, True),
            "ledger": (sorted(effects), sorted(path.steps)),
        }
        found = [f"{what}: {got!r}, not {must!r}" for what, (got, must) in wrong.items() if got != must]
        if found:
            raise WrongOutcome(f"{story.return_id}: {'; '.join(found)}")


def _request(return_id: str, resolution: str) -> Any:
    raw = plain_request(return_id) | {"resolution": resolution}
    raw["items"] = [raw["items"][0] | {"reason": "defective"}]
    return parse_request(raw, now=datetime.now(UTC))


def most(counted: list[Counts]) -> Counts:
    """The most of each figure."""
    return Counts(
        events=max(counts.events for counts in counted),
        size=max(counts.size for counts in counted),
        actions=max(counts.actions for counts in counted),
    )
