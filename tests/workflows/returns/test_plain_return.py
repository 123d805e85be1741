"""The plain journey: asked for, labelled, posted, received, graded, refunded, restocked."""

from collections.abc import Callable
from datetime import UTC, timedelta
from io import BytesIO

from pypdf import PdfReader

from benchmarks.counting import Counts, counts_of
from gateways.sandbox.carrier import SandboxCarrier
from lifecycle.contract.grades import Grade
from lifecycle.contract.messages import TrackingStatus
from starter.demo.story import Stage
from tests.workflows.returns.play import Play


async def test_everybody_gets_what_is_theirs(play: Callable[..., Play]) -> None:
    story = play()
    await story.start()
    await story.days(1)
    await story.scan(TrackingStatus.ACCEPTED)
    await story.days(2)
    await story.receive()
    await story.inspect(Grade.A)
    await story.closed()

    view = await story.view()
    assert (view.status, view.closed, view.goods.state) == ("refunded", True, "received")
    assert view.settlement.amount == 4000
    [paid] = view.settlement.paid
    assert (paid.tender_id, paid.amount, paid.state) == ("t1", 4000, "succeeded")
    [unit] = view.units
    assert (unit.unit_id, unit.grade, unit.disposition, unit.refund) == ("1-1", "A", "restock", 4000)
    assert await story.stock() == {("main", "A"): 1}
    assert await story.mails() == ["label_sent", "refunded"]
    assert sorted(await story.effects()) == [
        "buy_return_label",
        "close",
        "open",
        "receive",
        "refund-t1",
        "restock",
    ]
    assert await story.events() == [
        "requested", "label_sent", "handed_over", "received", "inspected", "refunded", "closed",
    ]  # fmt: skip


async def test_costs_no_more_history_than_its_budget(play: Callable[..., Play]) -> None:
    """What it costs at its best: where everything else is busy, a step may take a way that is longer."""
    counted: list[Counts] = []
    while not counted or (len(counted) < 6 and (counted[-1].events, counted[-1].actions) > (43, 17)):
        story = play()
        await story.start()
        await story.scan(TrackingStatus.ACCEPTED)
        await story.receive()
        await story.inspect()
        await story.closed()
        counted.append(await counts_of(story.handle))
    assert min(counts.events for counts in counted) <= 43
    assert min(counts.actions for counts in counted) <= 17


async def test_the_label_is_a_pdf_with_the_tracking_code(play: Callable[..., Play], stage: Stage) -> None:
    story = play()
    await story.start()
    code = (await story.view()).handover.tracking_code
    assert code
    label = await SandboxCarrier(stage.db).label_file(code)
    text = PdfReader(BytesIO(label.content)).pages[0].extract_text()
    assert code in text
    assert "9 Dock Road" in text


async def test_deadlines_count_business_days_from_the_handover(play: Callable[..., Play]) -> None:
    story = play()
    await story.start()
    before = await story.view()
    assert before.deadlines.ship_by is not None
    assert before.deadlines.target is None
    await story.days(1)
    await story.scan(TrackingStatus.ACCEPTED)
    await story.until_event("handed_over")
    view = await story.view()
    assert view.handover.at
    assert view.deadlines.target
    assert view.deadlines.limit
    assert view.deadlines.target - view.handover.at >= timedelta(days=4)
    assert view.deadlines.target < view.deadlines.limit
    assert view.deadlines.limit.astimezone(UTC).second == 59
