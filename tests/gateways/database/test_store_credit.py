"""Store credit is a ledger of its own: it adds up, it ends, and it is never below zero."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from gateways.database import store_credit
from gateways.database.engine import Database, rows_of
from gateways.database.tables.credit import credit_entries, credit_lots
from gateways.errors import Declined
from tests.gateways.partner_requests import NOW

_SOON, _LATE = NOW + timedelta(days=30), NOW + timedelta(days=365)


async def _issue(database: Database, key: str, amount: int, bonus: int = 0, **other: Any) -> str:
    given: dict[str, Any] = {
        "customer_id": "C-1",
        "currency": "USD",
        "return_id": "R-1",
        "at": NOW,
        "expires_at": None,
    } | other
    return await database.write(
        lambda connection: store_credit.issue(connection, key=key, amount=amount, bonus=bonus, **given)
    )


async def _spend(database: Database, key: str, amount: int, at: datetime = NOW, **other: Any) -> None:
    given: dict[str, Any] = {"customer_id": "C-1", "currency": "USD", "order_id": "SO-2"} | other
    await store_credit.spend(database, key=key, amount=amount, at=at, **given)


async def _take_back(database: Database, key: str, credit_id: str, amount: int, at: datetime = NOW) -> int:
    return await database.write(
        lambda connection: store_credit.take_back(connection, key=key, credit_id=credit_id, amount=amount, at=at)
    )


async def _amount(database: Database, at: datetime = NOW) -> int:
    return sum(row["amount"] for row in await store_credit.balance(database, "C-1", at))


async def _adds_up(database: Database) -> bool:
    entries = (
        select(func.sum(credit_entries.c.amount))
        .where(credit_entries.c.credit_id == credit_lots.c.credit_id)
        .scalar_subquery()
    )
    rows = await rows_of(database, select(credit_lots.c.remaining, entries.label("entered")))
    return all(row["remaining"] == row["entered"] >= 0 for row in rows)


async def test_credit_and_bonus_can_be_spent_together(database: Database) -> None:
    await _issue(database, "k1", 4000, 400, expires_at=_LATE)
    assert await store_credit.balance(database, "C-1", NOW) == [
        {"currency": "USD", "amount": 4400, "expires_at": _LATE}
    ]
    await _spend(database, "s1", 4400)
    assert await store_credit.balance(database, "C-1", NOW) == []
    kinds = [(row["kind"], row["amount"]) for row in await store_credit.entries_of(database, "C-1")]
    assert kinds == [("issue", 4000), ("bonus", 400), ("spend", -4400)]
    assert await store_credit.entries_of(database, "C-2") == []


async def test_a_credit_is_issued_once_for_each_key(database: Database, other: Database) -> None:
    ids = await asyncio.gather(*(_issue((database, other)[n % 2], f"k{n % 3}", 100, 10) for n in range(12)))
    assert len(set(ids)) == 3
    assert ids == ids[:3] * 4
    assert await _amount(database) == 330


@pytest.mark.parametrize(("amount", "left"), [(999, 1), (1000, 0)])
async def test_as_much_as_there_is_can_be_spent(database: Database, amount: int, left: int) -> None:
    await _issue(database, "k1", 1000)
    await _spend(database, "s1", amount)
    assert await _amount(database) == left


@pytest.mark.parametrize(("amount", "code"), [(1001, "insufficient_credit"), (0, "amount"), (-1, "amount")])
async def test_more_than_there_is_or_nothing_is_refused(database: Database, amount: int, code: str) -> None:
    await _issue(database, "k1", 600)
    await _issue(database, "k2", 400)
    with pytest.raises(Declined) as refused:
        await _spend(database, "s1", amount)
    assert refused.value.code == code
    assert await _amount(database) == 1000


async def test_neither_another_currency_nor_another_customer_pays(database: Database) -> None:
    await _issue(database, "k1", 1000, currency="EUR")
    await _issue(database, "k2", 1000, customer_id="C-2")
    with pytest.raises(Declined):
        await _spend(database, "s1", 1)
    await _spend(database, "s1", 1, currency="EUR")


async def test_credit_ends_with_its_instant(database: Database) -> None:
    await _issue(database, "k1", 1000, expires_at=_SOON)
    just_before = _SOON - timedelta(microseconds=1)
    assert (await _amount(database, just_before), await _amount(database, _SOON)) == (1000, 0)
    with pytest.raises(Declined):
        await _spend(database, "s1", 1, at=_SOON)
    await _spend(database, "s1", 1, at=just_before)


async def test_what_ends_soonest_is_spent_first(database: Database) -> None:
    for key, end in (("k1", None), ("k2", _LATE), ("k3", _SOON)):
        await _issue(database, key, 100, expires_at=end)
    assert (await store_credit.balance(database, "C-1", NOW))[0]["expires_at"] == _SOON
    await _spend(database, "s1", 150)
    assert (await store_credit.balance(database, "C-1", NOW))[0]["expires_at"] == _LATE
    await _spend(database, "s2", 50)
    assert await store_credit.balance(database, "C-1", NOW) == [{"currency": "USD", "amount": 100, "expires_at": None}]
    assert await _amount(database, _LATE) == 100


async def test_a_spend_is_made_once_for_each_key(database: Database, other: Database) -> None:
    await _issue(database, "k1", 300)
    await asyncio.gather(*(_spend((database, other)[n % 2], "s1", 300) for n in range(10)))
    assert await _amount(database) == 0
    others: list[dict[str, Any]] = [{"order_id": "SO-3"}, {"currency": "EUR"}, {"customer_id": "C-2"}]
    for changed in others:
        with pytest.raises(Declined) as refused:
            await _spend(database, "s1", 300, **changed)
        assert refused.value.code == "key_reused"


async def test_two_customers_at_once_pay_no_order_twice(database: Database, other: Database) -> None:
    customers = ("C-1", "C-2")
    for customer in customers:
        await _issue(database, customer, 1000, customer_id=customer)
    for number in range(10):
        of_both = zip((database, other), customers, strict=True)
        outcomes = await asyncio.gather(
            *(_spend(db, f"s{number}", 100, customer_id=customer) for db, customer in of_both), return_exceptions=True
        )
        assert [getattr(one, "code", one) for one in outcomes if one is not None] == ["key_reused"]
    entries = [row for customer in customers for row in await store_credit.entries_of(database, customer)]
    assert [row["amount"] for row in entries if row["kind"] == "spend"] == [-100] * 10


async def test_spends_at_once_never_spend_more_than_there_is(database: Database, other: Database) -> None:
    for number in range(5):
        await _issue(database, f"k{number}", 100, expires_at=_SOON + timedelta(days=number % 2))
    outcomes = await asyncio.gather(
        *(_spend((database, other)[n % 2], f"s{n}", 120) for n in range(10)), return_exceptions=True
    )
    refused = [outcome for outcome in outcomes if outcome is not None]
    assert {getattr(error, "code", error) for error in refused} == {"insufficient_credit"}
    assert (len(outcomes) - len(refused), await _amount(database)) == (4, 20)
    assert await _adds_up(database)


async def test_a_spend_is_put_back_once(database: Database, other: Database) -> None:
    await _issue(database, "k1", 100, expires_at=_SOON)
    await _issue(database, "k2", 100)
    await _spend(database, "s1", 150)
    await asyncio.gather(
        *(store_credit.give_back(db, customer_id="C-1", spend_key="s1", at=NOW) for db in (database, other) * 3)
    )
    assert (await _amount(database), await _amount(database, _SOON)) == (200, 100)
    assert await _adds_up(database)
    # A late repeat spends nothing, and says so.
    with pytest.raises(Declined) as refused:
        await _spend(database, "s1", 150)
    assert refused.value.code == "given_back"
    for customer, key in (("C-1", "s2"), ("C-2", "s1")):
        with pytest.raises(Declined):
            await store_credit.give_back(database, customer_id=customer, spend_key=key, at=NOW)


@pytest.mark.parametrize(("asked", "taken"), [(59, 59), (60, 60), (61, 60)])
async def test_never_more_is_taken_back_than_is_left(database: Database, asked: int, taken: int) -> None:
    credit = await _issue(database, "k1", 90, 10)
    await _spend(database, "s1", 40)
    assert await _take_back(database, "t1", credit, asked) == taken
    assert await _take_back(database, "t1", credit, asked) == taken
    assert await _amount(database) == 60 - taken
    assert await _adds_up(database)


async def test_nothing_is_left_of_what_has_ended(database: Database) -> None:
    credit = await _issue(database, "k1", 100, expires_at=_SOON)
    assert await _take_back(database, "t1", credit, 100, at=_SOON) == 0
    assert await _take_back(database, "t2", credit, 100, at=_SOON - timedelta(seconds=1)) == 100
    with pytest.raises(Declined):
        await _take_back(database, "t3", "sc_unknown", 1)


async def test_taking_back_and_spending_at_once_stays_above_zero(database: Database, other: Database) -> None:
    credit = await _issue(database, "k1", 100)
    taken, spent = await asyncio.gather(
        _take_back(database, "t1", credit, 100), _spend(other, "s1", 100), return_exceptions=True
    )
    assert (taken, spent) == (0, None) or (taken == 100 and isinstance(spent, Declined))
    assert await _adds_up(database)


async def test_the_database_itself_keeps_it_above_zero(database: Database) -> None:
    credit = await _issue(database, "k1", 100)
    entry = {"key": "x", "kind": "spend", "credit_id": credit, "at": NOW, "amount": -101}
    with pytest.raises(Exception, match=r"(?i)check"):
        await database.write(lambda connection: store_credit._enter(connection, [entry]))
    assert await _amount(database) == 100
