"""The worker is killed again and again while every example is played: each ends as without a death."""

import asyncio
import random
from pathlib import Path

import pytest
from temporalio.client import WorkflowExecutionStatus

from lifecycle.view import View
from starter.demo.stories import STORIES
from starter.demo.story import read_example
from starter.errors import Unreachable
from tests.crash.conftest import WORKER, Kept, Place
from tests.workflows.returns import Play

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
#: What each example comes to: status, amount, the steps in the ledger that money or goods depend on, and mails.
EXPECTED = {
    "refund": ("refunded", 4033, {"buy_return_label", "receive", "restock", "refund-t1"}, {"label_sent", "refunded"}),
    "two_parcels": ("refunded", 3600, {"receive", "receive-2", "refund-t1"}, {"label_sent", "refunded"}),
    "declined": ("declined", 0, set(), {"declined"}),
    "partly_declined": ("refunded", 3850, {"refund-t1"}, {"partly_declined", "label_sent", "refunded"}),
    "reviewed": ("refunded", 68200, {"refund-t1"}, {"in_review", "label_sent", "refunded"}),
    "cancelled": ("cancelled", 0, {"void_label", "release_claims"}, {"label_sent", "cancelled"}),
    "never_posted": ("expired", 0, {"void_label", "release_claims"}, {"label_sent", "reminder", "expired"}),
    "late_parcel": ("refunded", 3850, {"claim_units", "refund-t1"}, {"label_sent", "reminder", "expired", "refunded"}),
    "lost": ("refunded", 3850, {"refund-t1", "carrier_claim"}, {"label_sent", "refunded"}),
    "two_tenders": ("refunded", 9680, {"refund-gift", "refund-card"}, {"label_sent", "refunded"}),
    "refund_retried": ("refunded", 3850, {"refund-t1"}, {"label_sent", "refunded"}),
    "refund_by_hand": ("refunded", 3850, set(), {"label_sent", "refunded"}),
    "settled_by_timer": ("refunded", 2640, {"refund-t1"}, {"label_sent", "due_soon", "escalation", "refunded"}),
}


class Patient(Play):
    """Looks again when no worker answers."""

    async def view(self) -> View:
        for _ in range(20):
            try:
                return await super().view()
            except Unreachable:
                await asyncio.sleep(0.2)
        return await super().view()


async def kill_now_and_then(worker: Kept, chance: random.Random) -> None:
    while True:
        await asyncio.sleep(chance.uniform(3, 6))
        worker.kill()


@pytest.mark.crash
async def test_every_example_ends_as_without_a_death(place: Place) -> None:
    stories = {name: Patient(place.stage, read_example(EXAMPLES / f"{name}.json")) for name in STORIES}
    async with place.kept_running(*WORKER) as worker:
        killer = asyncio.create_task(kill_now_and_then(worker, random.Random(7)))  # noqa: S311 - the same deaths every time
        await asyncio.gather(*(STORIES[name](story) for name, story in stories.items()))
        killer.cancel()
        assert worker.deaths >= 3

    assert set(EXPECTED) == set(STORIES)
    for name, story in stories.items():
        status, amount, steps, mails = EXPECTED[name]
        view = await story.view()
        assert (view.status, view.settlement.amount) == (status, amount), name
        done = await story.effects()
        assert len(done) == len(set(done)), name
        assert steps <= set(done), name
        assert sorted(await story.mails()) == sorted(mails), name
        assert (await story.handle.describe()).status is WorkflowExecutionStatus.COMPLETED, name
