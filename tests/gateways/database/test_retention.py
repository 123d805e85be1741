"""Mails, webhooks and events end when their time has passed, unless somebody may still need them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select

from gateways.database.engine import Database
from gateways.database.messages import retention
from gateways.database.messages.retention import Kept, Places, purge
from gateways.database.tables.messages import deliveries, events, inbox, outbox
from gateways.database.tables.returns import returns

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
OLD, YOUNG = NOW - timedelta(days=100), NOW - timedelta(days=10)
KEPT = Kept(*[timedelta(days=60)] * 3)


def _mail(key: str, at: datetime, state: str = "sent", return_id: str = "closed") -> dict[str, Any]:
    texts = dict.fromkeys(("to", "recipient_name", "template", "subject", "text"), "x")
    return {"key": key, "return_id": return_id, "at": at, "state": state, "attempts": 1, **texts}


def _webhook(event_id: str, at: datetime, state: str = "passed") -> dict[str, Any]:
    row = {"source": "carrier", "event_id": event_id, "kind": "tracking", "message": {}, "attempts": 1}
    return row | {"at": at, "state": state}


def _event(return_id: str, number: int, *, spread: bool = True) -> dict[str, Any]:
    return {"return_id": return_id, "number": number, "at": OLD, "written_at": OLD, "data": {}, "spread": spread}


def _return(return_id: str, closed_at: datetime | None) -> dict[str, Any]:
    row = {"return_id": return_id, "order_id": "SO", "customer_id": "C", "request": {}, "status": "refunded"}
    return row | {"opened_at": OLD, "closed_at": closed_at}


def _delivery(return_id: str, next_attempt_at: datetime | None) -> dict[str, Any]:
    row = {"subscriber": "s", "return_id": return_id, "delivered": 1, "written": 2, "attempts": 0}
    return row | {"next_attempt_at": next_attempt_at}


async def _put(database: Database, table: Any, *rows: dict[str, Any]) -> None:
    await database.write(lambda connection: connection.execute(insert(table), list(rows)))


async def _left(database: Database, column: Any) -> list[Any]:
    def read(connection: Connection) -> list[Any]:
        return sorted(connection.execute(select(column)).scalars())

    return await database.read(read)


async def _go_through(database: Database, kept: Kept = KEPT) -> int:
    """Until it begins anew; how many looks that were."""
    places, looks = await purge(database, kept, Places(), NOW), 1
    while places != Places():
        places, looks = await purge(database, kept, places, NOW), looks + 1
    return looks


async def test_old_mails_end_and_those_that_wait_or_belong_to_something_open_do_not(database: Database) -> None:
    await _put(database, returns, _return("closed", OLD), _return("open", None))
    await _put(
        database, outbox,
        _mail("sent", OLD), _mail("failed", OLD, "failed"), _mail("to nobody of ours", OLD, return_id="sign-in"),
        _mail("queued", OLD, "queued"), _mail("open", OLD, return_id="open"), _mail("young", YOUNG),
    )  # fmt: skip
    assert await _go_through(database) == 1
    assert await _left(database, outbox.c.key) == ["open", "queued", "young"]


async def test_old_webhooks_end_once_they_are_dealt_with(database: Database) -> None:
    states = ("passed", "dismissed", "waiting", "queued")
    await _put(database, inbox, *(_webhook(state, OLD, state) for state in states), _webhook("young", YOUNG))
    await _go_through(database)
    assert await _left(database, inbox.c.event_id) == ["queued", "waiting", "young"]


async def test_a_returns_events_end_together_once_everybody_has_them(database: Database) -> None:
    closed = ("done", "waits", "new")
    rows = [*(_return(name, OLD) for name in closed), _return("young", YOUNG), _return("open", None)]
    await _put(database, returns, *rows)
    await _put(database, events, *(_event(name, number) for name in (*closed, "young", "open") for number in (1, 2)))
    await _put(database, events, _event("new", 3, spread=False))
    await _put(database, deliveries, _delivery("done", None), _delivery("waits", NOW))
    await _go_through(database)
    assert set(await _left(database, events.c.return_id)) == {"waits", "new", "young", "open"}


async def test_many_are_gone_through_a_part_at_a_time(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "_PART", 4)
    await _put(database, outbox, *(_mail(f"{number}", OLD) for number in range(9)), _mail("young", YOUNG))
    assert await _go_through(database) == 3
    assert await _left(database, outbox.c.key) == ["young"]


async def test_without_settings_everything_is_kept(database: Database) -> None:
    await _put(database, outbox, _mail("sent", OLD))
    await _put(database, inbox, _webhook("passed", OLD))
    assert await _go_through(database, Kept()) == 1
    assert await _left(database, outbox.c.key) == ["sent"]
    assert await _left(database, inbox.c.event_id) == ["passed"]


async def test_events_of_what_never_closes_end_by_their_age_without_a_gap(database: Database) -> None:
    def young(name: str, number: int) -> dict[str, Any]:
        return _event(name, number) | {"written_at": YOUNG}

    await _put(database, events, *(_event("stock:SHOE", number) for number in (1, 2, 4)), young("stock:SHOE", 3))
    await _put(database, events, *(_event(name, 1) for name in ("credit:sc_1", "stock:WAITS", "support:open")))
    await _put(database, deliveries, _delivery("stock:WAITS", NOW))
    await _go_through(database)
    assert await _left(database, events.c.return_id) == ["stock:SHOE", "stock:SHOE", "stock:WAITS", "support:open"]
    assert {1, 2} & set(await _left(database, events.c.number)) == {1}
