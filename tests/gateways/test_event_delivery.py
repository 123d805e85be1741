"""Events reach every subscriber, in order for each return, whatever some of them answer."""

import asyncio
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from temporalio.testing import ActivityEnvironment

from activities.relays import events as delivery
from activities.relays.events import AT_ONCE, Deliveries
from activities.returns.closing import CloseInput, ClosingActivities
from gateways.database.engine import Database
from gateways.database.messages import deliveries, events
from gateways.database.messages.events import Event
from gateways.database.messages.lag import lags
from gateways.database.messages.replay import replay
from gateways.database.tables.messages import deliveries as rows
from gateways.errors import Busy, Unavailable
from gateways.subscribers.protocol import Gone
from lifecycle.contract.statuses import Status
from lifecycle.contract.view import Summary
from lifecycle.returns.state import Return
from lifecycle.returns.views.events import EventBatch, EventEntry
from lifecycle.returns.views.return_view import view_of
from tests.gateways.postgresql import KINDS
from tests.workflows.returns.play import make_request

AT = datetime(2026, 11, 24, 15, tzinfo=UTC)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
#: Where it is no question of the database; the others run on both.
on_sqlite = pytest.mark.parametrize("kind", KINDS[:1])


@pytest.fixture(autouse=True)
def _usual_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other tests of this session may be in more of a hurry."""
    monkeypatch.setattr(delivery, "FIRST_WAIT", timedelta(seconds=5))


class Listeners:
    """Subscribers that say of each event what they think of it."""

    def __init__(self, *subscribers: str) -> None:
        self.subscribers: Collection[str] = subscribers
        self.heard: list[tuple[str, str, int]] = []
        self.tried: list[tuple[str, str, int]] = []
        self.answer: Callable[[str, Event], None] = lambda _, __: None

    @property
    def anybody(self) -> bool:
        return bool(self.subscribers)

    async def refresh(self) -> None:
        """They are always the same."""

    async def deliver(self, subscriber: str, event: Event) -> None:
        self.tried.append((subscriber, event.return_id, event.number))
        self.answer(subscriber, event)
        self.heard.append((subscriber, event.return_id, event.number))

    async def close(self) -> None:
        """Nothing to close."""

    def numbers(self, subscriber: str, return_id: str) -> list[int]:
        return [number for to, of, number in self.heard if (to, of) == (subscriber, return_id)]


def news(return_id: str, *numbers: int, at: datetime = AT, event: str = "received") -> EventBatch:
    summary = Summary(
        return_id=return_id, order_id="SO-1", status=Status.RECEIVED, amount=4000, currency="USD",
        resolve_by=None, escalated=False, attention=None,
    )  # fmt: skip
    happened = [EventEntry(number=number, at=at, event=event, by="engine") for number in numbers]
    return EventBatch(happened=happened, summary=summary)


async def write(database: Database, *told: EventBatch) -> None:
    for one in told:
        await database.write(lambda connection, one=one: events.write(connection, one, datetime.now(UTC)))  # type: ignore[misc]


async def bring(database: Database, listeners: Listeners, times: int = 200) -> None:
    """Until nothing is due, or so often."""
    under_way = Deliveries(database, listeners)
    for _ in range(times):
        if not await under_way.advance():
            break
    await under_way.end()


async def later(database: Database) -> None:
    """What waits for its next attempt has waited long enough."""
    past = datetime.now(UTC) - timedelta(seconds=1)
    statement = update(rows).where(rows.c.next_attempt_at.is_not(None)).values(next_attempt_at=past)
    await database.write(lambda connection: connection.execute(statement))


def refuse(subscriber: str, number: int, error: Exception) -> Callable[[str, Event], None]:
    """An answer that fails for one number at one subscriber."""

    def answer(to: str, event: Event) -> None:
        if (to, event.number) == (subscriber, number):
            raise error

    return answer


async def test_everybody_gets_everything_in_order(database: Database) -> None:
    listeners = Listeners("a", "b")
    await write(database, news("R-1", 1, 2), news("R-2", 1), news("R-1", 2, 3), news("R-2", 2, 3))
    await bring(database, listeners)
    assert {(to, of): listeners.numbers(to, of) for to in "ab" for of in ("R-1", "R-2")} == {
        ("a", "R-1"): [1, 2, 3], ("a", "R-2"): [1, 2, 3], ("b", "R-1"): [1, 2, 3], ("b", "R-2"): [1, 2, 3],
    }  # fmt: skip
    await write(database, news("R-1", 1, 2, 3), news("R-1", 4))
    await bring(database, listeners)
    assert listeners.numbers("a", "R-1") == [1, 2, 3, 4]
    found = await lags(database, ["a", "b"])
    assert [(lag.waiting, lag.oldest, lag.attempts, lag.error) for lag in found.values()] == [(0, None, 0, None)] * 2


@on_sqlite
async def test_an_event_stays_as_it_was_first_written(kind: str, database: Database) -> None:
    await write(database, news("R-1", 1, event="requested"), news("R-1", 1, event="declined"))
    await deliveries.fan_out(database, ["a"], AT)
    [due] = await deliveries.next_due(database, "a", AT, 10)
    assert due.event.data["entry"]["event"] == "requested"
    assert (due.event.at, due.event.data["number"]) == (AT, 1)


async def test_two_that_write_at_once_write_everything_once(database: Database, other: Database) -> None:
    returns = [f"R-{number}" for number in range(20)]
    both = [write(one, *(news(of, 1, 2, 3) for of in returns)) for one in (database, other)]
    await asyncio.gather(*both, write(other, *(news(of, 1, 2, 3, 4) for of in reversed(returns))))
    listeners = Listeners("a")
    await bring(database, listeners)
    assert {of: listeners.numbers("a", of) for of in returns} == {of: [1, 2, 3, 4] for of in returns}


async def test_an_event_that_fails_keeps_back_its_own_return_at_its_own_subscriber_alone(database: Database) -> None:
    listeners = Listeners("a", "b")
    await write(database, news("R-1", 1, 2, 3), news("R-2", 1))
    listeners.answer = refuse("a", 2, Unavailable("answered 500", "answered_500"))
    await bring(database, listeners)
    assert (listeners.numbers("a", "R-1"), listeners.numbers("a", "R-2")) == ([1], [1])
    assert listeners.numbers("b", "R-1") == [1, 2, 3]
    lag = (await lags(database, ["a"]))["a"]
    assert (lag.waiting, lag.failing, lag.attempts, lag.error) == (2, 1, 1, "answered 500")
    assert lag.oldest
    assert lag.failed_at
    await later(database)
    await bring(database, listeners)
    listeners.answer = lambda _, __: None
    await bring(database, listeners)
    assert listeners.numbers("a", "R-1") == [1], "not before its time has come"
    await later(database)
    await bring(database, listeners)
    assert listeners.numbers("a", "R-1") == [1, 2, 3]


@on_sqlite
async def test_each_failure_waits_twice_as_long_up_to_an_hour(kind: str, database: Database) -> None:
    listeners = Listeners("a")
    await write(database, news("R-1", 1))
    listeners.answer = refuse("a", 1, Unavailable("answered 500", "answered_500"))
    waits = []
    for _ in range(12):
        await later(database)
        before = datetime.now(UTC)
        await bring(database, listeners, times=1)
        [again] = await database.read(lambda c: list(c.execute(select(rows.c.next_attempt_at)).scalars()))
        waits.append(round((again - before).total_seconds()))
    assert waits == [5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600]


async def test_after_five_days_an_event_is_passed_over_and_can_be_replayed(database: Database) -> None:
    listeners = Listeners("a")
    await write(database, news("R-1", 1, 2, 3))
    listeners.answer = refuse("a", 2, Unavailable("answered 500", "answered_500"))
    await bring(database, listeners)
    six_days = datetime.now(UTC) - timedelta(days=6)
    await database.write(lambda connection: connection.execute(update(rows).values(failing_since=six_days)))
    await later(database)
    await bring(database, listeners)
    assert listeners.numbers("a", "R-1") == [1, 3]
    lag = (await lags(database, ["a"]))["a"]
    assert (lag.given_up, lag.waiting, lag.error) == (1, 0, "answered 500")
    listeners.answer = lambda _, __: None
    assert await replay(database, ["a"], AT, datetime.now(UTC)) == 3
    await bring(database, listeners)
    assert listeners.numbers("a", "R-1") == [1, 3, 1, 2, 3]


@on_sqlite
async def test_one_that_asks_for_quiet_is_left_alone_so_long(
    kind: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    listeners = Listeners("a", "b")
    monkeypatch.setattr(delivery, "AT_ONCE", 1)
    await write(database, *(news(f"R-{number}", 1) for number in range(5)))
    listeners.answer = refuse("a", 1, Busy("answered 429", "answered_429", timedelta(seconds=0.5)))
    under_way = Deliveries(database, listeners)
    for _ in range(8):
        await under_way.advance()
    assert [to for to, _, _ in listeners.tried].count("a") == 1
    assert [to for to, _, _ in listeners.heard] == ["b"] * 5
    listeners.answer = lambda _, __: None
    await asyncio.sleep(0.5)
    while await under_way.advance():
        pass
    await under_way.end()
    assert [to for to, _, _ in listeners.heard].count("a") == 5


@on_sqlite
async def test_one_that_wants_no_more_is_asked_no_more_until_somebody_replays(kind: str, database: Database) -> None:
    listeners = Listeners("a", "b")
    await write(database, news("R-1", 1, 2))
    listeners.answer = refuse("a", 1, Gone("answered 410, it wants no more", "gone"))
    await bring(database, listeners)
    await write(database, news("R-1", 3), news("R-2", 1))
    await bring(database, listeners)
    assert [to for to, _, _ in listeners.tried].count("a") == 1
    assert listeners.numbers("b", "R-1") == [1, 2, 3]
    lag = (await lags(database, ["a"]))["a"]
    assert (lag.waiting, lag.gone_at is not None) == (4, True)
    listeners.answer = lambda _, __: None
    await replay(database, ["a"], datetime.now(UTC) + timedelta(days=1), datetime.now(UTC))
    await bring(database, listeners)
    assert (listeners.numbers("a", "R-1"), listeners.numbers("a", "R-2")) == ([1, 2, 3], [1])


@on_sqlite
async def test_a_slow_subscriber_holds_nobody_up_and_is_not_flooded(kind: str, database: Database) -> None:
    listeners, released = Listeners("fast", "slow"), asyncio.Event()
    waiting = 0
    bring_one = listeners.deliver

    async def slowly(subscriber: str, event: Event) -> None:
        nonlocal waiting
        if subscriber == "slow":
            waiting += 1
            await released.wait()
        await bring_one(subscriber, event)

    listeners.deliver = slowly  # type: ignore[method-assign]
    await write(database, *(news(f"R-{number}", 1, 2) for number in range(3 * AT_ONCE)))
    under_way = Deliveries(database, listeners)
    for _ in range(400):
        await under_way.advance()
        if len(listeners.heard) == 6 * AT_ONCE:
            break
    assert {to for to, _, _ in listeners.heard} == {"fast"}
    assert waiting == AT_ONCE
    released.set()
    while await under_way.advance():
        pass
    assert [to for to, _, _ in listeners.heard].count("slow") == 6 * AT_ONCE


@on_sqlite
async def test_one_added_later_begins_with_what_is_new_and_may_ask_for_more(kind: str, database: Database) -> None:
    await write(database, news("R-1", 1, 2, at=AT), news("R-2", 1, at=AT))
    await bring(database, Listeners("a"))
    listeners = Listeners("a", "b")
    await write(database, news("R-1", 3, at=AT + timedelta(hours=1)))
    await bring(database, listeners)
    assert sorted(listeners.heard) == [("a", "R-1", 3), ("b", "R-1", 3)]
    await replay(database, ["b"], LONG_AGO, datetime.now(UTC))
    await bring(database, listeners)
    assert (listeners.numbers("b", "R-1"), listeners.numbers("b", "R-2")) == ([3, 1, 2, 3], [1])
    assert listeners.numbers("a", "R-1") == [3]


@on_sqlite
async def test_a_replay_begins_at_its_time(kind: str, database: Database) -> None:
    listeners = Listeners("a")
    future = datetime.now(UTC) + timedelta(days=1)
    await write(database, news("R-1", 1), news("R-1", 2, 3, at=future), news("R-2", 1))
    await bring(database, listeners)
    assert await replay(database, ["a"], future, datetime.now(UTC)) == 2
    await bring(database, listeners)
    assert (listeners.numbers("a", "R-1"), listeners.numbers("a", "R-2")) == ([1, 2, 3, 2, 3], [1])


@on_sqlite
async def test_one_removed_keeps_what_waits_for_it(kind: str, database: Database) -> None:
    await write(database, news("R-1", 1, 2))
    await deliveries.fan_out(database, ["a"], AT)
    listeners = Listeners("b")
    await bring(database, listeners)
    await write(database, news("R-1", 3))
    await bring(database, listeners)
    found = await lags(database, ["b"])
    assert [(lag.subscriber, lag.waiting) for lag in found.values()] == [("b", 0), ("a", 2)]
    again = Listeners("a")
    await bring(database, again)
    assert again.numbers("a", "R-1") == [1, 2]


async def test_what_is_replayed_while_it_is_under_way_is_brought_again(database: Database) -> None:
    await write(database, news("R-1", 1, 2, 3))
    await bring(database, Listeners("a"), times=0)
    await deliveries.fan_out(database, ["a"], AT)
    for _ in range(2):
        [due] = await deliveries.next_due(database, "a", datetime.now(UTC), 10)
        await deliveries.settle(database, [deliveries.Outcome(due)], datetime.now(UTC))
    [third] = await deliveries.next_due(database, "a", datetime.now(UTC), 10)
    await replay(database, ["a"], LONG_AGO, datetime.now(UTC))
    await deliveries.settle(database, [deliveries.Outcome(third)], datetime.now(UTC))
    listeners = Listeners("a")
    await bring(database, listeners)
    assert listeners.numbers("a", "R-1") == [1, 2, 3]


@on_sqlite
async def test_an_answer_that_comes_late_changes_nothing(kind: str, database: Database) -> None:
    await write(database, news("R-1", 1, 2))
    await deliveries.fan_out(database, ["a"], AT)
    now = datetime.now(UTC)
    [due] = await deliveries.next_due(database, "a", now, 10)
    failed = deliveries.Outcome(due, "answered 500", now + timedelta(hours=1))
    await deliveries.settle(database, [deliveries.Outcome(due)], now)
    await deliveries.settle(database, [failed, deliveries.Outcome(due)], now)
    [due] = await deliveries.next_due(database, "a", now, 10)
    assert (due.event.number, due.attempts) == (2, 0)


@on_sqlite
async def test_an_event_waits_for_the_one_before_it(kind: str, database: Database) -> None:
    listeners = Listeners("a")
    await write(database, news("R-1", 1, 3), news("R-2", 1))
    await bring(database, listeners)
    assert (listeners.numbers("a", "R-1"), listeners.numbers("a", "R-2")) == ([1], [1])
    await write(database, news("R-1", 1, 2, 3))
    await bring(database, listeners)
    assert listeners.numbers("a", "R-1") == [1, 2, 3]


@on_sqlite
async def test_what_nobody_kept_is_brought_again(kind: str, database: Database) -> None:
    """The process dies after the subscriber has answered, before that is kept."""
    await write(database, news("R-1", 1, 2))
    listeners = Listeners("a")
    dies = Deliveries(database, listeners)
    await deliveries.fan_out(database, ["a"], AT)
    await dies._begin("a", datetime.now(UTC))
    await asyncio.wait(dies._under_way)
    await bring(database, listeners)
    assert listeners.numbers("a", "R-1") == [1, 1, 2]


async def test_events_that_no_subscriber_knows_of_yet_count_as_waiting(database: Database) -> None:
    await write(database, news("R-1", 1, 2))
    lag = (await lags(database, ["a"]))["a"]
    assert lag.waiting == 2
    assert lag.oldest
    assert datetime.now(UTC) - lag.oldest < timedelta(minutes=1)


async def test_a_return_begun_before_anybody_wanted_to_know_is_published_at_its_end(database: Database) -> None:
    request = make_request()
    ret = Return("R-1", request)
    for event in ("requested", "declined", "closed"):
        ret.note(AT, event, by="Ned Nemo", detail="in somebody's own words")
    view = view_of(ret)
    given = CloseInput(return_id="R-1", step="close", view=view, state={}, now=AT)
    await ActivityEnvironment().run(ClosingActivities(database).close_return, given)
    assert await deliveries.fan_out(database, ["a"], AT) == 0, "nobody wanted to know"
    again = given.model_copy(update={"step": "close-2"})
    records = ClosingActivities(database, publishes=True)
    for _ in range(2):
        await ActivityEnvironment().run(records.close_return, again)
    await deliveries.fan_out(database, ["a"], AT)
    [due] = await deliveries.next_due(database, "a", datetime.now(UTC), 10)
    assert due.event.data["entry"] == {"at": "2026-11-24T15:00:00Z", "event": "requested", "by": "staff"}
    listeners = Listeners("a")
    await bring(database, listeners)
    assert listeners.numbers("a", "R-1") == [1, 2, 3]
