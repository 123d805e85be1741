"""The commands over the books: stock that adds up, and store credit."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import update

from gateways.database import store_credit
from gateways.database.engine import Database
from gateways.database.stock import inventory
from gateways.database.tables.stock import stock
from starter.cli.main import main

_NOW = datetime.now(UTC)


async def _with_stock(url: str) -> None:
    database = Database(url)
    await database.upgrade()
    await inventory.add_stock(database, "SHOE", 3)
    await database.write(
        lambda connection: inventory.reserve(connection, [("SHOE", 1)], key="k1", at=_NOW, return_id="R-1")
    )
    await database.dispose()


async def _with_credit(url: str) -> None:
    database = Database(url)
    await database.upgrade()
    await database.write(
        lambda connection: store_credit.issue(
            connection,
            key="k1",
            customer_id="C-77",
            currency="USD",
            amount=4000,
            bonus=400,
            return_id="R-1",
            at=_NOW,
            expires_at=_NOW + timedelta(days=365),
        )
    )
    await database.dispose()


async def _cook(url: str) -> None:
    database = Database(url)
    await database.write(lambda connection: connection.execute(update(stock).values(on_hand=4)))
    await database.dispose()


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    found = f"sqlite:///{tmp_path / 'homeward.db'}"
    monkeypatch.setenv("HOMEWARD_DATABASE_URL", found)
    return found


def _call(*words: str) -> Result:
    return CliRunner().invoke(main, words)


def _json(*words: str) -> Any:
    result = _call(*words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


def test_inventory_check_ends_with_0_while_all_adds_up(url: str) -> None:
    asyncio.run(_with_stock(url))
    assert _json("inventory", "check") == []
    assert _call("inventory", "check").output == "Every balance is the sum of its movements.\n"
    [row] = _json("inventory", "--sku", "SHOE")
    assert (row["on_hand"], row["reserved"]) == (3, 1)


def test_inventory_check_ends_with_1_and_shows_what_does_not(url: str) -> None:
    asyncio.run(_with_stock(url))
    asyncio.run(_cook(url))
    result = _call("inventory", "check", "--json")
    assert result.exit_code == 1
    [row] = json.loads(result.stdout)
    assert (row["sku"], row["on_hand"], row["moved"]) == ("SHOE", 4, 3)
    shown = _call("inventory", "check")
    assert shown.exit_code == 1
    assert "SHOE" in shown.stdout


def test_credit_is_shown_spent_and_put_back(url: str) -> None:
    asyncio.run(_with_credit(url))
    shown = _json("credit", "C-77")
    assert [(row["currency"], row["amount"]) for row in shown["balance"]] == [("USD", 4400)]
    assert [(row["kind"], row["amount"]) for row in shown["entries"]] == [("issue", 4000), ("bonus", 400)]
    for _ in range(2):
        spent = _json("credit", "spend", "C-77", "1400", "USD", "--order", "SO-9")
        assert spent["balance"][0]["amount"] == 3000
    assert "30.00 USD" in _call("credit", "C-77").output
    for _ in range(2):
        assert _json("credit", "give-back", "C-77", "--order", "SO-9")["balance"][0]["amount"] == 4400
    assert _call("credit", "C-1").output == "C-1 has no store credit\n"


def test_credit_given_in_error_is_taken_back_once_and_never_more_than_is_left(url: str) -> None:
    asyncio.run(_with_credit(url))
    before = _json("credit", "C-77")["balance"][0]["amount"]
    credit_id = _json("credit", "C-77")["entries"][0]["credit_id"]
    for _ in range(2):
        taken = _json("credit", "take-back", "C-77", credit_id, "100", "--request-id", "mistake-1")
        assert taken["balance"][0]["amount"] == before - 100
    assert _json("credit", "take-back", "C-77", credit_id, "999999")["balance"] == []
    assert _call("credit", "take-back", "C-77", "no-such", "1").exit_code == 2


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("spend", "C-77", "4401", "USD", "--order", "SO-9"), 1),
        (("give-back", "C-77", "--order", "SO-9"), 1),
        (("spend", "C-77", "0", "USD", "--order", "SO-9"), 2),
        (("spend", "C-77", "10", "usd", "--order", "SO-9"), 2),
        (("spend", "C-77", "10", "USD"), 2),
        ((), 2),
    ],
)
def test_credit_refuses_what_cannot_be(url: str, words: tuple[str, ...], code: int) -> None:
    asyncio.run(_with_credit(url))
    assert _call("credit", *words).exit_code == code
    assert _json("credit", "C-77")["balance"][0]["amount"] == 4400
