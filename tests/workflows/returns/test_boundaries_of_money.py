"""Refunds that are pending, tenders that others have emptied, and other currencies, on the real server."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from starter.demo.story import Stage
from tests.workflows.returns.play import Play
from tests.workflows.returns.test_boundaries import ask, line, mail


async def test_a_pending_refund_is_asked_after_when_an_hour_is_over_and_then_two(play: Callable[..., Play]) -> None:
    story = play(tender="pi-patient fault:pending:2")
    await story.start()
    await story.receive()
    await story.inspect()
    await story.until_paid("pending")
    minutes = timedelta(minutes=1) / timedelta(days=1)
    await story.days(58 * minutes)
    assert await asked(story) == 0
    await story.days(4 * minutes)
    await until_asked(story, 1)
    await story.days(116 * minutes)
    assert await asked(story) == 1
    assert [paid.state for paid in (await story.view()).settlement.paid] == ["pending"]
    await story.days(6 * minutes)
    await story.closed()
    assert await asked(story) == 2
    assert [paid.state for paid in (await story.view()).settlement.paid] == ["succeeded"]


async def until_asked(story: Play, times: int) -> None:
    await story._until(lambda: asked(story), lambda found: found == times, f"not asked {times} times")


async def asked(story: Play) -> int:
    """How often the provider has been asked after the refund."""
    history = await story.handle.fetch_history()
    names = [
        event.activity_task_scheduled_event_attributes.activity_id
        for event in history.events
        if event.HasField("activity_task_scheduled_event_attributes")
    ]
    return sum(name.startswith("check_refund") for name in names)


@pytest.mark.parametrize(
    ("spent", "paid"), [(4000, [("t1", 4000)]), (4001, [("t1", 3999), ("t2", 1)]), (8000, [("t2", 4000)])]
)
async def test_the_provider_is_asked_what_a_tender_still_holds(
    play: Callable[..., Play], spent: int, paid: list[tuple[str, int]]
) -> None:
    gift = {"tender_id": "t1", "kind": "gift_card", "captured": 8000, "reference": f"pi-holds-{spent}"}
    elsewhere = play(lines=line(spent), tenders=[gift])
    card = {"tender_id": "t2", "kind": "card", "captured": 8000}
    story = play(tenders=[gift, card])
    for one in (elsewhere, story):
        await one.start()
        await one.receive()
        await one.inspect()
        await one.closed()
    found = (await story.view()).settlement.paid
    assert [(part.tender_id, part.amount) for part in found] == paid


@pytest.mark.parametrize(("currency", "text"), [("JPY", "4000 JPY"), ("USD", "40.00 USD"), ("KWD", "4.000 KWD")])
async def test_minor_units_are_those_of_the_currency(stage: Stage, currency: str, text: str) -> None:
    story = ask(stage, {"currency": currency})
    await story.start()
    await story.receive()
    await story.inspect()
    await story.closed()
    view = await story.view()
    assert (view.settlement.amount, view.settlement.currency) == (4000, currency)
    assert text in await mail(stage, story, "refunded")
