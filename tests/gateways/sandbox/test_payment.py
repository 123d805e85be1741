"""The built-in payment provider refuses and remembers as a real one does."""

import asyncio
from dataclasses import replace

import pytest

from gateways.database.engine import Database
from gateways.errors import Busy, Declined, GatewayError, Unavailable
from gateways.sandbox.payment import SandboxPayments
from tests.gateways.partner_requests import refund_order


@pytest.fixture
def payments(database: Database) -> SandboxPayments:
    return SandboxPayments(database)


async def test_twenty_repeats_at_once_over_four_keys_make_four_refunds(database: Database, other: Database) -> None:
    both = [SandboxPayments(database), SandboxPayments(other)]
    first = [await both[0].refund(refund_order(f"pi_{number}"), f"k{number}") for number in range(4)]
    repeats = await asyncio.gather(
        *(both[number % 2].refund(refund_order(f"pi_{number % 4}"), f"k{number % 4}") for number in range(20))
    )
    assert len({refund.reference for refund in first}) == 4
    assert repeats == first * 5


async def test_the_same_key_gives_the_stored_answer_and_refuses_another_body(payments: SandboxPayments) -> None:
    first = await payments.refund(refund_order(), "k1")
    assert (first.status, first.amount) == ("succeeded", 4033)
    assert await payments.refund(refund_order(), "k1") == first
    with pytest.raises(Declined) as refused:
        await payments.refund(refund_order(amount=4034), "k1")
    assert refused.value.code == "idempotency_key_reused"
    assert await payments.find_refund(refund_order(), "k1") == first
    assert await payments.find_refund(refund_order(), "k2") is None


async def test_refunds_never_pass_what_was_captured(payments: SandboxPayments) -> None:
    for number in range(3):
        await payments.refund(refund_order(), f"k{number}")
    with pytest.raises(Declined) as refused:
        await payments.refund(refund_order(amount=13090 - 3 * 4033 + 1), "over")
    assert refused.value.code == "amount_too_large"
    assert await payments.find_refund(refund_order(), "over") is None
    assert (await payments.refund(refund_order(amount=13090 - 3 * 4033), "rest")).status == "succeeded"


async def test_refunds_at_once_never_pass_what_was_captured(database: Database, other: Database) -> None:
    both = [SandboxPayments(database), SandboxPayments(other)]
    answers = await asyncio.gather(
        *(both[number % 2].refund(refund_order(), f"k{number}") for number in range(8)), return_exceptions=True
    )
    refused = [answer for answer in answers if isinstance(answer, BaseException)]
    assert len(answers) - len(refused) == 3
    assert {getattr(error, "code", error) for error in refused} == {"amount_too_large"}


@pytest.mark.parametrize(
    ("word", "error", "made"),
    [
        ("before", Unavailable, False),
        ("after", Unavailable, True),
        ("busy", Busy, False),
        ("down", Unavailable, False),
        ("refused", Declined, False),
    ],
)
async def test_a_fault_word_in_the_reference(
    payments: SandboxPayments, word: str, error: type[GatewayError], made: bool
) -> None:
    order = refund_order(f"pi_1-fault:{word}:1")
    with pytest.raises(error):
        await payments.refund(order, "k1")
    found = await payments.find_refund(refund_order(), "k1")
    assert (found is not None) is made
    refund = await payments.refund(order, "k1")
    assert found in (None, refund)


async def test_a_pending_refund_says_so_as_often_as_asked(payments: SandboxPayments) -> None:
    refund = await payments.refund(refund_order("pi_1-fault:pending:2"), "k1")
    answers = [refund.status, *[(await payments.refund_status(refund.reference)).status for _ in range(3)]]
    assert answers == ["pending", "pending", "succeeded", "succeeded"]
    found = await payments.find_refund(refund_order(), "k1")
    assert found is not None
    assert found.status == "succeeded"


async def test_a_pending_refund_without_a_number_stays_so(payments: SandboxPayments) -> None:
    refund = await payments.refund(refund_order("pi_1-fault:pending"), "k1")
    for _ in range(5):
        assert (await payments.refund_status(refund.reference)).status == "pending"


async def test_an_unknown_refund_is_refused(payments: SandboxPayments) -> None:
    with pytest.raises(Declined):
        await payments.refund_status("re_unknown")


async def test_a_refund_that_failed_after_its_answer_frees_what_it_held(payments: SandboxPayments) -> None:
    whole = refund_order("pi_1 fault:pending", amount=13090)
    failed = await payments.refund(whole, "k1")
    assert await payments.held(whole) == 0
    again = replace(whole, replaces=failed.reference)
    assert await payments.held(again) == 13090
    following = await payments.refund(again, "k2")
    assert following.amount == 13090
    assert (await payments.refund_status(failed.reference)).status == "failed"
    assert await payments.refund(again, "k2") == following
    assert await payments.held(again) == 0


async def test_the_same_refund_twice_at_once_is_one_even_when_it_takes_all(database: Database, other: Database) -> None:
    whole = refund_order(amount=13090)
    both = (SandboxPayments(database), SandboxPayments(other))
    answers = await asyncio.gather(*(payments.refund(whole, "k1") for payments in both))
    assert answers[0] == answers[1]


async def test_another_currency_is_refused(payments: SandboxPayments) -> None:
    await payments.refund(refund_order(), "k1")
    with pytest.raises(Declined) as refused:
        await payments.refund(replace(refund_order(), currency="EUR"), "k2")
    assert refused.value.code == "currency_mismatch"
    assert await payments.find_refund(refund_order(), "k2") is None
