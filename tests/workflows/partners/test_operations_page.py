"""The page for operations: an outage seen and dealt with by its forms, by somebody of the staff."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from lifecycle.contract.statuses import Status
from starter.demo.story import Stage
from starter.local.up import Ready
from tests.gateways.stand_ins import Fault
from tests.portal.desk import Desk, Forms, desk_at
from tests.portal.people import signed_in
from tests.workflows.partners.shop import OVER, Crowded
from tests.workflows.returns.play import Play, make_request

RETURNS = 6
HERE = "/desk/operations"
CARRIER = f"{HERE}/partners/carrier"


@pytest.fixture
async def new_desk(shop: Ready, stage: Stage) -> AsyncIterator[Callable[..., Awaitable[Desk]]]:
    """Somebody with this role, signed in, who looks at the page."""
    desks: list[Desk] = []

    async def make(role: str, name: str) -> Desk:
        desks.append(desk_at(shop.api))
        await signed_in(desks[-1], stage.db, [role], name=name)
        return await desks[-1].open(HERE)

    yield make
    for desk in desks:
        await desk.client.aclose()


async def press(desk: Desk, do: str, **fields: str) -> str:
    """Fill in a form of the carrier as it stands on the page, and send it; what the page says then."""
    parsed = Forms()
    parsed.feed(desk.answer.text)
    form = next(one for one in parsed.forms if one.action == CARRIER)
    seen = {name: value for name, value in form.fields if name in ("csrf", "limit", "changed")}
    desk.answer = await desk.client.post(CARRIER, data=seen | fields | {"do": do})
    return desk.answer.text


async def _waiting(desk: Desk) -> None:
    for _ in range(100):
        await desk.open(HERE)
        if f'<td class="number" data-label="Waiting">{RETURNS}</td>' in desk.answer.text:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(desk.answer.text)


async def test_an_outage_is_one_line_and_is_hurried_and_changed(
    new_desk: Callable[..., Awaitable[Desk]], stage: Stage, easypost: Crowded
) -> None:
    easypost.faults.extend([Fault("POST /v2/shipments", "busy", {"Retry-After": "600"})] * 1000)
    stories = [Play(stage, make_request()) for _ in range(RETURNS)]
    for story in stories:
        await story.start(until=None)
    desk = await new_desk("manager", "Mo Manager")
    await _waiting(desk)
    assert "it asks for calm" in desk.answer.text
    assert desk.answer.text.count('scope="row"') == 1

    told = await press(desk, "set", maximum="4m", retry_after_maximum="10m", why="they asked for calm")
    assert f"{RETURNS} waiting steps have a new time" in told or "0 waiting steps have a new time" in told
    assert "Changed by Mo Manager" in told
    assert "they asked for calm" in told
    assert "4m at most" in told
    # Back on the page as it stood before, somebody else is told.
    other = await new_desk("clerk", "Cleo Clerk")
    stale = Desk(other.client)
    stale.answer = other.answer
    await press(desk, "reset", why="over")
    await press(desk, "set", maximum="3m", why="said anew")
    told = await press(stale, "set", maximum="1m", why="too late")
    assert (stale.answer.status_code, "Somebody was first: said anew (Mo Manager)" in told) == (409, True)

    easypost.faults.clear()
    told = await press(desk, "now", rps="50")
    assert f"{RETURNS} steps are tried now" in told
    for story in stories:
        await story.until(Status.LABEL_SENT)
    told = await press(await desk.open(HERE), "reset", why=OVER["why"])
    assert "as it comes again" in told
    assert "These are the settings it comes with" in told


async def test_what_is_typed_wrong_is_named_and_changes_nothing(new_desk: Callable[..., Awaitable[Desk]]) -> None:
    desk = await new_desk("manager", "Mo Manager")
    for typed, told in (
        ({"initial": "soon", "why": "calm"}, "First wait: expected a length of time"),
        ({"initial": "9m", "why": "calm"}, "First wait: expected at most the longest wait, 300 seconds"),
        ({"recovery_rps": "1000", "why": "calm"}, "A second, once it is back: "),
        ({"initial": "20s"}, "Why: expected a reason"),
    ):
        shown = await press(desk, "set", **typed)
        assert (desk.answer.status_code, told in shown) == (422, True)
        assert "These are the settings it comes with" in shown
        assert all(f'value="{text}"' in shown for text in typed.values())
    await press(desk, "explode", why="x")
    assert desk.answer.status_code == 422


async def test_a_partner_is_paused_for_a_while_and_resumed(
    new_desk: Callable[..., Awaitable[Desk]], stage: Stage, easypost: Crowded
) -> None:
    easypost.faults.clear()
    first, second = await new_desk("manager", "Mo Manager"), await new_desk("clerk", "Cleo Clerk")
    assert 'value="resume"' not in first.answer.text
    told = await press(first, "pause", **{"for": "2h", "why": "maintenance"})
    assert "Carrier: paused." in told
    assert "maintenance (Mo Manager)" in told
    assert "no limit." in told
    # Pressed twice it is the same; somebody else sees it before they say otherwise.
    assert "Carrier: paused." in await press(first, "pause", **{"for": "2h", "why": "maintenance"})
    told = await press(second, "limit", rps="3", why="slowly")
    assert (second.answer.status_code, "Somebody was first: maintenance (Mo Manager)" in told) == (409, True)
    assert "Paused: none of its steps begins" in told
    await asyncio.sleep(1)  # workers hold what they were handed before
    story = Play(stage, make_request())
    await story.start(until=None)
    told = await press(second, "limit", rps="x", why="slowly")
    assert (second.answer.status_code, "How many a second: expected a number" in told) == (422, True)
    told = await press(second, "resume", rps="5", why="it is back")
    assert "Carrier: its steps begin again." in told
    assert "At most 5 of its steps begin each second: it is back (Cleo Clerk)" in told
    await story.until(Status.LABEL_SENT)
    assert 'value="resume"' not in await press(await second.open(HERE), "resume", why="at once")


async def test_who_only_looks_does_not_see_it(new_desk: Callable[..., Awaitable[Desk]]) -> None:
    desk = await new_desk("support", "Sam Support")
    assert desk.answer.status_code == 403
    assert HERE not in (await desk.open("/desk")).answer.text
