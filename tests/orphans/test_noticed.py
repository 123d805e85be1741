"""A return that no workflow carries is seen as such wherever a return is shown, and nothing pretends that it lives."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Connection, select

from activities.relays import watch
from client.answers import Source
from client.errors import Orphaned
from client.list_rows import ListFilter
from gateways.database import idempotency, rates, sessions
from gateways.database.engine import Database, rows_of
from gateways.database.idempotency import KEPT, Asked
from gateways.database.rates import Limit
from gateways.database.returns.orphans import Orphan, keep_orphan, orphan_of, orphans_like
from gateways.database.returns.records import get_return, insert_return
from gateways.database.tables import access
from gateways.database.tables.messages import outbox
from lifecycle.contract.messages import TrackingEvent, TrackingStatus
from lifecycle.contract.policy import Policy
from lifecycle.contract.statuses import Status
from starter.demo.story import Stage
from tests.orphans.conftest import LOSSES, Invoke, json_of, listed, terminate, until_known
from tests.workflows.returns.play import Play, make_request

Plays = Callable[..., Play]


async def _received(story: Play) -> None:
    await story.start()
    await story.receive()


@pytest.mark.parametrize("loss", LOSSES)
async def test_it_is_attention_wherever_a_return_is_shown(
    loss: str, play: Plays, stage: Stage, api: httpx.AsyncClient, call: Invoke
) -> None:
    story = play()
    await _received(story)
    await LOSSES[loss](story)
    mine = story.return_id

    view = (await api.get(f"/v1/returns/{mine}")).json()
    assert (view["attention"]["step"], view["status"], view["closed"]) == ("orphaned", "received", False)
    assert "nothing carries it on" in view["attention"]["error"]
    shown = json_of(await call("show", mine, "--json"))
    assert shown["attention"]["step"] == "orphaned"

    await until_known(stage, mine)
    for query in ({}, {"attention": "true"}, {"status": "received"}, {"attention": "true", "status": "received"}):
        rows = (await api.get("/v1/returns", params=query | {"limit": "1000"})).json()["returns"]
        assert [row["attention"] for row in listed(rows, mine)] == ["orphaned"], query
        assert listed(rows, mine)[0]["order_id"] == story.request.order.order_id
    for query in ({"attention": "false"}, {"status": "requested"}, {"escalated": "true"}):
        found = await stage.homeward.list(ListFilter(attention=False) if "attention" in query else _wanted(query), 1000)
        assert mine not in [row.return_id for row in found], query
    rows = json_of(await call("list", "--attention", "--json"))
    assert [row["attention"] for row in listed(rows, mine)] == ["orphaned"]
    assert (await api.get(f"/v1/returns/{mine}")).headers["Homeward-View"] == "orphaned"


def _wanted(query: dict[str, str]) -> ListFilter:
    status = query.get("status")
    return ListFilter(statuses=(Status(status),) if status else (), escalated=True if "escalated" in query else None)


@pytest.mark.parametrize("loss", LOSSES)
async def test_nothing_is_answered_as_if_it_lived(
    loss: str, play: Plays, stage: Stage, api: httpx.AsyncClient, call: Invoke
) -> None:
    story = play()
    await _received(story)
    await LOSSES[loss](story)
    mine, body = story.return_id, story.request.model_dump(mode="json")
    answers = [
        await api.post("/v1/returns", json=body),
        await api.post(f"/v1/returns/{mine}/cancel", json={"by": "customer"}),
        await api.post(
            f"/v1/returns/{mine}/inspections", json={"inspection_id": "i", "units": [{"unit_id": "1-1", "grade": "A"}]}
        ),
    ]
    for answer in answers:
        assert (answer.status_code, answer.json()["type"]) == (409, "/docs#orphaned")
        assert f"homeward revive {mine}" in answer.json()["detail"]
    other = await api.post("/v1/returns", json=body | {"channel": "phone"})
    assert (other.status_code, other.json()["type"]) == (409, "/docs#other-request")
    inspected = await call("inspect", mine)
    assert (inspected.exit_code, f"homeward revive {mine}" in inspected.stderr) == (1, True)
    scan = TrackingEvent(event_id="e", tracking_code="x", status=TrackingStatus.IN_TRANSIT, at=datetime.now(UTC))
    with pytest.raises(Orphaned):
        await stage.homeward.tracking_event(mine, scan)


async def test_operations_are_written_to_once_for_many(play: Plays, stage: Stage) -> None:
    stories = [play() for _ in range(3)]
    for story in stories:
        await story.start()
    for story in stories:
        await terminate(story)
    for story in stories:
        await until_known(stage, story.return_id)
    await asyncio.sleep(1)
    written = select(outbox.c.text).where(outbox.c.template == "orphaned")
    texts = await stage.db.read(lambda connection: list(connection.execute(written).scalars()))
    assert 1 <= len(texts) <= 2  # one each quarter of an hour, and these tests may see the next begin
    assert "homeward revive ID" in texts[0]


async def test_a_return_that_closes_or_has_just_begun_is_none(play: Plays, stage: Stage) -> None:
    stories = [play() for _ in range(12)]
    await asyncio.gather(*(story.start(until=None) for story in stories))
    for story in stories[:6]:
        await story.until(Status.LABEL_SENT)
        await story.receive()
        await story.inspect()
    await asyncio.gather(*(story.closed() for story in stories[:6]))
    await asyncio.sleep(1)
    for story in stories:
        assert await orphan_of(stage.db, story.return_id) is None
        assert (await story.view()).attention is None


async def test_what_is_carried_again_by_other_means_is_none_any_more(play: Plays, stage: Stage) -> None:
    story = play()
    await story.start()
    await keep_orphan(stage.db, _as_orphan(story))
    await until_known(stage, story.return_id, there=False)
    assert (await story.view()).attention is None


def _as_orphan(story: Play) -> Orphan:
    order_id = story.request.order.order_id
    return Orphan(story.return_id, order_id, datetime.now(UTC), "gone", "label_sent", None, escalated=False)


async def test_a_closed_return_is_never_remembered_as_one(play: Plays, stage: Stage) -> None:
    story = play()
    await story.start()
    await story.cancel()
    await stage.clock.fast_forward(story.handle, timedelta(days=31))
    await story.closed()
    assert not await keep_orphan(stage.db, _as_orphan(story))
    row = await get_return(stage.db, story.return_id)
    assert row
    assert row.closed_at


async def test_without_workers_the_records_say_it_too(play: Plays, stage: Stage) -> None:
    story = play()
    await story.start()
    await keep_orphan(stage.db, _as_orphan(story))
    await terminate(story)
    row = await get_return(stage.db, story.return_id)
    assert row
    seen = await stage.homeward._view_in_records(row)
    assert (seen.source, seen.view.attention and seen.view.attention.step) == (Source.ORPHANED, "orphaned")


async def test_the_list_goes_on_page_by_page_over_both(play: Plays, stage: Stage, api: httpx.AsyncClient) -> None:
    stories = [play() for _ in range(5)]
    for story in stories:
        await story.start()
    for story in stories[:3]:
        await terminate(story)
        await until_known(stage, story.return_id)
    found: list[str] = []
    cursor = None
    while True:
        params = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = (await api.get("/v1/returns", params=params)).json()
        assert len(page["returns"]) <= 2
        found += [row["return_id"] for row in page["returns"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    for story in stories:
        assert found.count(story.return_id) == 1


async def test_each_look_is_bounded_and_goes_on_where_the_last_one_ended(stage: Stage, tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'homeward.db'}")
    await database.upgrade()
    request, shop = make_request(), Policy().shop

    def fill(connection: Connection) -> None:
        for number in range(450):
            insert_return(connection, f"gone-{number:04}", request, {}, Status.REQUESTED, datetime.now(UTC))

    await database.write(fill)
    looking = watch.WatchActivities(stage.clock.client, database, lambda: shop)
    counts = []
    for _ in range(4):
        await looking.look()
        counts.append(len(await orphans_like(database, limit=1000)))
    assert counts == [200, 400, 450, 450]
    first, *others = await database.read(lambda connection: list(connection.execute(select(outbox.c.text)).scalars()))
    assert ("and 150 more" in first, others) == (True, [])
    await database.dispose()


async def test_the_watch_drops_what_has_ended(stage: Stage, tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'homeward.db'}")
    await database.upgrade()
    now, minute = datetime.now(UTC), timedelta(minutes=1)
    for ends_at in (now - minute, now + minute):
        await sessions.begin(database, f"{ends_at}", ends_at)

    def count(connection: Connection) -> None:
        rates.count(connection, Limit("old", 1, minute), (), now - minute)
        rates.count(connection, Limit("new", 1, minute), (), now)

    await database.write(count)
    for age, key in ((KEPT + minute, "old"), (KEPT - minute, "new")):
        await idempotency.reserve(database, Asked("shop", key, "f" * 64), "R-1", now - age)
    await watch.WatchActivities(stage.clock.client, database, lambda: Policy().shop).forget()
    for table in (access.sessions, access.rates):
        assert [row["ends_at"] > now for row in await rows_of(database, select(table))] == [True]
    assert [row["key"] for row in await rows_of(database, select(access.idempotency_keys))] == ["new"]
    await database.dispose()
