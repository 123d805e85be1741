"""A return through the live partners' own SDKs, on workers of its own that talk to stand-ins."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from lifecycle.messages import Grade, TrackingStatus
from starter.demo.story import Stage, stage_at
from starter.local import Place, running
from tests.gateways.easypost_stand_in import EasyPostStandIn
from tests.gateways.stand_ins import Fault
from tests.gateways.stripe_stand_in import StripeStandIn
from tests.workflows.returns import Play, make_request
from workers.settings import Settings


@pytest.fixture(scope="module")
def stripe() -> Iterator[StripeStandIn]:
    stand_in = StripeStandIn()
    with stand_in.running():
        yield stand_in


@pytest.fixture(scope="module")
def easypost() -> Iterator[EasyPostStandIn]:
    stand_in = EasyPostStandIn()
    with stand_in.running():
        yield stand_in


@pytest.fixture(scope="module")
async def live(
    stripe: StripeStandIn, easypost: EasyPostStandIn, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stage]:
    """`homeward up`, with the keys of both."""
    place = Place(tmp_path_factory.mktemp("live"), temporal_port=0, ui_port=0, api_port=0)
    settings = Settings(
        data_dir=Path(place.data_dir),
        stripe_key="sk_test_1",
        stripe_url=stripe.url,
        easypost_key="EZTK1",
        easypost_url=f"{easypost.url}/v2",
    )
    async with running(settings, place) as ready, stage_at(ready) as stage:
        yield stage


async def test_lost_answers_neither_buy_nor_pay_twice(
    stripe: StripeStandIn, easypost: EasyPostStandIn, live: Stage
) -> None:
    easypost.faults += [
        Fault("POST /v2/shipments/", "busy", {"Retry-After": "0.1"}),
        Fault("POST /v2/shipments/", "after"),
    ]
    stripe.faults += [Fault("POST /v1/refunds", "busy", {"Retry-After": "0.1"}), Fault("POST /v1/refunds", "after")]
    story = Play(live, make_request(tender=stripe.pay(8000)))
    await story.start()
    await story.scan(TrackingStatus.ACCEPTED)
    await story.receive()
    await story.inspect(Grade.A)
    await story.closed()

    view = await story.view()
    assert (view.status, view.settlement.amount) == ("refunded", 4000)
    [shipment] = [made for made in easypost.shipments if made["reference"].startswith(f"return-{story.return_id}:")]
    assert view.handover.tracking_code == shipment["tracking_code"]
    [refund] = [made for made in stripe.refunds.values() if made["metadata"]["return_id"] == story.return_id]
    assert [(paid.reference, paid.amount) for paid in view.settlement.paid] == [(refund["id"], refund["amount"])]
    assert await story.mails() == ["label_sent", "refunded"]


async def test_a_tender_that_stripe_does_not_know_waits_for_a_person(live: Stage) -> None:
    story = Play(live, make_request(tender="pi_unknown"))
    await story.start()
    await story.scan(TrackingStatus.ACCEPTED)
    await story.receive()
    await story.inspect(Grade.A)
    view = await story.until_it(lambda view: view.attention is not None, "attention")
    assert view.attention is not None
    assert view.attention.step == "refund"
    assert "No such object: pi_unknown" in view.attention.error
