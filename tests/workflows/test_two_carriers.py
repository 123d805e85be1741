"""A shop with two carriers and two payment providers, and workers that come back with other routes."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from gateways.database.engine import rows_of
from gateways.sandbox.tables import sandbox_refunds
from lifecycle.contract.grades import Grade
from lifecycle.contract.messages import TrackingStatus
from lifecycle.contract.request import Method
from lifecycle.contract.statuses import Status
from lifecycle.contract.tenders import TenderKind
from starter.demo.story import Stage, stage_at
from starter.local.up import Place, running
from tests.gateways.carrier.easypost_stand_in import EasyPostStandIn
from tests.gateways.payment.stripe_stand_in import StripeStandIn
from tests.workflows.returns.play import Play, make_request
from workers.setting_values import CarrierRoute, PaymentRoute
from workers.settings import Settings


@pytest.fixture
def easypost() -> Iterator[EasyPostStandIn]:
    stand_in = EasyPostStandIn()
    with stand_in.running():
        yield stand_in


@pytest.fixture
def stripe() -> Iterator[StripeStandIn]:
    stand_in = StripeStandIn()
    with stand_in.running():
        yield stand_in


@asynccontextmanager
async def _shop(settings: Settings, carrier: CarrierRoute, payment: PaymentRoute) -> AsyncIterator[Stage]:
    """`homeward up` with these routes, on what the data directory holds."""
    place = Place(settings.data_dir, temporal_port=0, ui_port=0, api_port=0)
    routed = settings.model_copy(update={"carrier_routes": [carrier], "payment_routes": [payment]})
    async with running(routed, place) as ready, stage_at(ready) as stage:
        yield stage


@pytest.fixture
def settings(easypost: EasyPostStandIn, stripe: StripeStandIn, tmp_path: Path) -> Settings:
    return Settings(
        data_dir=tmp_path,
        easypost_key="EZTK1",
        easypost_url=f"{easypost.url}/v2",
        stripe_key="sk_test_1",
        stripe_url=stripe.url,
    )


async def test_a_void_goes_to_the_maker_after_a_restart_as_well(
    easypost: EasyPostStandIn, stripe: StripeStandIn, settings: Settings
) -> None:
    by_van = CarrierRoute(partner="sandbox", methods=frozenset({Method.PICKUP, Method.DROP_OFF}))
    others = PaymentRoute(partner="sandbox", tenders=frozenset({TenderKind.OTHER}))
    tenders = [
        {"tender_id": "t1", "kind": "card", "captured": 3000, "reference": stripe.pay(3000)},
        {"tender_id": "t2", "kind": "other", "captured": 5000, "reference": "in-parts"},
    ]
    request = make_request(tenders=tenders)
    async with _shop(settings, by_van, others) as stage:
        story = Play(stage, request)
        await story.start()
    [shipment] = easypost.shipments

    abroad = CarrierRoute(partner="sandbox", countries=frozenset({"US"}))
    async with _shop(settings, abroad, others) as stage:
        story = Play(stage, request)
        await story.change(method="drop_off")
        await story.until_effect("void_label")
        assert shipment["refund_status"] == "submitted"
        await story.until_effect("create_drop_off_code")
        assert await story.labels() == ["bought"]

    async with _shop(settings, by_van, others) as stage:
        story = Play(stage, request)
        await story.scan(TrackingStatus.ACCEPTED)
        await story.until(Status.IN_TRANSIT)
        await story.receive()
        await story.inspect(Grade.A)
        await story.closed()
        view = await story.view()
        [in_parts] = await rows_of(stage.db, select(sandbox_refunds))
    [to_card] = stripe.refunds.values()
    paid = {one.tender_id: one.reference for one in view.settlement.paid}
    assert paid == {"t1": to_card["id"], "t2": in_parts["reference"]}
    assert len(easypost.shipments) == 1
