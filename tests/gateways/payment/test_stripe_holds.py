"""Holds on a card and new payments with it, by Stripe's own SDK against a stand-in."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gateways.errors import Declined, Unavailable
from gateways.payment.protocol import Charge, ChargeOrder, Hold, HoldOrder
from gateways.payment.stripe import StripePayments
from tests.gateways.partner_requests import NOW, refund_order
from tests.gateways.payment.stripe_stand_in import CAPTURE_BEFORE, StripeStandIn
from tests.gateways.stand_ins import Fault, FaultKind


def _hold_order(reference: str, amount: int = 8000, currency: str = "USD") -> HoldOrder:
    return HoldOrder("R-1", "hold", reference, amount, currency, NOW)


def _charge_order(reference: str, amount: int = 700) -> ChargeOrder:
    return ChargeOrder("R-1", "charge", reference, amount, "USD")


async def test_a_hold_is_placed_on_the_card_once(stripe: StripeStandIn, at_stripe: StripePayments) -> None:
    order = _hold_order(stripe.pay(13090))
    assert await at_stripe.find_hold("k1") is None
    hold = await at_stripe.hold(order, "k1")
    assert hold == Hold(hold.reference, 8000, "held", datetime.fromtimestamp(CAPTURE_BEFORE, UTC))
    assert await at_stripe.hold(order, "k1") == hold
    stripe.forget_keys()
    assert await at_stripe.hold(order, "k1") == hold
    assert await at_stripe.find_hold("k1") == hold
    sent = stripe.sent("POST", "/v1/payment_intents")[0].params
    assert (sent["customer"], sent["payment_method"], sent["off_session"]) == ("cus_1", "pm_good", "true")
    assert len(stripe.intents) == 2


async def test_a_hold_whose_answer_was_lost_is_not_placed_twice(
    stripe: StripeStandIn, at_stripe: StripePayments
) -> None:
    order = _hold_order(stripe.pay(13090))
    stripe.search_knows = False
    stripe.faults.append(Fault("POST /v1/payment_intents", "after"))
    with pytest.raises(Unavailable):
        await at_stripe.hold(order, "k1")
    # The search does not know it yet; the key still does, and the list of the customer's payments.
    assert await at_stripe.find_hold("k1") is None
    found = await at_stripe.find_hold("k1", order.tender_reference)
    hold = await at_stripe.hold(order, "k1")
    assert found == hold
    stripe.forget_keys()
    assert await at_stripe.find_hold("k1") == await at_stripe.hold(order, "k1") == hold
    assert len(stripe.intents) == 2


async def test_without_a_word_a_hold_lasts_as_long_as_the_shortest(
    stripe: StripeStandIn, at_stripe: StripePayments
) -> None:
    hold = await at_stripe.hold(_hold_order(stripe.pay(13090)), "k1")
    stripe.charges[stripe.intents[hold.reference]["latest_charge"]]["payment_method_details"] = None
    found = await at_stripe.find_hold("k1")
    assert found is not None
    assert found.expires_at == NOW + timedelta(days=4, hours=18)


async def test_a_hold_is_let_go(stripe: StripeStandIn, at_stripe: StripePayments) -> None:
    hold = await at_stripe.hold(_hold_order(stripe.pay(13090)), "k1")
    released = await at_stripe.release_hold(hold.reference)
    assert released == replace(hold, state="released")
    assert await at_stripe.release_hold(hold.reference) == released
    assert await at_stripe.find_hold("k1") == released
    with pytest.raises(Declined) as refused:
        await at_stripe.capture_hold(hold.reference, 100, NOW)
    assert refused.value.code == "hold_released"


async def test_a_hold_is_captured_once(stripe: StripeStandIn, at_stripe: StripePayments) -> None:
    hold = await at_stripe.hold(_hold_order(stripe.pay(13090)), "k1")
    with pytest.raises(Declined) as refused:
        await at_stripe.capture_hold(hold.reference, 8001, NOW)
    assert refused.value.code == "amount_too_large"
    captured = await at_stripe.capture_hold(hold.reference, 7000, NOW)
    assert captured == replace(hold, state="captured")
    assert await at_stripe.capture_hold(hold.reference, 7000, NOW) == captured
    for attempt in (at_stripe.capture_hold(hold.reference, 6000, NOW), at_stripe.release_hold(hold.reference)):
        with pytest.raises(Declined) as refused:
            await attempt
        assert refused.value.code == "already_captured"
    assert stripe.intents[hold.reference]["amount_received"] == 7000


async def test_what_was_captured_can_be_paid_back(stripe: StripeStandIn, at_stripe: StripePayments) -> None:
    hold = await at_stripe.hold(_hold_order(stripe.pay(13090)), "k1")
    order = refund_order(hold.reference, 6500)
    assert await at_stripe.held(order) == 0
    await at_stripe.capture_hold(hold.reference, 7000, NOW)
    assert await at_stripe.held(order) == 7000
    assert (await at_stripe.refund(order, "refund")).amount == 6500
    assert await at_stripe.held(order) == 500


@pytest.mark.parametrize("kind", ["after", "shaken"])
async def test_a_capture_whose_answer_was_lost(
    stripe: StripeStandIn, at_stripe: StripePayments, kind: FaultKind
) -> None:
    hold = await at_stripe.hold(_hold_order(stripe.pay(13090)), "k1")
    stripe.faults.append(Fault(f"POST /v1/payment_intents/{hold.reference}/capture", kind))
    with pytest.raises(Unavailable):
        await at_stripe.capture_hold(hold.reference, 7000, NOW)
    assert (await at_stripe.capture_hold(hold.reference, 7000, NOW)).state == "captured"
    assert len(stripe.sent("POST", f"/v1/payment_intents/{hold.reference}/capture")) == 1


async def test_a_hold_that_expired(stripe: StripeStandIn, at_stripe: StripePayments) -> None:
    hold = await at_stripe.hold(_hold_order(stripe.pay(13090)), "k1")
    stripe.expire(hold.reference)
    assert (await at_stripe.release_hold(hold.reference)).state == "expired"
    with pytest.raises(Declined) as refused:
        await at_stripe.capture_hold(hold.reference, 100, NOW)
    assert refused.value.code == "hold_expired"


async def test_a_hold_in_krona(stripe: StripeStandIn, at_stripe: StripePayments) -> None:
    hold = await at_stripe.hold(_hold_order(stripe.pay(900_000, "isk"), 500, "ISK"), "k1")
    assert hold.amount == 500
    assert stripe.intents[hold.reference]["amount"] == 50_000
    assert (await at_stripe.capture_hold(hold.reference, 400, NOW)).state == "captured"
    assert stripe.intents[hold.reference]["amount_received"] == 40_000


async def test_a_payment_with_the_card_on_file(stripe: StripeStandIn, at_stripe: StripePayments) -> None:
    order = _charge_order(stripe.pay(13090))
    assert await at_stripe.find_charge("k1") is None
    charge = await at_stripe.charge(order, "k1")
    assert charge == Charge(charge.reference, 700)
    stripe.forget_keys()
    assert await at_stripe.charge(order, "k1") == await at_stripe.find_charge("k1") == charge
    assert (await at_stripe.refund(refund_order(charge.reference, 700), "refund")).amount == 700
    assert len(stripe.intents) == 2


async def test_a_charge_of_the_old_kind_has_a_card_too(stripe: StripeStandIn, at_stripe: StripePayments) -> None:
    reference = stripe.intents[stripe.pay(13090)]["latest_charge"]
    assert (await at_stripe.charge(_charge_order(reference), "k1")).amount == 700


@pytest.mark.parametrize(
    ("card", "code"),
    [("pm_poor", "insufficient_funds"), ("pm_asks", "authentication_required"), (None, "no_card_on_file")],
)
async def test_a_card_that_refuses(
    stripe: StripeStandIn, at_stripe: StripePayments, card: str | None, code: str
) -> None:
    reference = stripe.pay(13090, card=card)
    for attempt in (
        at_stripe.hold(_hold_order(reference), "k1"),
        at_stripe.charge(_charge_order(reference), "k2"),
    ):
        with pytest.raises(Declined) as refused:
            await attempt
        assert refused.value.code == code
    assert await at_stripe.find_hold("k1") is None
    assert await at_stripe.find_charge("k2") is None


async def test_a_payment_under_way_is_waited_for(stripe: StripeStandIn, at_stripe: StripePayments) -> None:
    order = _charge_order(stripe.pay(13090))
    charge = await at_stripe.charge(order, "k1")
    stripe.intents[charge.reference]["status"] = "processing"
    with pytest.raises(Unavailable):
        await at_stripe.find_charge("k1")
    with pytest.raises(Unavailable):
        await at_stripe.find_hold("k1")


async def test_a_charge_whose_answer_was_lost_is_found_at_once(
    stripe: StripeStandIn, at_stripe: StripePayments
) -> None:
    order = _charge_order(stripe.pay(13090))
    stripe.search_knows = False
    stripe.faults.append(Fault("POST /v1/payment_intents", "after"))
    assert await at_stripe.find_charge("k1", order.tender_reference) is None
    with pytest.raises(Unavailable):
        await at_stripe.charge(order, "k1")
    assert await at_stripe.find_charge("k1") is None
    assert await at_stripe.find_charge("k1", order.tender_reference) == await at_stripe.charge(order, "k1")
    assert await at_stripe.find_charge("k1", stripe.pay(100, card=None)) is None
