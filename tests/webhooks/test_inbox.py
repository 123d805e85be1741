"""A webhook event is stored first, reaches its return whatever comes between, and waits for an operator if it must."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from temporalio.client import Client

from client.errors import NotAllowed, UnknownEvent, UnknownReturn, Unlikely
from gateways.database.engine import Database
from gateways.database.ledger import effects_of
from gateways.database.lookup import keep_codes
from gateways.database.messages import inbox as letters
from gateways.webhook_protocol import PartnerEvent
from lifecycle.contract.messages import TrackingEvent, TrackingStatus
from lifecycle.contract.statuses import Status
from starter.demo.story import Stage
from starter.shared.inbox import LOOKED_FOR, REFUSED_FOR, Inbox, dismiss
from starter.shared.services import Services, services_of
from tests.webhooks.conftest import served
from tests.webhooks.partners import Door, Hook, inspection, receipt, refund, scan
from tests.workflows.returns.play import Play
from workers.converter import CONVERTER

Make = Callable[..., Play]
NOW = datetime.now(UTC)
EVERYTHING: tuple[letters.State, ...] = ("queued", "waiting", "passed", "dismissed")


async def about(stage: Stage, what: str) -> list[dict[str, Any]]:
    """The letters that name a return, a parcel, a refund or an event; the newest first."""
    return [row for row in await letters.listed(stage.db, EVERYTHING, 100_000) if what in f"{row}"]


async def state_of(stage: Stage, what: str) -> str:
    [row] = await about(stage, what)
    return str(row["state"])


async def becomes(stage: Stage, what: str, state: str) -> None:
    """Wait until the one letter is in that state."""
    for _ in range(200):
        if await state_of(stage, what) == state:
            return
        await asyncio.sleep(0.05)
    raise TimeoutError(f"{await about(stage, what)}")


async def code_of(story: Play) -> str:
    await story.start()
    code = (await story.view()).handover.tracking_code
    assert code
    return code


async def test_a_repeat_is_answered_and_dropped(door: Door, stage: Stage, play: Make) -> None:
    story = play()
    code = await code_of(story)
    for hook in (scan(code, ("in_transit", NOW)), receipt(story.return_id), inspection(story.return_id)):
        assert await door.told(hook) == (200, "passed")
        assert await door.told(hook) == (200, "repeated")
    view = await story.until(Status.REFUNDED)
    news = refund(str(view.settlement.paid[0].reference), "succeeded", story.return_id)
    assert [await door.told(news) for _ in range(2)] == [(200, "passed"), (200, "repeated")]
    assert [row["state"] for row in await about(stage, story.return_id)] == ["passed"] * 4
    assert (await story.events()).count("received") == (await story.events()).count("inspected") == 1


async def test_ten_at_once_are_one(door: Door, stage: Stage, play: Make) -> None:
    story = play()
    await story.start()
    hook = receipt(story.return_id)
    told = await asyncio.gather(*(door.told(hook) for _ in range(10)))
    assert {status for status, _ in told} == {200}
    assert sorted(state for _, state in told) == ["passed"] + ["repeated"] * 9
    assert (await story.events()).count("received") == 1


async def test_the_same_id_with_another_receipt_is_refused_not_swallowed(door: Door, play: Make) -> None:
    story = play()
    await story.start()
    hook = receipt(story.return_id)
    assert await door.told(hook) == (200, "passed")
    other = replace(receipt(story.return_id), id=hook.id)
    assert (await door.send(other)).status_code == 409


async def test_what_is_about_no_return_is_not_kept(door: Door, stage: Stage, play: Make) -> None:
    story = play()
    await story.start()
    sent, bought = f"out-{uuid4().hex}", f"theirs-{uuid4().hex}"
    await stage.db.write(lambda connection: keep_codes(connection, "sent", [sent], story.return_id))
    assert await door.told(scan(sent, ("delivered", NOW))) == (200, "ignored")
    elsewhere = {"is_return": False, "shipment_id": "shp_1"}
    assert await door.told(scan(bought, ("delivered", NOW), about=elsewhere)) == (200, "ignored")
    assert await door.told(scan(bought, ("pre_transit", NOW))) == (200, "ignored")
    assert await door.told(refund(f"re_{bought}", "succeeded")) == (200, "ignored")
    assert await about(stage, sent) == await about(stage, bought) == []


async def test_a_replacement_on_its_way_to_the_customer_is_no_parcel_of_the_return(
    door: Door, stage: Stage, play: Make
) -> None:
    story = play(resolution="replacement")
    await story.in_stock()
    await story.start(until=Status.REPLACED)
    [out] = [
        row["result"]["tracking_code"] for row in await effects_of(stage.db, story.return_id) if row["step"] == "ship"
    ]
    assert await door.told(scan(out, ("in_transit", NOW), ("return_to_sender", NOW))) == (200, "ignored")


async def test_an_unknown_parcel_waits_for_an_operator_who_says_whose_it_is(
    door: Door, stage: Stage, play: Make, inbox: Inbox
) -> None:
    story, code = play(), f"Own-{uuid4().hex}"
    await story.start()
    assert await door.told(scan(code, ("in_transit", NOW))) == (202, "waiting")
    [row] = await about(stage, code)
    assert (row["return_id"], row["why"]) == (None, f"no return is known for the parcel {code}")
    with pytest.raises(UnknownReturn):
        await inbox.attach(row["id"], "R-nobody", "alex")
    with pytest.raises(Unlikely, match=f"the parcel of {story.return_id} is "):
        await inbox.attach(row["id"], story.return_id, "alex")
    assert await state_of(stage, code) == "waiting"
    assert (await story.view()).status is Status.LABEL_SENT
    await inbox.attach(row["id"], story.return_id, "alex", confirm=True)
    assert (await story.view()).status is Status.IN_TRANSIT
    assert await state_of(stage, code) == "passed"
    # Whatever comes of the same parcel finds its way.
    assert await door.told(scan(code, ("in_transit", NOW), ("delivered", NOW))) == (200, "passed")
    assert (await story.view()).goods.state == "delivered"
    await inbox.attach(row["id"], story.return_id, "alex")
    with pytest.raises(NotAllowed, match=f"was passed to {story.return_id} already"):
        await inbox.attach(row["id"], "R-another", "alex")


async def test_an_unknown_refund_that_failed_waits_for_an_operator(
    door: Door, stage: Stage, play: Make, inbox: Inbox
) -> None:
    story, reference = play(), f"re_{uuid4().hex}"
    await story.start()
    assert await door.told(refund(reference, "failed")) == (202, "waiting")
    [row] = await about(stage, reference)
    with pytest.raises(Unlikely, match=f"{story.return_id} has made no refund {reference}"):
        await inbox.attach(row["id"], story.return_id, "alex")
    await inbox.attach(row["id"], story.return_id, "alex", confirm=True)
    assert await state_of(stage, reference) == "passed"
    assert await door.told(refund(reference, "succeeded", at=1_795_532_400)) == (200, "passed")


async def test_an_operator_may_put_it_away(door: Door, stage: Stage) -> None:
    code = f"nobodys-{uuid4().hex}"
    await door.send(scan(code, ("in_transit", NOW)))
    [row] = await about(stage, code)
    for why in ("not ours", "again"):
        await dismiss(stage.db, row["id"], why, "alex")
    [put_away] = await about(stage, code)
    assert (put_away["state"], put_away["why"], put_away["next_attempt_at"]) == ("dismissed", "alex: not ours", None)
    with pytest.raises(UnknownEvent):
        await dismiss(stage.db, 10**9, "nothing", "alex")


async def test_what_comes_before_its_return_opens_finds_it(door: Door, stage: Stage, play: Make) -> None:
    story = play()
    assert await door.told(receipt(story.return_id)) == (202, "waiting")
    await story.start(until=None)
    await becomes(stage, story.return_id, "passed")
    assert (await story.view()).status is Status.RECEIVED


async def test_a_parcel_is_found_as_soon_as_it_is_known(door: Door, stage: Stage, play: Make) -> None:
    story, code = play(), f"early-{uuid4().hex}"
    await story.start()
    assert await door.told(scan(code, ("in_transit", NOW))) == (202, "waiting")
    await stage.db.write(lambda connection: keep_codes(connection, "parcel", [code], story.return_id))
    await becomes(stage, code, "passed")
    assert (await story.view()).status is Status.IN_TRANSIT


async def test_an_inspection_that_overtakes_its_receipt_is_applied_after_it(
    door: Door, stage: Stage, play: Make
) -> None:
    story = play()
    await story.start()
    judged = inspection(story.return_id)
    answered = await door.send(judged)
    assert (answered.status_code, answered.json()["state"]) == (202, "queued")
    assert answered.json()["why"] == "units.0.unit_id: 1-1 is awaiting, not received"
    assert await door.told(judged) == (200, "repeated")
    assert await door.told(receipt(story.return_id)) == (200, "passed")
    await story.until(Status.REFUNDED)
    await becomes(stage, judged.id, "passed")


async def later(stage: Stage, what: str, after: timedelta) -> dict[str, Any]:
    """The one letter, after its next attempt was made so long after it had come."""

    class Refusing(Inbox):
        async def pass_one(self) -> None:
            [row] = await about(stage, what)
            letter = await letters.get_event(stage.db, row["id"])
            assert letter
            await self._pass_on(letter, letter.at + after)

    await Refusing(stage.homeward, stage.db).pass_one()
    [row] = await about(stage, what)
    return row


async def test_what_stays_refused_is_left_for_an_operator_in_the_end(door: Door, stage: Stage, play: Make) -> None:
    story = play()
    await story.start()
    assert await door.told(inspection(story.return_id, unit_id="9-9")) == (202, "queued")
    row = await later(stage, story.return_id, REFUSED_FOR / 2)
    assert (row["state"], row["next_attempt_at"] is None) == ("queued", False)
    row = await later(stage, story.return_id, REFUSED_FOR)
    assert (row["state"], row["next_attempt_at"]) == ("waiting", None)
    assert row["why"] == "units.0.unit_id: the return has no unit 9-9"


async def test_what_nobody_knows_is_looked_for_for_a_while(door: Door, stage: Stage) -> None:
    code = f"never-{uuid4().hex}"
    await door.send(scan(code, ("in_transit", NOW)))
    assert (await later(stage, code, LOOKED_FOR / 2))["next_attempt_at"] is not None
    assert (await later(stage, code, LOOKED_FOR))["next_attempt_at"] is None
    assert await state_of(stage, code) == "waiting"


async def test_with_temporal_away_it_is_kept_and_passed_on_later(door: Door, services: Services, play: Make) -> None:
    story = play()
    await story.start()
    nowhere = await Client.connect("127.0.0.1:1", data_converter=CONVERTER, lazy=True)
    cut_off = services_of(services.settings, nowhere, services.db)
    async with served(cut_off) as http:
        assert await Door(http).told(receipt(story.return_id)) == (202, "queued")
    await story.until(Status.RECEIVED)


async def test_a_process_killed_before_it_passed_it_on_loses_nothing(stage: Stage, play: Make) -> None:
    story = play()
    code = await code_of(story)
    scanned = TrackingEvent(
        event_id=uuid4().hex, tracking_code=code, status=TrackingStatus.IN_TRANSIT, at=datetime.now(UTC)
    )
    news = PartnerEvent("easypost", scanned.event_id, "tracking", scanned, story.return_id)
    await stage.db.write(lambda connection: letters.keep(connection, news, NOW, datetime.now(UTC)))
    await becomes(stage, code, "passed")
    assert (await story.view()).status is Status.IN_TRANSIT


async def test_killed_after_it_passed_it_on_the_return_gets_it_once(stage: Stage, play: Make, door: Door) -> None:
    story = play()
    await story.start()
    hook = receipt(story.return_id)
    await door.send(hook)
    [row] = await about(stage, story.return_id)
    letter = await letters.get_event(stage.db, row["id"])
    assert letter
    await Inbox(stage.homeward, stage.db)._forward(story.return_id, letter)
    assert (await story.events()).count("received") == 1


async def test_without_the_database_nothing_is_taken(services: Services) -> None:
    away = Database("postgresql://postgres@127.0.0.1:1/homeward")
    try:
        async with served(services_of(services.settings, services.client, away)) as http:
            refused = await Door(http).send(receipt("R-1"))
    finally:
        await away.dispose()
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")


async def test_scans_that_come_after_the_end_are_put_away(door: Door, stage: Stage, play: Make) -> None:
    story = await plain(play)
    code = str((await story.view()).handover.tracking_code)
    assert await door.told(scan(code, ("delivered", NOW))) == (200, "dismissed")
    [row] = await about(stage, code)
    assert row["why"] == f"{story.return_id} is closed (refunded)"


async def test_a_parcel_of_a_return_that_came_to_nothing_is_shown_to_an_operator(
    door: Door, stage: Stage, play: Make
) -> None:
    story = play()
    code = await code_of(story)
    await story.cancel()
    await story.days(40)
    await story.closed()
    assert await door.told(scan(code, ("return_to_sender", NOW))) == (200, "dismissed")
    assert await door.told(scan(code, ("in_transit", NOW))) == (202, "waiting")
    assert {row["state"] for row in await about(stage, code)} == {"dismissed", "waiting"}


async def test_a_receipt_for_a_closed_return_is_shown_to_an_operator(door: Door, stage: Stage, play: Make) -> None:
    story = await plain(play)
    assert await door.told(receipt(story.return_id)) == (202, "waiting")
    [row] = await about(stage, story.return_id)
    assert (row["why"], row["next_attempt_at"]) == (f"{story.return_id} is closed (refunded)", None)


async def test_a_refund_that_fails_after_the_end_opens_the_return_again(door: Door, play: Make) -> None:
    story = await plain(play)
    reference = str((await story.view()).settlement.paid[0].reference)
    assert await door.told(refund(reference, "failed", story.return_id, "refund.failed")) == (200, "passed")
    view = await story.attention("refund")
    assert view.attention is not None
    assert view.attention.error == "expired_or_canceled_card"


async def plain(play: Make) -> Play:
    """A plain return that has closed."""
    story = play()
    await story.start()
    await story.receive()
    await story.inspect()
    await story.closed()
    return story


async def test_a_receipt_of_a_line_that_the_order_does_not_have_is_kept_for_an_operator(door: Door, play: Make) -> None:
    story = play()
    await story.start()
    answered = await door.send(receipt(story.return_id, line_id="9"))
    assert (answered.status_code, answered.json()["state"]) == (202, "queued")
    assert answered.json()["why"].startswith("units.0.line_id: the order has no line 9")
    assert "received" not in await story.events()


def _by_parcel(made: Hook, code: str) -> Hook:
    """The same, of a warehouse that knows the parcel alone."""
    return Hook(made.partner, {"tracking_code": code} | {key: made.body[key] for key in ("type", "data")})


async def test_a_warehouse_may_name_the_parcel_that_it_scanned(door: Door, play: Make) -> None:
    story = play()
    code = await code_of(story)
    assert await door.told(_by_parcel(receipt(story.return_id), code.lower())) == (200, "passed")
    assert await door.told(_by_parcel(inspection(story.return_id), code)) == (200, "passed")
    await story.closed()


async def test_a_parcel_that_nobody_knows_waits_and_is_known_once_it_is_attached(
    door: Door, stage: Stage, inbox: Inbox, play: Make
) -> None:
    story, code = play(), f"own-parcel-{uuid4().hex}"
    await story.start()
    assert await door.told(_by_parcel(receipt(story.return_id), code)) == (202, "waiting")
    [row] = await about(stage, code)
    assert row["why"] == f"no return is known for the parcel {code}"
    await inbox.attach(row["id"], story.return_id, "alex", confirm=True)
    assert await door.told(_by_parcel(inspection(story.return_id), code)) == (200, "passed")
    await story.closed()


@pytest.mark.parametrize("named", [{}, {"return_id": "R-1", "tracking_code": "9400"}])
async def test_a_warehouse_names_its_return_in_one_way(door: Door, named: dict[str, str]) -> None:
    refused = await door.send(Hook("warehouse", named | {"type": "receipt", "data": {}}))
    assert refused.json()["errors"] == [
        {"field": "return_id", "code": "rule", "message": "expected this or a tracking_code, one of the two"}
    ]


async def test_several_messages_come_in_one_call(door: Door, play: Make) -> None:
    one, other = play(), play()
    for story in (one, other):
        await story.start()
    bodies = [receipt(one.return_id).body, receipt("R-unknown").body, receipt(other.return_id).body]
    several = Hook("warehouse", {"messages": bodies})
    answered = await door.send(several)
    assert (answered.status_code, answered.json()["state"]) == (202, "waiting")
    assert [message["state"] for message in answered.json()["messages"]] == ["passed", "waiting", "passed"]
    assert [message["state"] for message in (await door.send(several)).json()["messages"]] == ["repeated"] * 3
    graded = Hook("warehouse", {"messages": [inspection(story.return_id).body for story in (one, other)]})
    assert (await door.send(graded)).json()["state"] == "passed"
    for story in (one, other):
        await story.closed()


async def test_where_one_of_several_is_wrong_none_is_kept(door: Door, stage: Stage) -> None:
    wrong = receipt("R-unknown").body
    wrong["data"]["units"][0]["line_id"] = ""
    right = receipt("R-unknown").body
    refused = await door.send(Hook("warehouse", {"messages": [right, wrong]}))
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "messages.1.data.units.0.line_id")
    assert await about(stage, right["data"]["receipt_id"]) == []
