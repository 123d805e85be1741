"""The commands for the portal's orders and for the mails that were written."""

import asyncio
import json
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateways.database.engine import Database
from gateways.database.messages.outbox import OutboxMail, put
from gateways.orders.database import list_orders
from starter.cli.main import main
from starter.local.sample_orders import keep_sample_orders
from tests.gateways.orders.order_service import OrderService, order

EXAMPLE = str(Path(__file__).parents[2] / "examples" / "refund.json")


async def _prepared(url: str, *, samples: bool = False) -> None:
    database = Database(url)
    await database.upgrade()
    if samples:
        await keep_sample_orders(database)
        await keep_sample_orders(database)
    await database.dispose()


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    found = f"sqlite:///{tmp_path / 'homeward.db'}"
    monkeypatch.setenv("HOMEWARD_DATABASE_URL", found)
    return found


def _run(*arguments: str, given: str = "") -> Result:
    return CliRunner().invoke(main, arguments, input=given)


def test_samples_are_put_into_an_empty_database_once(url: str) -> None:
    asyncio.run(_prepared(url, samples=True))
    orders = json.loads(_run("orders", "--json").stdout)
    assert sorted(order["order_id"] for order in orders) == ["SO-9001", "SO-9002", "SO-9003", "SO-9004"]
    stock = json.loads(_run("inventory", "--json").stdout)
    assert {row["on_hand"] for row in stock} == {3}
    assert "customer@example.com" in _run("orders").stdout


def test_an_order_is_taken_from_a_request_or_alone(url: str) -> None:
    asyncio.run(_prepared(url))
    assert _run("orders", "add", EXAMPLE, "--delivered-days-ago", "2").exit_code == 0
    alone = json.dumps(json.loads(Path(EXAMPLE).read_text())["order"] | {"order_id": "SO-2"})
    assert json.loads(_run("orders", "add", "-", "--json", given=alone).stdout) == {"order_id": "SO-2"}
    rows = json.loads(_run("orders", "--email", "Customer@Example.com", "--json").stdout)
    assert {row["order_id"] for row in rows} == {"SO-1001", "SO-2"}
    assert json.loads(_run("orders", "--email", "nobody@example.com", "--json").stdout) == []


@pytest.mark.parametrize(
    ("given", "field"),
    [("{}", "lines: "), ("[]", "body: "), ('{"order": 7}', "body: "), ("nonsense", "body: ")],
)
def test_a_wrong_order_ends_with_2_and_keeps_nothing(url: str, given: str, field: str) -> None:
    asyncio.run(_prepared(url))
    ran = _run("orders", "add", "-", given=given)
    assert (ran.exit_code, field in ran.stderr) == (2, True)
    assert asyncio.run(_kept(url)) == 0


async def _kept(url: str) -> int:
    database = Database(url)
    found = len(await list_orders(database))
    await database.dispose()
    return found


def test_mails_are_shown_the_latest_last(url: str) -> None:
    asyncio.run(_prepared(url))
    asyncio.run(_with_mails(url))
    shown = json.loads(_run("mails", "--json", "--limit", "2").stdout)
    assert [mail["subject"] for mail in shown] == ["Second", "Third"]
    shown = json.loads(_run("mails", "--json", "--to", "A@example.com").stdout)
    assert [mail["subject"] for mail in shown] == ["First", "Third"]
    assert "Dear \N{REPLACEMENT CHARACTER} you" in _run("mails").stdout


async def _with_mails(url: str) -> None:
    database = Database(url)
    for number, (to, subject) in enumerate([("a", "First"), ("b", "Second"), ("a", "Third")]):
        mail = OutboxMail(
            key=str(number),
            return_id="R-1",
            to=f"{to}@example.com",
            recipient_name="Sample Customer",
            template="sign_in",
            subject=subject,
            text="Dear \x1b you\n",
            at=datetime.now(UTC),
        )
        await database.write(partial(put, mail=mail))
    await database.dispose()


def test_an_order_is_checked_field_by_field(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asyncio.run(_prepared(url))
    with (service := OrderService()).running():
        monkeypatch.setenv("HOMEWARD_ORDERS_URL", f"{service.url}/shop")
        monkeypatch.setenv("HOMEWARD_ORDERS_KEY", "key-1")
        service.orders["#1071"] = order("1071") | {"descount": 1}
        service.orders["SO-2"] = order("SO-2", currency="ABC") | {"lines": [order("SO-2")["lines"][0] | {"sku": ""}]}
        right = _run("orders", "check", "1071")
        assert right.exit_code == 0
        assert "1071, asked for as #1071" in right.stdout
        assert "descount: passed over" in right.stdout
        assert "it can be taken: 2 units, total 80.00 USD, captured 80.00 USD" in right.stdout
        wrong = _run("orders", "check", "so-2", "--json")
        assert wrong.exit_code == 1
        assert json.loads(wrong.stdout)["problems"].keys() == {"lines.0.sku"}
        assert "lines.0.sku: " in _run("orders", "check", "SO-2").stdout
        unknown = _run("orders", "check", "#nobody")
        assert (unknown.exit_code, "asked for as #nobody, nobody, NOBODY" in unknown.stderr) == (1, True)
    gone = _run("orders", "check", "1071")
    assert (gone.exit_code, "the order service does not answer" in gone.stderr) == (1, True)
