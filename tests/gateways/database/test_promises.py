"""What a closed return says of the promise is kept when it closes, and is known of those that closed before."""

from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, column, insert, null, select, table, update

from gateways.database import ledger
from gateways.database.columns import Instant, Json
from gateways.database.engine import Database, _upgrade, rows_of
from gateways.database.returns import promises, records
from gateways.database.returns.promises import kept_since
from gateways.database.tables.returns import returns
from lifecycle.contract.statuses import Status
from lifecycle.contract.view import TimelineEntry, View
from lifecycle.returns.promise import kept
from tests.gateways.partner_requests import NOW
from tests.lifecycle.orders import request
from tests.lifecycle.returns.story import BOTH, Story

CLOSED = NOW + timedelta(days=8)
_RETURNS = table(
    "returns",
    *map(column, ("return_id", "order_id", "customer_id", "status")),
    *(column("request", Json), column("view", Json), column("opened_at", Instant), column("closed_at", Instant)),
)
_EFFECTS = table(
    "effects",
    *map(column, ("key", "return_id", "step", "fingerprint")),
    *(column("result", Json), column("at", Instant)),
)


def _story() -> tuple[View, dict[str, object]]:
    """The view of a return that was settled after three business days, and its opening."""
    story = Story()
    story.receive(BOTH)
    view = story.view
    view.timeline.append(TimelineEntry(at=NOW + timedelta(days=7), event="refunded", by="engine"))
    return view.model_copy(update={"status": Status.REFUNDED}), story.ret.opened.model_dump(mode="json")


async def _open(database: Database, *return_ids: str) -> None:
    _, opening = _story()
    for return_id in return_ids:
        effect = ledger.Effect(return_id, "open", {})
        await ledger.once(database, effect, partial(_insert, return_id, opening), NOW)


def _insert(return_id: str, opening: dict[str, object], connection: Connection) -> dict[str, object]:
    records.insert_return(connection, return_id, request(), {}, Status.REQUESTED, NOW)
    return opening


async def _close(database: Database, return_id: str, view: View) -> None:
    await database.write(lambda connection: records.close_return(connection, return_id, view, {}, CLOSED))


async def test_returns_that_count_are_found_by_when_they_closed(database: Database) -> None:
    view, opening = _story()
    await _open(database, "R-1", "R-2", "R-3")
    await _close(database, "R-1", view)
    await _close(database, "R-2", view.model_copy(update={"status": Status.CANCELLED}))
    expected = kept(view, opening)
    assert expected
    assert expected.took == 3
    assert await kept_since(database, CLOSED) == [expected]
    assert await kept_since(database, CLOSED + timedelta(seconds=1)) == []


async def test_a_return_that_is_opened_again_counts_when_it_closes_again(database: Database) -> None:
    view, _ = _story()
    await _open(database, "R-1")
    await _close(database, "R-1", view)
    await database.write(lambda connection: records.reopen_return(connection, "R-1"))
    assert await kept_since(database, NOW) == []
    [row] = await rows_of(database, select(returns.c.promise_counts, returns.c.settled_at))
    assert row == {"promise_counts": None, "settled_at": None}
    await _close(database, "R-1", view.model_copy(update={"status": Status.DECLINED}))
    assert await kept_since(database, NOW) == []


async def test_no_view_is_looked_at_where_all_is_known(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    await _open(database, "R-1")
    await _close(database, "R-1", _story()[0])
    monkeypatch.setattr(promises, "View", None)
    assert len(await kept_since(database, NOW)) == 1


async def test_returns_that_an_earlier_version_closed_meanwhile_count(database: Database) -> None:
    view, opening = _story()
    await _open(database, "R-1", "R-2")
    for return_id in ("R-1", "R-2"):
        await _close(database, return_id, view)
    unknown = update(returns).where(returns.c.return_id == "R-2").values(dict.fromkeys(promises.COLUMNS, null()))
    await database.write(lambda connection: connection.execute(unknown))
    assert await kept_since(database, NOW) == [kept(view, opening)] * 2


def _before(connection: Connection) -> None:
    """Closed and open returns of the schema before, one without an opening, one whose view cannot be read."""
    _upgrade(connection, "0016")
    view, opening = _story()
    cancelled = view.model_copy(update={"status": Status.CANCELLED})
    for return_id, last in {"R-1": view, "R-2": cancelled, "R-3": None, "R-4": view, "R-5": view}.items():
        row: dict[str, object] = {"return_id": return_id, "order_id": "SO-1", "customer_id": "C-1", "request": {}}
        shown = {"odd": 1} if return_id == "R-5" else last and last.model_dump(mode="json")
        row |= {"status": "refunded", "view": shown, "opened_at": NOW, "closed_at": last and CLOSED}
        connection.execute(insert(_RETURNS), row)
        if return_id != "R-4":
            row = {"key": f"return-{return_id}/open", "return_id": return_id, "step": "open", "fingerprint": "f"}
            connection.execute(insert(_EFFECTS), row | {"result": opening, "at": NOW})


async def test_those_that_closed_before_are_brought_on(empty_url: str) -> None:
    database = Database(empty_url)
    if database.sqlite:
        Path(str(database.url.database)).parent.mkdir(parents=True)
    try:
        await database.write(_before)
        await database.upgrade()
        statement = select(returns.c.return_id, returns.c.promise_counts).order_by(returns.c.return_id)
        found = {row["return_id"]: row["promise_counts"] for row in await rows_of(database, statement)}
        assert found == {"R-1": True, "R-2": False, "R-3": None, "R-4": False, "R-5": None}
        unread = update(returns).where(returns.c.return_id == "R-5").values(closed_at=null())
        await database.write(lambda connection: connection.execute(unread))
        assert await kept_since(database, CLOSED) == [kept(*_story())]
    finally:
        await database.dispose()
