"""Steps at partners, tried again after an unclear answer: the partner is asked before anything is done again.

Every call here is a first attempt, as after an operator's retry, an activity's or a workflow's reset.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, ClassVar

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.returns.card import CardActivities, CardInput, MadeCharge
from activities.returns.payment import PaymentActivities, RefundAnswer, RefundInput
from gateways.database import ledger
from gateways.database.engine import Database, rows_of
from gateways.errors import Declined
from gateways.payment.protocol import Refund, RefundOrder
from gateways.payment.stripe import StripePayments
from gateways.sandbox.payment import SandboxPayments
from gateways.sandbox.tables import sandbox_charges, sandbox_refunds
from lifecycle.contract.messages import PaymentStatus
from lifecycle.contract.policy import Policy
from tests.gateways.partner_requests import NOW
from tests.gateways.payment.stripe_stand_in import StripeStandIn
from tests.gateways.stand_ins import Fault, FaultKind

REFUND = RefundInput(
    return_id="R-1",
    step="refund-t1",
    tender_id="t1",
    reference="pi_1",
    amount=4033,
    currency="USD",
    captured=4033,
    refunded=0,
    now=NOW,
)
CHARGE = CardInput(
    return_id="R-1", step="charge-t1", tender_id="t1", reference="pi_1", amount=500, currency="USD", now=NOW
)


def _paying(database: Database, payments: Any) -> PaymentActivities:
    return PaymentActivities(database, payments, lambda: Policy().shop)


async def _first_attempt(step: Callable[[Any], Awaitable[Any]], given: Any) -> Any:
    """Run it as attempt 1, which it is after every kind of reset."""
    return await ActivityEnvironment().run(step, given)


async def _refunds(database: Database) -> list[int]:
    return [row["amount"] for row in await rows_of(database, sandbox_refunds.select())]


async def _states(database: Database) -> dict[str, str]:
    return {row["step"]: row["state"] for row in await ledger.effects_of(database, "R-1")}


async def test_a_tender_that_the_lost_refund_has_emptied_is_not_called_empty(database: Database) -> None:
    given = REFUND.model_copy(update={"reference": "pi_1 fault:after:1"})
    refund = _paying(database, SandboxPayments(database)).refund
    with pytest.raises(ApplicationError, match="no answer in time"):
        await _first_attempt(refund, given)
    assert await _states(database) == {"refund-t1": "begun"}
    answer = await _first_attempt(refund, given)
    assert (answer.amount, answer.status) == (4033, "succeeded")
    assert await _refunds(database) == [4033]
    assert await _states(database) == {"refund-t1": "done"}


@pytest.mark.parametrize("kind", ["after", "shaken"])
async def test_stripe_is_asked_whatever_the_attempts_number(
    database: Database, stripe: StripeStandIn, at_stripe: StripePayments, kind: FaultKind
) -> None:
    """One lost answer, then 503, then the activity is reset, a day later."""
    given = REFUND.model_copy(update={"reference": stripe.pay(4033)})
    refund = _paying(database, at_stripe).refund
    stripe.faults += [Fault("POST /v1/refunds", kind), Fault("GET /v1/refunds", "down")]
    for _ in range(2):
        with pytest.raises(ApplicationError):
            await _first_attempt(refund, given)
    stripe.forget_keys()
    answer = await _first_attempt(refund, given)
    [made] = stripe.refunds.values()
    assert (answer.reference, answer.amount) == (made["id"], 4033)


async def test_another_amount_than_was_paid_is_refused_and_what_was_paid_is_booked(database: Database) -> None:
    given = REFUND.model_copy(update={"reference": "pi_1 fault:after:1"})
    paying = _paying(database, SandboxPayments(database))
    with pytest.raises(ApplicationError):
        await _first_attempt(paying.refund, given)
    less = given.model_copy(update={"amount": 3000})
    for _ in range(2):  # by the provider's word, and then by the ledger's
        with pytest.raises(ApplicationError, match=r"amount 4033; asked for now: amount 3000") as refused:
            await _first_attempt(paying.refund, less)
        assert (refused.value.type, refused.value.non_retryable) == ("KeyReused", True)
    assert await _refunds(database) == [4033]
    assert await _states(database) == {"refund-t1": "done"}
    found = await _first_attempt(paying.find_refund, less)
    assert found.amount == 4033


async def test_another_amount_is_paid_where_the_provider_has_paid_nothing(database: Database) -> None:
    given = REFUND.model_copy(update={"reference": "pi_1 fault:before:1"})
    refund = _paying(database, SandboxPayments(database)).refund
    with pytest.raises(ApplicationError):
        await _first_attempt(refund, given)
    answer = await _first_attempt(refund, given.model_copy(update={"amount": 3000}))
    assert answer.amount == 3000
    assert await _refunds(database) == [3000]
    with pytest.raises(ApplicationError, match="amount 3000; asked for now: amount 4033"):
        await _first_attempt(refund, given)


async def test_what_was_refused_or_came_to_nothing_is_not_kept(database: Database) -> None:
    refund = _paying(database, SandboxPayments(database)).refund
    with pytest.raises(ApplicationError, match="refused"):
        await _first_attempt(refund, REFUND.model_copy(update={"reference": "pi_1 fault:refused:1"}))
    spent = REFUND.model_copy(update={"step": "refund-t2", "refunded": 4033, "reference": "pi_2"})
    assert (await _first_attempt(refund, spent)).amount == 0
    assert await _states(database) == {}


async def test_a_provider_that_refuses_to_answer_has_not_refused_the_refund(database: Database) -> None:
    """Its key was changed, for example: taken for a refusal, the money would go to another tender besides."""

    class Locked(SandboxPayments):
        async def find_refund(self, _order: RefundOrder, idempotency_key: str) -> Refund | None:
            raise Declined("no such key", "unauthorized")

    given = REFUND.model_copy(update={"reference": "pi_1 fault:after:1"})
    paying = _paying(database, Locked(database))
    with pytest.raises(ApplicationError):
        await _first_attempt(paying.refund, given)
    with pytest.raises(ApplicationError, match="not known whether this was done before: no such key") as unclear:
        await _first_attempt(paying.refund, given)
    assert (unclear.value.type, unclear.value.non_retryable) == ("Unclear", True)
    assert await _states(database) == {"refund-t1": "begun"}
    assert (await _first_attempt(_paying(database, SandboxPayments(database)).refund, given)).amount == 4033


async def test_a_refund_that_lands_while_it_is_asked_for_is_seen(database: Database) -> None:
    """The answer of an earlier attempt was given up, and its request arrives only now."""

    class Slow(SandboxPayments):
        landing = True

        async def held(self, order: RefundOrder) -> int:
            if self.landing:
                self.landing = False
                await self.refund(replace(order, amount=4033), "return-R-1/refund-t1")
            return await super().held(order)

    refund = _paying(database, Slow(database)).refund
    more = REFUND.model_copy(update={"amount": 5000})
    assert (await _first_attempt(refund, more)).amount == 4033
    assert await _refunds(database) == [4033]


async def test_a_later_attempt_asks_though_no_row_says_that_it_was_begun(database: Database) -> None:
    """As on the day on which a version is put in that keeps rows: its predecessor's attempt is not known."""
    payments = SandboxPayments(database)
    order = RefundOrder("R-1", "refund-t1", "t1", "pi_1", 4033, "USD", 4033, 0)
    made = await payments.refund(order, "return-R-1/refund-t1")
    environment = ActivityEnvironment()
    environment.info = replace(environment.info, attempt=2)
    answer = await environment.run(_paying(database, payments).refund, REFUND)
    assert answer == RefundAnswer(reference=made.reference, status=PaymentStatus.SUCCEEDED, amount=4033)


async def test_nobody_is_asked_on_the_plain_path(database: Database) -> None:
    class Counting(SandboxPayments):
        asked = 0

        async def find_refund(self, order: RefundOrder, idempotency_key: str) -> Refund | None:
            self.asked += 1
            return await super().find_refund(order, idempotency_key)

    payments = Counting(database)
    refund = _paying(database, payments).refund
    assert (await _first_attempt(refund, REFUND)).amount == 4033
    assert await _first_attempt(refund, REFUND) == await _first_attempt(refund, REFUND)
    assert payments.asked == 0


async def test_a_first_refund_costs_one_call_of_the_provider(database: Database) -> None:
    class Counting(SandboxPayments):
        calls: ClassVar[list[str]] = []

        def __getattribute__(self, name: str) -> Any:
            if not name.startswith("_") and name != "calls":
                self.calls.append(name)
            return super().__getattribute__(name)

    payments = Counting(database)
    await _first_attempt(_paying(database, payments).refund, REFUND)
    assert payments.calls == ["refund"]


async def test_a_first_refund_costs_three_calls_at_stripe(
    database: Database, stripe: StripeStandIn, at_stripe: StripePayments
) -> None:
    """What was refunded, what was paid, and the refund itself; a tender that holds less is asked about besides."""
    reference = stripe.pay(4033)
    refund = _paying(database, at_stripe).refund
    first = REFUND.model_copy(update={"reference": reference, "amount": 4000})
    assert (await _first_attempt(refund, first)).amount == 4000
    assert [f"{request.method} {request.path}" for request in stripe.requests] == [
        "GET /v1/refunds",
        f"GET /v1/payment_intents/{reference}",
        "POST /v1/refunds",
    ]
    following = first.model_copy(update={"step": "refund-t1-2"})
    assert (await _first_attempt(refund, following)).amount == 33
    assert len(stripe.sent("POST", "/v1/refunds")) == 2
    nothing = first.model_copy(update={"step": "refund-t1-3"})
    assert (await _first_attempt(refund, nothing)).amount == 0
    assert len(stripe.sent("POST", "/v1/refunds")) == 2


async def test_a_charge_is_asked_after_and_can_be_looked_for(database: Database) -> None:
    given = CHARGE.model_copy(update={"reference": "pi_1 fault:after:1"})
    card = CardActivities(database, SandboxPayments(database))
    assert await _first_attempt(card.find_charge, given) is None
    with pytest.raises(ApplicationError):
        await _first_attempt(card.charge, given)
    found = await _first_attempt(card.find_charge, given)
    assert found == MadeCharge(reference=await _first_attempt(card.charge, given), amount=500)
    with pytest.raises(ApplicationError, match="amount 500; asked for now: amount 700"):
        await _first_attempt(card.charge, given.model_copy(update={"amount": 700}))
    assert [row["captured"] for row in await rows_of(database, sandbox_charges.select())] == [500]
