"""Stripe's own SDK against a stand-in that keeps its books, and fails as Stripe does."""

from dataclasses import replace
from datetime import timedelta

import pytest

from gateways.errors import Busy, Declined, Unavailable
from gateways.payment.protocol import RefundOrder
from gateways.payment.stripe import StripePayments
from gateways.payment.stripe_units import from_stripe, to_stripe
from tests.gateways.partner_requests import refund_order
from tests.gateways.payment.stripe_stand_in import StripeStandIn
from tests.gateways.stand_ins import IMPATIENCE, PATIENCE, Fault, FaultKind, Json, Refused, Request

KEY = "return-R-1/refund-t1"


@pytest.fixture
def order(stripe: StripeStandIn) -> RefundOrder:
    return refund_order(stripe.pay(13090))


async def test_a_refund_is_made_once_for_each_key(
    stripe: StripeStandIn, at_stripe: StripePayments, order: RefundOrder
) -> None:
    assert await at_stripe.find_refund(order, KEY) is None
    first = await at_stripe.refund(order, KEY)
    assert (first.status, first.amount) == ("succeeded", 4033)
    assert await at_stripe.refund(order, KEY) == first
    assert await at_stripe.find_refund(order, KEY) == first
    assert await at_stripe.refund_status(first.reference) == first
    assert await at_stripe.refund(order, "another") != first
    assert await at_stripe.held(order) == 13090 - 2 * 4033
    sent = stripe.sent("POST", "/v1/refunds")[0]
    assert sent.headers["idempotency-key"] == KEY
    assert sent.params["metadata[return_id]"] == "R-1"


async def test_a_key_holds_longer_than_stripe_remembers_it(
    stripe: StripeStandIn, at_stripe: StripePayments, order: RefundOrder
) -> None:
    first = await at_stripe.refund(order, KEY)
    for number in range(4):
        await at_stripe.refund(replace(order, amount=100), f"later-{number}")
    stripe.forget_keys()
    assert await at_stripe.refund(order, KEY) == first
    assert len(stripe.refunds) == 5


@pytest.mark.parametrize("kind", ["after", "shaken"])
async def test_after_a_lost_answer_the_refund_is_found(
    stripe: StripeStandIn, at_stripe: StripePayments, order: RefundOrder, kind: FaultKind
) -> None:
    stripe.faults.append(Fault("POST /v1/refunds", kind))
    with pytest.raises(Unavailable):
        await at_stripe.refund(order, KEY)
    assert await at_stripe.find_refund(order, KEY) == await at_stripe.refund(order, KEY)
    assert len(stripe.refunds) == 1
    assert len(stripe.sent("POST", "/v1/refunds")) == 1


async def test_an_answer_that_comes_too_late(
    stripe: StripeStandIn, at_stripe: StripePayments, order: RefundOrder
) -> None:
    stripe.faults.append(Fault("POST /v1/refunds", "late"))
    hasty = StripePayments("sk_test_1", stripe.url, timeout=IMPATIENCE)
    with pytest.raises(Unavailable):
        await hasty.refund(order, KEY)
    await hasty.close()
    assert await at_stripe.refund(order, KEY) == await at_stripe.find_refund(order, KEY)
    assert len(stripe.refunds) == 1


@pytest.mark.parametrize("kind", ["down", "broken", "before", "conflict"])
@pytest.mark.parametrize("path", ["POST /v1/refunds", "GET /v1/refunds", "GET /v1/payment_intents"])
async def test_what_may_work_later_is_tried_again(
    stripe: StripeStandIn, at_stripe: StripePayments, order: RefundOrder, kind: FaultKind, path: str
) -> None:
    stripe.faults.append(Fault(path, kind))
    with pytest.raises(Unavailable):
        await at_stripe.refund(order, KEY)
    assert (await at_stripe.refund(order, KEY)).status == "succeeded"
    assert len(stripe.refunds) == 1


@pytest.mark.parametrize(
    ("said", "wait"), [("7", timedelta(seconds=7)), ("soon", None), ("-1", None), ("1e9", None), (None, None)]
)
async def test_too_many_calls_wait_as_long_as_stripe_says(
    stripe: StripeStandIn, at_stripe: StripePayments, order: RefundOrder, said: str | None, wait: timedelta | None
) -> None:
    stripe.faults.append(Fault("POST /v1/refunds", "busy", {"Retry-After": said} if said else {}))
    with pytest.raises(Busy) as busy:
        await at_stripe.refund(order, KEY)
    assert busy.value.retry_after == wait


async def test_stripes_word_on_repeats_is_heeded(
    stripe: StripeStandIn, at_stripe: StripePayments, order: RefundOrder
) -> None:
    stripe.faults.append(Fault("POST /v1/refunds", "conflict", {"Stripe-Should-Retry": "false"}))
    with pytest.raises(Declined):
        await at_stripe.refund(order, KEY)


async def test_never_more_than_was_captured(
    stripe: StripeStandIn, at_stripe: StripePayments, order: RefundOrder
) -> None:
    await at_stripe.refund(replace(order, amount=13000), KEY)
    with pytest.raises(Declined):
        await at_stripe.refund(replace(order, amount=91), "more")
    assert await at_stripe.held(order) == 90
    assert (await at_stripe.refund(replace(order, amount=90), "rest")).amount == 90
    assert len(stripe.refunds) == 2


async def test_a_refund_that_failed_later_gives_its_money_back(
    stripe: StripeStandIn, at_stripe: StripePayments, order: RefundOrder
) -> None:
    stripe.refund_status = "pending"
    first = await at_stripe.refund(order, KEY)
    assert first.status == "pending"
    # The provider's event came before its books: the refund that failed does not count against its successor.
    assert await at_stripe.held(replace(order, replaces=first.reference)) == 13090
    assert await at_stripe.held(order) == 13090 - 4033
    stripe.refunds[first.reference]["status"] = "failed"
    assert (await at_stripe.refund_status(first.reference)).status == "failed"
    assert await at_stripe.held(order) == 13090


@pytest.mark.parametrize(
    ("status", "ours"), [("requires_action", "pending"), ("canceled", "failed"), ("pending", "pending")]
)
async def test_stripes_states_of_a_refund(
    stripe: StripeStandIn, at_stripe: StripePayments, order: RefundOrder, status: str, ours: str
) -> None:
    stripe.refund_status = status
    assert (await at_stripe.refund(order, KEY)).status == ours


async def test_a_charge_is_a_tender_too(stripe: StripeStandIn, at_stripe: StripePayments) -> None:
    order = refund_order(stripe.intents[stripe.pay(5000)]["latest_charge"])
    assert await at_stripe.held(order) == 5000
    assert (await at_stripe.refund(order, KEY)).amount == 4033
    assert (await at_stripe.refund(order, KEY)).amount == 4033
    assert await at_stripe.held(order) == 5000 - 4033


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"tender_reference": "pi_unknown"}, "not_found"),
        ({"tender_reference": "R-1/t1"}, "not_found"),
        ({"currency": "EUR"}, "currency_mismatch"),
    ],
)
async def test_a_refund_that_stripe_refuses(
    stripe: StripeStandIn, at_stripe: StripePayments, order: RefundOrder, change: dict[str, str], code: str
) -> None:
    with pytest.raises(Declined) as refused:
        await at_stripe.refund(replace(order, **change), KEY)  # type: ignore[arg-type]
    assert refused.value.code == code
    with pytest.raises(Declined):
        await at_stripe.held(replace(order, **change))  # type: ignore[arg-type]
    assert not stripe.refunds


async def test_an_unknown_refund_has_no_state(at_stripe: StripePayments) -> None:
    with pytest.raises(Declined) as refused:
        await at_stripe.refund_status("re_unknown")
    assert refused.value.code == "not_found"


async def test_the_same_key_for_another_amount_gives_what_was_paid(
    at_stripe: StripePayments, order: RefundOrder
) -> None:
    first = await at_stripe.refund(order, KEY)
    assert await at_stripe.refund(replace(order, amount=1), KEY) == first


@pytest.mark.parametrize(
    ("amount", "currency", "sent"),
    [
        (4033, "USD", 4033),
        (500, "JPY", 500),
        (500, "ISK", 50000),
        (500, "UGX", 50000),
        (1230, "KWD", 1230),
        (300, "MGA", 3),
        (4033, "HUF", 4033),
    ],
)
def test_stripes_own_units(amount: int, currency: str, sent: int) -> None:
    assert to_stripe(amount, currency) == sent
    assert from_stripe(sent, currency) == amount


@pytest.mark.parametrize(("amount", "currency"), [(1234, "KWD"), (1231, "TND"), (150, "MGA")])
def test_what_cannot_be_sent_exactly_is_refused(amount: int, currency: str) -> None:
    with pytest.raises(Declined) as refused:
        to_stripe(amount, currency)
    assert refused.value.code == "amount_not_exact"


def test_what_is_there_is_never_rounded_up() -> None:
    assert from_stripe(199, "ISK") == 1


async def test_a_refund_in_krona(stripe: StripeStandIn, at_stripe: StripePayments) -> None:
    order = replace(refund_order(stripe.pay(900_000, "isk"), amount=4033), currency="ISK", captured=9000)
    refund = await at_stripe.refund(order, KEY)
    assert refund.amount == 4033
    assert stripe.refunds[refund.reference]["amount"] == 403_300
    assert await at_stripe.held(order) == 9000 - 4033


async def test_a_key_that_stripe_does_not_know() -> None:
    stand_in = _Locked()
    with stand_in.running():
        at_stripe = StripePayments("sk_wrong", stand_in.url, timeout=PATIENCE)
        with pytest.raises(Declined) as refused:
            await at_stripe.refund_status("re_1")
        await at_stripe.close()
    assert refused.value.code == "refused"


class _Locked(StripeStandIn):
    def answer(self, request: Request) -> Json:
        raise Refused(401, {"error": {"type": "invalid_request_error", "message": f"Invalid key for {request.path}"}})
