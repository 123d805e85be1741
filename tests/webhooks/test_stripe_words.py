"""Stripe's words of a refund, as a return hears them."""

from datetime import UTC, datetime

import pytest

from gateways.payment.stripe_webhooks import StripeWebhooks
from gateways.webhook_protocol import PartnerEvent
from lifecycle.contract.messages import PaymentEvent
from tests.webhooks.partners import SECRETS, Hook, refund


def read(hook: Hook) -> list[PartnerEvent]:
    headers = {"Stripe-Signature": hook.headers["stripe-signature"]}
    return StripeWebhooks(SECRETS["stripe"]).read(hook.raw, headers, datetime.now(UTC))


@pytest.mark.parametrize("kind", ["refund.updated", "refund.failed", "charge.refund.updated"])
@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("succeeded", "succeeded"),
        ("failed", "failed"),
        ("canceled", "failed"),
        ("pending", "pending"),
        ("requires_action", "pending"),
        (None, "pending"),
    ],
)
def test_each_status(kind: str, word: str, status: str) -> None:
    [news] = read(refund("re_1", word, "R-1", kind, at=1_795_532_400))
    message = news.message
    assert isinstance(message, PaymentEvent)
    assert (news.return_id, message.reference, message.status) == ("R-1", "re_1", status)
    assert message.at == datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
    assert message.detail == ("expired_or_canceled_card" if word == "failed" else None)


@pytest.mark.parametrize(
    "kind",
    ["refund.created", "charge.refunded", "payment_intent.canceled", "charge.dispute.created", "some.new_event"],
)
def test_other_events_are_about_nothing_we_care_for(kind: str) -> None:
    assert read(refund("re_1", "failed", "R-1", kind)) == []


@pytest.mark.parametrize("return_id", [None, "not ours", 7, "x" * 101])
@pytest.mark.parametrize("status", ["failed", "succeeded"])
def test_a_refund_made_elsewhere_matters_when_it_failed(return_id: object, status: str) -> None:
    [news] = read(refund("re_1", status, metadata={"return_id": return_id}))
    assert (news.return_id, news.only_if_known) == (None, status == "succeeded")
    [bare] = read(refund("re_1", status, metadata=None))
    assert bare.return_id is None
