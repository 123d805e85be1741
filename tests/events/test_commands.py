"""`homeward subscribers`: how far behind they are, and sending again."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from gateways.database.engine import Database
from gateways.database.messages import deliveries, events, subscriptions
from gateways.subscribers.protocol import subscriber_id
from starter.cli.main import main
from tests.events.receiver import SECRET
from tests.gateways.test_event_delivery import news

ONE, OTHER = "https://shop.example/events", "https://books.example/hooks"


class Shop:
    """A database, and the command line that knows two subscribers."""

    def __init__(self, folder: Path) -> None:
        self.url = f"sqlite:///{folder / 'homeward.db'}"
        self.settings = [{"url": url, "secret": SECRET} for url in (ONE, OTHER)]
        self.do(lambda db: db.upgrade())

    def do(self, work: Callable[[Database], Awaitable[object]]) -> None:
        """Something with the database."""

        async def act() -> None:
            database = Database(self.url)
            await work(database)
            await database.dispose()

        asyncio.run(act())

    def call(self, *arguments: str) -> Result:
        environment = {"HOMEWARD_DATABASE_URL": self.url, "HOMEWARD_SUBSCRIBERS": json.dumps(self.settings)}
        return CliRunner(env=environment).invoke(main, ["subscribers", *arguments])

    def ask(self, *arguments: str) -> Any:
        result = self.call(*arguments, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


async def _lived(db: Database) -> None:
    """The first has one of three events and failed at the second; the other has none yet."""
    now = datetime.now(UTC)
    await db.write(lambda connection: events.write(connection, news("R-1", 1, 2, 3), now - timedelta(hours=2)))
    await deliveries.fan_out(db, [subscriber_id(ONE), subscriber_id(OTHER)], now)
    [due] = await deliveries.next_due(db, subscriber_id(ONE), now, 10)
    await deliveries.settle(db, [deliveries.Outcome(due)], now)
    [due] = await deliveries.next_due(db, subscriber_id(ONE), now, 10)
    await deliveries.settle(db, [deliveries.Outcome(due, "answered 500", now + timedelta(hours=1))], now)


def test_lag_and_failures_are_shown(shop: Shop) -> None:
    shop.do(_lived)
    one, other = shop.ask()
    assert (one["url"], one["state"], one["waiting"], one["failing"], one["attempts"]) == (ONE, "failing", 2, 1, 1)
    assert one["error"] == "answered 500"
    assert one["failed_at"]
    assert one["delivered_at"]
    assert 7190 < one["seconds"] < 7300
    assert (other["url"], other["state"], other["waiting"], other["error"]) == (OTHER, "well", 3, None)
    assert "answered 500" in shop.call().stdout


def test_one_that_was_removed_is_shown_as_long_as_something_waits_for_it(shop: Shop) -> None:
    shop.do(_lived)
    shop.settings.pop(0)
    other, removed = shop.ask()
    assert other["url"] == OTHER
    assert (removed["url"], removed["state"], removed["waiting"]) == (None, "removed", 2)


def test_a_replay_sends_again_from_a_time(shop: Shop) -> None:
    shop.do(_lived)
    assert shop.ask("replay", "--from", "2026-11-01T00:00:00Z", "--subscriber", f"{ONE}/") == {
        "events": 3,
        "subscribers": [ONE],
    }
    one, _ = shop.ask()
    assert (one["waiting"], one["attempts"]) == (3, 0)


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        (["--from", "yesterday"], "--from: expected an instant"),
        (["--from", "2026-11-01T00:00:00"], "--from: expected an instant"),
        (["--from", "2026-11-01T00:00:00Z", "--subscriber", "https://nobody.example"], f"expected one of {ONE}"),
        (["--from", "2199-01-01T00:00:00Z"], "--from: expected an instant that has passed"),
        ([], "--from"),
    ],
)
def test_wrong_input_is_named_and_changes_nothing(shop: Shop, arguments: list[str], field: str) -> None:
    shop.do(_lived)
    result = shop.call("replay", *arguments)
    assert (result.exit_code, field in result.output) == (2, True), result.output
    assert shop.ask()[0]["waiting"] == 2


def test_one_that_polls_is_shown(shop: Shop) -> None:
    shop.do(lambda db: subscriptions.create(db, None, [], datetime.now(UTC), "till"))
    *_, polls = shop.ask()
    assert (polls["url"], polls["state"], polls["waiting"]) == (None, "polls", 0)
    assert polls["subscriber"] in shop.call().stdout


def test_without_subscribers_it_says_so(shop: Shop) -> None:
    shop.settings = []
    assert "names nobody" in shop.call().stdout
    assert shop.call("replay", "--from", "2026-11-01T00:00:00Z").exit_code == 2
