"""An effect happens once, whatever is tried at the same time."""

import asyncio
from collections import Counter

import pytest
from sqlalchemy import Connection, insert

from gateways.database import ledger
from gateways.database.engine import Database
from gateways.database.ledger import Effect, KeyReused
from gateways.sandbox.tables import sandbox_faults
from tests.gateways.partner_requests import NOW


def _effect(step: str, amount: int = 1) -> Effect:
    return Effect(return_id="R-1", step=step, request={"amount": amount})


async def test_twenty_calls_over_four_keys_have_four_effects(database: Database, other: Database) -> None:
    applied: Counter[str] = Counter()

    async def call(number: int) -> ledger.Result:
        step = f"step-{number % 4}"

        def apply(connection: Connection) -> ledger.Result:
            # A real effect, which would fail if it came twice.
            connection.execute(insert(sandbox_faults), {"key": step, "times": 0})
            applied[step] += 1
            return {"step": step, "by": number}

        return await ledger.once(database if number % 2 else other, _effect(step), apply, NOW)

    answers = await asyncio.gather(*(call(number) for number in range(20)))
    assert applied == {f"step-{number}": 1 for number in range(4)}
    for number in range(4):
        assert len({answer["by"] for answer in answers if answer["step"] == f"step-{number}"}) == 1
    assert len(await ledger.effects_of(database, "R-1")) == 4


async def test_a_step_with_another_request_is_refused(database: Database) -> None:
    await ledger.once(database, _effect("refund-t1"), lambda _: {"reference": "re_1"}, NOW)
    with pytest.raises(KeyReused):
        await ledger.once(database, _effect("refund-t1", amount=2), lambda _: {"reference": "re_2"}, NOW)
    assert await ledger.find(database, "R-1", "refund-t1") == {"reference": "re_1"}


async def test_what_fails_leaves_nothing_and_may_be_tried_again(database: Database) -> None:
    def fail(connection: Connection) -> ledger.Result:
        connection.execute(insert(sandbox_faults), {"key": "half", "times": 0})
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await ledger.once(database, _effect("label"), fail, NOW)
    assert await ledger.find(database, "R-1", "label") is None

    def work(connection: Connection) -> ledger.Result:
        connection.execute(insert(sandbox_faults), {"key": "half", "times": 0})
        return {"done": True}

    assert await ledger.once(database, _effect("label"), work, NOW) == {"done": True}


async def test_effects_are_listed_with_key_instant_and_result(database: Database) -> None:
    await ledger.once(database, _effect("label"), lambda _: {"tracking_code": "HW1"}, NOW)
    assert await ledger.effects_of(database, "R-1") == [
        {
            "key": "return-R-1/label",
            "step": "label",
            "at": NOW,
            "state": "done",
            "result": {"tracking_code": "HW1"},
        }
    ]
    assert await ledger.effects_of(database, "R-2") == []


ASKED = Effect("R-1", "refund-t1", {"tender_id": "t1", "amount": 4033})


async def _begin(database: Database, effect: Effect) -> ledger.EffectProgress:
    return await database.write(lambda connection: ledger.begin(connection, effect, NOW))


async def test_an_effect_is_begun_once_and_done_once(database: Database, other: Database) -> None:
    assert await _begin(database, ASKED) == ledger.EffectProgress()
    assert await _begin(other, ASKED) == ledger.EffectProgress(again=True)
    assert await ledger.find(database, "R-1", "refund-t1") is None
    assert [(row["state"], row["result"]) for row in await ledger.effects_of(database, "R-1")] == [("begun", None)]

    booked: list[int] = []

    async def book(number: int) -> ledger.Result:
        def apply(connection: Connection) -> ledger.Result:
            connection.execute(insert(sandbox_faults), {"key": "mail", "times": 0})
            booked.append(number)
            return {"by": number}

        return await ledger.complete(database if number % 2 else other, ASKED, apply, NOW)

    answers = await asyncio.gather(*(book(number) for number in range(10)))
    assert len(booked) == 1
    assert answers == [{"by": booked[0]}] * 10
    assert await _begin(database, ASKED) == ledger.EffectProgress(result={"by": booked[0]})
    assert [(row["state"], row["result"]) for row in await ledger.effects_of(database, "R-1")] == [
        ("done", {"by": booked[0]})
    ]


async def test_what_fails_to_be_booked_stays_begun(database: Database) -> None:
    await _begin(database, ASKED)

    def fail(_: Connection) -> ledger.Result:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await ledger.complete(database, ASKED, fail, NOW)
    assert await _begin(database, ASKED) == ledger.EffectProgress(again=True)


async def test_what_an_earlier_call_asked_for_is_compared(database: Database) -> None:
    now = Effect("R-1", "refund-t1", {"tender_id": "t1", "amount": 3000})
    await _begin(database, ASKED)
    assert await _begin(database, now) == ledger.EffectProgress(again=True, other=ASKED)
    await ledger.begin_anew(database, now)
    assert await _begin(database, ASKED) == ledger.EffectProgress(again=True, other=now)
    await ledger.complete(database, now, lambda _: {"reference": "re_1"}, NOW)
    with pytest.raises(KeyReused, match=r"another content \(amount 3000; asked for now: amount 4033\), and was not"):
        await _begin(database, ASKED)
    # Booked by two who asked for different things: the first stands.
    with pytest.raises(KeyReused):
        await ledger.complete(database, ASKED, lambda _: {"reference": "re_2"}, NOW)
    assert await ledger.find(database, "R-1", "refund-t1") == {"reference": "re_1"}


async def test_of_what_certainly_came_to_nothing_nothing_is_kept(database: Database) -> None:
    await _begin(database, ASKED)
    await ledger.drop(database, ASKED)
    assert await ledger.effects_of(database, "R-1") == []
    await ledger.once(database, ASKED, lambda _: {}, NOW)
    await ledger.drop(database, ASKED)
    assert await ledger.find(database, "R-1", "refund-t1") == {}
