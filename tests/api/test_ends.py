"""Closed, forgotten and unknown returns are told apart; what the records tell of an open one is true."""

from collections.abc import Callable

import httpx
import pytest
from sqlalchemy import Connection, insert, select

from client.errors import Closed, Forgotten, UnknownReturn
from client.http import HttpHomeward
from gateways.database.returns.rebuild import view_from_database
from gateways.database.returns.records import get_return
from gateways.database.tables.returns import returns
from gateways.database.tables.steps import effects
from lifecycle.contract.messages import Cancel, TrackingStatus
from lifecycle.contract.statuses import Status
from lifecycle.contract.view import View
from starter.demo.story import Stage
from tests.workflows.returns.play import Play

CANCEL = Cancel(by="customer")
FINAL_SALE = {"line_id": "1", "sku": "GIFT", "quantity": 1, "unit_price": 900, "final_sale": True}


async def forgotten_twin(stage: Stage, story: Play) -> str:
    """What Temporal's retention leaves of a return: a return like this one, which the database alone knows."""
    twin = f"{story.return_id}-twin"

    def copy(connection: Connection) -> None:
        row = connection.execute(select(returns).where(returns.c.return_id == story.return_id)).mappings().one()
        view = row["view"] and row["view"] | {"return_id": twin}
        connection.execute(insert(returns).values({**row, "return_id": twin, "view": view}))
        for effect in (
            connection.execute(select(effects).where(effects.c.return_id == story.return_id)).mappings().all()
        ):
            key = effect["key"].replace(story.return_id, twin)
            connection.execute(insert(effects).values({**effect, "return_id": twin, "key": key}))

    await stage.db.write(copy)
    return twin


async def refused(api: httpx.AsyncClient, return_id: str) -> tuple[int, str]:
    answer = await api.post(f"/v1/returns/{return_id}/cancel", json={"by": "customer"})
    return answer.status_code, answer.json()["type"]


async def test_closed_forgotten_and_unknown_are_distinguished(
    api: httpx.AsyncClient, over_http: HttpHomeward, play: Callable[..., Play], stage: Stage
) -> None:
    story = play(lines=[FINAL_SALE])
    await story.start(until=None)
    await story.closed()
    path = f"/v1/returns/{story.return_id}"
    closed = await api.get(path)
    assert (closed.status_code, closed.headers["Homeward-View"], closed.json()["closed"]) == (200, "closed", True)
    assert await refused(api, story.return_id) == (409, "/docs#closed")
    with pytest.raises(Closed):
        await over_http.cancel(story.return_id, CANCEL)

    twin = await forgotten_twin(stage, story)
    forgotten = await api.get(f"/v1/returns/{twin}")
    assert (forgotten.status_code, forgotten.headers["Homeward-View"]) == (200, "forgotten")
    assert forgotten.json() == closed.json() | {"return_id": twin}
    assert await refused(api, twin) == (409, "/docs#forgotten")
    with pytest.raises(Forgotten):
        await over_http.cancel(twin, CANCEL)

    assert (await api.get("/v1/returns/R-none")).status_code == 404
    assert await refused(api, "R-none") == (404, "/docs#not-found")
    with pytest.raises(UnknownReturn):
        await over_http.view("R-none")


async def test_a_return_that_was_ended_from_outside_is_still_shown(
    api: httpx.AsyncClient, play: Callable[..., Play], stage: Stage
) -> None:
    story = play()
    await story.start()
    await story.handle.terminate("by an operator")
    assert await refused(api, story.return_id) == (409, "/docs#orphaned")
    shown = await api.get(f"/v1/returns/{await forgotten_twin(stage, story)}")
    assert (shown.status_code, shown.headers["Homeward-View"]) == (200, "orphaned")
    assert shown.json()["handover"]["tracking_code"]


async def remembered(stage: Stage, story: Play) -> View:
    row = await get_return(stage.db, story.return_id)
    assert row
    return await view_from_database(stage.db, row)


async def test_the_records_show_what_was_decided_and_how_it_comes_home(play: Callable[..., Play], stage: Stage) -> None:
    for method in ("mail", "drop_off", "pickup"):
        story = play(method=method)
        await story.start(until=Status.LABEL_SENT if method != "pickup" else None)
        if method == "pickup":
            await story.choose_slot()
        live, stored = await story.view(), await remembered(stage, story)
        assert stored.status is Status.LABEL_SENT
        assert (stored.decision, stored.units, stored.settlement) == (live.decision, live.units, live.settlement)
        assert (stored.handover.tracking_code, stored.handover.drop_off) == (
            live.handover.tracking_code,
            live.handover.drop_off,
        )
        booked = live.handover.pickup.booked if live.handover.pickup else None
        assert (stored.handover.pickup.booked if stored.handover.pickup else None) == booked


async def test_the_records_show_what_came_and_what_was_paid(play: Callable[..., Play], stage: Stage) -> None:
    story = play(tender=f"pi_{id(object())} fault:pending", items=[{"line_id": "1", "quantity": 2, "reason": "other"}])
    await story.start()
    await story.scan(TrackingStatus.ACCEPTED)
    await story.receive()
    await story.until_effect("receive")
    assert (await remembered(stage, story)).status is Status.RECEIVED
    await story.inspect()
    await story.until_effect("refund-t1")
    await story.until_effect("restock")
    live, stored = await story.view(), await remembered(stage, story)
    assert (stored.status, stored.settlement.amount) == (Status.SETTLING, 8000)
    assert stored.settlement.paid == live.settlement.paid
    for unit, seen in zip(stored.units, live.units, strict=True):
        assert (unit.reception, unit.acceptance, unit.grade, unit.disposition) == (
            seen.reception, seen.acceptance, seen.grade, seen.disposition,
        )  # fmt: skip


async def test_the_records_know_of_a_return_called_off(play: Callable[..., Play], stage: Stage) -> None:
    story = play()
    await story.start()
    await story.cancel()
    await story.until_effect("tell-cancelled")
    assert (await remembered(stage, story)).status is Status.CANCELLED
