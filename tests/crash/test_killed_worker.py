"""SIGKILL before and after every step of the plain return: the outcome is the same."""

import asyncio
import json
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from gateways.sandbox.tables import sandbox_refunds, sandbox_shipments
from lifecycle.contract.grades import Grade
from lifecycle.contract.messages import InspectedUnit, ReceiptUnits, TrackingEvent, TrackingStatus
from starter.demo.story import Stage
from tests.crash.conftest import Place, patiently
from tests.workflows.returns.play import Play, make_request

STEPS = ("open", "buy_return_label", "receive", "restock", "refund-t1", "close")
PLACES = [(step, when) for step in STEPS for when in ("before", "after")]
#: Where the most is at stake: enough for a first look.
SOME = [("buy_return_label", "after"), ("refund-t1", "before"), ("refund-t1", "after")]


async def live(story: Play) -> None:
    """The plain journey, driven by callers who do not see the worker die."""
    client = story._stage.clock.client
    await client.start_workflow(
        "ReturnWorkflow",
        story.request.model_dump(mode="json", exclude_none=True),
        id=f"return-{story.return_id}",
        task_queue="returns",
        task_timeout=timedelta(seconds=2),
    )
    await story.until_effect("buy_return_label")
    await asyncio.sleep(3)  # the step's answer has to reach the return, or the parcel comes before its label
    scan = TrackingEvent(event_id="scan", tracking_code="X", status=TrackingStatus.ACCEPTED, at=await story.now())
    await story.signal("tracking_event", scan)
    await patiently(lambda: story.receipt(ReceiptUnits(line_id="1"), receipt_id="receipt"))
    verdict = InspectedUnit(unit_id="1-1", grade=Grade.A)
    await patiently(lambda: story.inspection(verdict, inspection_id="inspection"))
    await story.handle.result()


async def count(stage: Stage, table: object, column: object, value: object) -> int:
    statement = select(func.count()).select_from(table).where(column == value)  # type: ignore[arg-type]
    return int(await stage.db.read(lambda connection: connection.execute(statement).scalar_one()))


@pytest.mark.parametrize("places", [SOME, pytest.param(PLACES, marks=pytest.mark.crash)], ids=["some", "all"])
async def test_killed_before_and_after_every_step(place: Place, places: list[tuple[str, str]]) -> None:
    stories = {where: Play(place.stage, make_request()) for where in places}
    plan = {story.return_id: where for where, story in stories.items()}
    (place.folder / "plan.json").write_text(json.dumps(plan))
    async with place.kept_running("-m", "tests.crash.self_killing_worker", str(place.folder)) as worker:
        await asyncio.gather(*(live(story) for story in stories.values()))
        assert worker.deaths == len(places), "not every place was reached"

    for where, story in stories.items():
        view = await story.view()
        assert (view.status, view.closed) == ("refunded", True), where
        assert [(paid.amount, paid.state) for paid in view.settlement.paid] == [(4000, "succeeded")], where
        assert Counter(await story.effects()) == Counter(STEPS), where
        assert await story.mails() == ["label_sent", "refunded"], where
        assert await story.stock() == {("main", "A"): 1}, where
        assert await count(place.stage, sandbox_shipments, sandbox_shipments.c.return_id, story.return_id) == 1, where
        tender = story.request.order.tenders[0].reference
        assert await count(place.stage, sandbox_refunds, sandbox_refunds.c.charge, tender) == 1, where
