"""Holds are let go or captured once; charges are taken once, and both can be paid back."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from gateways.database.engine import Database, rows_of
from gateways.errors import Busy, Declined, GatewayError, Unavailable
from gateways.payment.protocol import Hold
from gateways.sandbox.payment import SandboxPayments
from gateways.sandbox.tables import sandbox_charges, sandbox_holds
from tests.gateways.partner_requests import NOW, charge_order, hold_order, refund_order

_ENDS = NOW + timedelta(days=30)
_WORDS = pytest.mark.parametrize(
    ("word", "error", "done"),
    [
        ("before", Unavailable, False),
        ("after", Unavailable, True),
        ("busy", Busy, False),
        ("down", Unavailable, False),
        ("refused", Declined, False),
    ],
)


@pytest.fixture
def payments(database: Database) -> SandboxPayments:
    return SandboxPayments(database)


async def _refused(answer: Awaitable[Any]) -> str:
    with pytest.raises(Declined) as refused:
        await answer
    return refused.value.code


async def test_holds_and_charges_are_made_once_for_each_key(database: Database, other: Database) -> None:
    both = [SandboxPayments(database), SandboxPayments(other)]
    holds = await asyncio.gather(*(both[n % 2].hold(hold_order(), f"k{n % 3}") for n in range(12)))
    charges = await asyncio.gather(*(both[n % 2].charge(charge_order(), f"k{n % 3}") for n in range(12)))
    assert holds == holds[:3] * 4
    assert charges == charges[:3] * 4
    assert len({hold.reference for hold in holds} | {charge.reference for charge in charges}) == 6


async def test_a_key_finds_what_it_made_and_refuses_another_order(payments: SandboxPayments) -> None:
    assert await payments.find_hold("k1") is None
    assert await payments.find_charge("k1") is None
    hold, charge = await payments.hold(hold_order(), "k1"), await payments.charge(charge_order(), "k1")
    assert (hold.amount, hold.state, hold.expires_at, charge.amount) == (4400, "held", _ENDS, 500)
    assert await payments.find_hold("k1") == hold
    assert await payments.find_charge("k1") == charge
    # Asked for again a day later it is the same hold, and lasts no longer.
    assert await payments.hold(replace(hold_order(), now=NOW + timedelta(days=1)), "k1") == hold
    for again in (payments.hold(hold_order(amount=4401), "k1"), payments.charge(charge_order(amount=501), "k1")):
        assert await _refused(again) == "idempotency_key_reused"


@pytest.mark.parametrize("amount", [0, -1])
async def test_nothing_is_no_amount(payments: SandboxPayments, amount: int) -> None:
    hold = await payments.hold(hold_order(), "k1")
    for wrong in (
        payments.hold(hold_order(amount=amount), "k2"),
        payments.charge(charge_order(amount=amount), "k2"),
        payments.capture_hold(hold.reference, amount, NOW),
    ):
        assert await _refused(wrong) == "amount_too_small"


async def test_a_hold_is_let_go_once_and_for_all(payments: SandboxPayments) -> None:
    hold = await payments.hold(hold_order(), "k1")
    released = await payments.release_hold(hold.reference)
    assert released == replace(hold, state="released")
    assert await payments.release_hold(hold.reference) == await payments.find_hold("k1") == released
    assert await _refused(payments.capture_hold(hold.reference, 4400, NOW)) == "hold_released"


@pytest.mark.parametrize("amount", [1, 4399, 4400])
async def test_at_most_what_is_held_is_captured_once(
    payments: SandboxPayments, database: Database, amount: int
) -> None:
    hold = await payments.hold(hold_order(), "k1")
    captured = await payments.capture_hold(hold.reference, amount, NOW)
    assert captured == replace(hold, state="captured")
    assert await payments.capture_hold(hold.reference, amount, _ENDS) == captured
    assert await _refused(payments.capture_hold(hold.reference, amount + 1, NOW)) == "already_captured"
    assert await _refused(payments.release_hold(hold.reference)) == "already_captured"
    [charge] = await rows_of(database, select(sandbox_charges))
    assert (charge["reference"], charge["captured"], charge["currency"]) == (hold.reference, amount, "USD")


async def test_more_than_is_held_is_not_captured(payments: SandboxPayments) -> None:
    hold = await payments.hold(hold_order(), "k1")
    assert await _refused(payments.capture_hold(hold.reference, 4401, NOW)) == "amount_too_large"
    assert await payments.find_hold("k1") == hold


async def test_a_hold_ends_by_itself_after_30_days(payments: SandboxPayments) -> None:
    ended, held = await payments.hold(hold_order(), "k1"), await payments.hold(hold_order(), "k2")
    just_before = _ENDS - timedelta(microseconds=1)
    assert (await payments.capture_hold(held.reference, 4400, just_before)).state == "captured"
    for _ in range(2):
        assert await _refused(payments.capture_hold(ended.reference, 4400, _ENDS)) == "hold_expired"
    assert await payments.find_hold("k1") == replace(ended, state="expired")
    assert (await payments.release_hold(ended.reference)).state == "expired"
    assert await _refused(payments.capture_hold(ended.reference, 4400, NOW)) == "hold_expired"


async def test_an_unknown_hold_is_refused(payments: SandboxPayments) -> None:
    assert await _refused(payments.release_hold("ho_unknown")) == "not_found"
    assert await _refused(payments.capture_hold("ho_unknown", 1, NOW)) == "not_found"


async def test_two_captures_at_once_are_one(database: Database, other: Database) -> None:
    both = (SandboxPayments(database), SandboxPayments(other))
    hold = await both[0].hold(hold_order(), "k1")
    same = await asyncio.gather(*(payments.capture_hold(hold.reference, 4400, NOW) for payments in both * 3))
    assert same == [replace(hold, state="captured")] * 6
    assert [row["captured"] for row in await rows_of(database, select(sandbox_charges))] == [4400]


async def test_of_two_different_captures_at_once_one_is_refused(database: Database, other: Database) -> None:
    both = (SandboxPayments(database), SandboxPayments(other))
    hold = await both[0].hold(hold_order(), "k1")
    answers = await asyncio.gather(
        both[0].capture_hold(hold.reference, 4000, NOW),
        both[1].capture_hold(hold.reference, 4400, NOW),
        return_exceptions=True,
    )
    [refused] = [answer for answer in answers if isinstance(answer, Declined)]
    assert refused.code == "already_captured"


async def test_of_capture_and_release_at_once_one_is_refused(database: Database, other: Database) -> None:
    both = (SandboxPayments(database), SandboxPayments(other))
    hold = await both[0].hold(hold_order(), "k1")
    answers = await asyncio.gather(
        both[0].capture_hold(hold.reference, 4400, NOW),
        both[1].release_hold(hold.reference),
        return_exceptions=True,
    )
    [done] = [answer for answer in answers if isinstance(answer, Hold)]
    [refused] = [answer for answer in answers if isinstance(answer, Declined)]
    assert (done.state, refused.code) in {("captured", "already_captured"), ("released", "hold_released")}


async def test_what_was_captured_or_charged_can_be_paid_back(payments: SandboxPayments) -> None:
    hold = await payments.hold(hold_order(), "k1")
    await payments.capture_hold(hold.reference, 4000, NOW)
    charge = await payments.charge(charge_order(), "k1")
    for reference, amount in ((hold.reference, 4000), (charge.reference, 500)):
        order = replace(refund_order(reference, amount), captured=amount)
        assert await payments.held(order) == amount
        over = replace(order, amount=amount + 1)
        assert await _refused(payments.refund(over, f"over-{reference}")) == "amount_too_large"
        assert (await payments.refund(order, f"all-{reference}")).status == "succeeded"
        assert await payments.held(order) == 0


@_WORDS
async def test_a_fault_word_where_a_hold_or_a_charge_is_made(
    payments: SandboxPayments, word: str, error: type[GatewayError], *, done: bool
) -> None:
    reference = f"pi_1-fault:{word}:1"
    with pytest.raises(error):
        await payments.hold(hold_order(reference), "k1")
    with pytest.raises(error):
        await payments.charge(charge_order(reference), "k1")
    hold, charge = await payments.find_hold("k1"), await payments.find_charge("k1")
    assert ((hold is not None), (charge is not None)) == (done, done)
    assert hold in (None, await payments.hold(hold_order(reference), "k1"))
    assert charge in (None, await payments.charge(charge_order(reference), "k1"))


@_WORDS
@pytest.mark.parametrize(
    ("end", "state"),
    [
        (lambda payments, hold: payments.release_hold(hold.reference), "released"),
        (lambda payments, hold: payments.capture_hold(hold.reference, 4400, NOW), "captured"),
    ],
)
async def test_a_fault_word_of_the_tender_where_a_hold_ends(
    payments: SandboxPayments,
    database: Database,
    end: Callable[[SandboxPayments, Hold], Awaitable[Hold]],
    state: str,
    word: str,
    error: type[GatewayError],
    *,
    done: bool,
) -> None:
    order = hold_order(f"pi_1-fault:{word}:1")
    with pytest.raises(error):
        await payments.hold(order, "k1")
    hold = await payments.hold(order, "k1")
    with pytest.raises(error):
        await end(payments, hold)
    assert [row["state"] for row in await rows_of(database, select(sandbox_holds))] == [state if done else "held"]
    assert (await end(payments, hold)).state == state


async def test_a_pending_refund_is_no_matter_for_holds(payments: SandboxPayments) -> None:
    assert (await payments.hold(hold_order("pi_1-fault:pending"), "k1")).state == "held"
    assert (await payments.charge(charge_order("pi_1-fault:pending"), "k1")).amount == 500
