"""A return through the live partners' own SDKs, on workers of its own that talk to stand-ins."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.client import WorkflowHistory

from activities.reconciliation import reconciler
from gateways.carrier.easypost import EasyPostCarrier
from gateways.database.failing_steps import failures_of, waiting_of
from gateways.payment.stripe import StripePayments
from lifecycle.contract.grades import Grade
from lifecycle.contract.messages import TrackingStatus
from lifecycle.contract.statuses import Status
from lifecycle.contract.tenders import TenderKind
from lifecycle.contract.view import View
from starter.demo.story import Stage, stage_at
from starter.local.up import Place, running
from tests.gateways.carrier.easypost_stand_in import EasyPostStandIn
from tests.gateways.payment.stripe_stand_in import NOW, StripeStandIn
from tests.gateways.stand_ins import Fault
from tests.own_systems.reference import SECRET, OwnSystems
from tests.workflows.returns.play import Play, make_request
from tests.workflows.returns.trying_again import reset_activity
from workers.setting_values import PaymentRoute
from workers.settings import Settings

#: Whom partners name in what they say, and nobody else does.
PERSON = "Jane Roe <jane.roe@example.org>"


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
def own() -> Iterator[OwnSystems]:
    stand_in = OwnSystems()
    with stand_in.running():
        yield stand_in


@pytest.fixture(scope="module")
async def live(
    stripe: StripeStandIn, easypost: EasyPostStandIn, own: OwnSystems, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stage]:
    """`homeward up`, with the keys of both, and the shop's own service for gift cards."""
    gift_cards = PaymentRoute(partner="http", tenders=frozenset({TenderKind.GIFT_CARD}))
    place = Place(tmp_path_factory.mktemp("live"), temporal_port=0, ui_port=0, api_port=0)
    settings = Settings(
        data_dir=Path(place.data_dir),
        stripe_key="sk_test_1",
        stripe_url=stripe.url,
        easypost_key="EZTK1",
        easypost_url=f"{easypost.url}/v2",
        refunds_url=own.url,
        refunds_secret=SecretStr(SECRET),
        payment_routes=[gift_cards],
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


async def test_the_shops_own_service_pays_its_part_once(stripe: StripeStandIn, own: OwnSystems, live: Stage) -> None:
    own.faults.append(Fault("POST /refunds", "after"))
    tenders = [
        {"tender_id": "t1", "kind": "card", "captured": 7000, "reference": stripe.pay(7000)},
        {"tender_id": "g1", "kind": "gift_card", "captured": 1000, "reference": "slow-7"},
    ]
    story = Play(live, make_request(tenders=tenders))
    await story.start()
    await story.receive()
    await story.inspect()
    await story.until_it(lambda view: _paid(view) == {("g1", "pending"), ("t1", "succeeded")}, "paid in part")
    [(key, made)] = own.shop.refunds.items()
    assert (key, made["refund"]["amount"]) == (f"return-{story.return_id}/refund-g1", 1000)
    asked = own.sent("POST", "/refunds")[0].params
    assert [(line["reason"], line["amount"]) for line in asked["settlement"]["lines"]] == [("unwanted", 4000)]
    # Nobody tells: it is asked after, once an hour has passed.
    made["refund"]["status"] = "done"
    await story.days(1 / 12)
    await story.closed()
    assert _paid(await story.view()) == {("g1", "succeeded"), ("t1", "succeeded")}
    assert len(own.shop.refunds) == 1


def _paid(view: View) -> set[tuple[str, str]]:
    return {(paid.tender_id, paid.state) for paid in view.settlement.paid}


async def test_the_books_are_compared_with_what_both_have(
    stripe: StripeStandIn, easypost: EasyPostStandIn, live: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconciler, "SETTLES", timedelta(seconds=0.2))
    paid, unpaid = (Play(live, make_request(tender=stripe.pay(8000))) for _ in range(2))
    for story in (paid, unpaid):
        await story.start()
        easypost.scan((await story.view()).handover.tracking_code or "")
        await story.receive()
        await story.graded()
    assert await _found(stripe, easypost, live, paid, unpaid) == set()

    lost = next(one for one in stripe.refunds.values() if one["metadata"]["return_id"] == unpaid.return_id)
    del stripe.refunds[lost["id"]]
    made = next(one for one in stripe.refunds.values() if one["metadata"]["return_id"] == paid.return_id)
    later = int(datetime.now(UTC).timestamp()) + 1
    stripe.refunds["re_hand"] = made | {"id": "re_hand", "metadata": {}, "amount": 100, "created": later}
    sent = {"id": "shp_x", "reference": f"return-{paid.return_id}:ship-9", "tracking_code": "9400-x"}
    easypost.shipments.append(easypost.shipments[-1] | sent)
    assert await _found(stripe, easypost, live, paid, unpaid) == {
        ("refund_missing", unpaid.return_id),
        ("refund_by_hand", paid.return_id),
    }
    for bought in easypost.shipments:
        bought["tracker"] |= {"status": "pre_transit"}  # as if nobody had ever scanned them
    found = await _found(stripe, easypost, live, paid, unpaid)
    assert ("parcel_not_booked", paid.return_id) in found
    easypost.shipments.pop()
    del stripe.refunds["re_hand"]


async def _found(stripe: StripeStandIn, easypost: EasyPostStandIn, live: Stage, *stories: Play) -> set[tuple[str, str]]:
    payments, carrier = StripePayments("sk_test_1", stripe.url), EasyPostCarrier("EZTK1", f"{easypost.url}/v2")
    since = datetime.fromtimestamp(NOW, UTC) - timedelta(days=1)
    with closing(reconciler.Reconciler(live.clock.client, live.db, payments, carrier)) as looking:
        found = await looking.findings(since, datetime.now(UTC))
    await payments.close()
    mine = {story.return_id for story in stories}
    return {(one.kind, one.return_id) for one in found if one.return_id in mine}


async def test_a_reset_activity_asks_before_it_pays_or_buys_again(
    stripe: StripeStandIn, easypost: EasyPostStandIn, live: Stage
) -> None:
    """One lost answer, then 503 to every question, then a reset: attempt 1 again, a day later for Stripe."""
    hat = {"line_id": "1", "sku": "HAT", "title": "Hat", "quantity": 1, "unit_price": 4033}
    story = Play(live, make_request(lines=[hat], tender=stripe.pay(4033)))
    easypost.faults += [Fault("POST /v2/shipments/", "after"), *[Fault("GET /v2/shipments", "down")] * 20]
    await story.start(until=None)
    await reset_when_it_waits(story, "buy_return_label", easypost)
    await story.until(Status.LABEL_SENT)
    await story.scan(TrackingStatus.ACCEPTED)
    await story.receive()

    stripe.faults += [Fault("POST /v1/refunds", "after"), *[Fault("GET /v1/refunds", "down")] * 20]
    await story.inspect(Grade.A)
    await reset_when_it_waits(story, "refund-t1", stripe)
    await story.closed()

    view = await story.view()
    [refund] = [made for made in stripe.refunds.values() if made["metadata"]["return_id"] == story.return_id]
    assert [(paid.reference, paid.amount) for paid in view.settlement.paid] == [(refund["id"], 4033)]
    [shipment] = [made for made in easypost.shipments if made["reference"].startswith(f"return-{story.return_id}:")]
    assert view.handover.tracking_code == shipment["tracking_code"]
    assert (view.status, view.attention) == ("refunded", None)


async def reset_when_it_waits(story: Play, step: str, partner: StripeStandIn | EasyPostStandIn) -> None:
    """Wait until its second try has failed too, let the partner answer again, and reset the step."""
    while True:
        raw = (await story.handle.describe()).raw_description
        if any(one.activity_id == step and one.attempt > 2 for one in raw.pending_activities):
            break
        await asyncio.sleep(0.1)
    partner.faults.clear()
    if isinstance(partner, StripeStandIn):
        partner.forget_keys()
    await reset_activity(story._stage.clock.client, story.handle.id, step)


async def test_a_tender_that_stripe_does_not_know_waits_for_an_operator(live: Stage) -> None:
    story = Play(live, make_request(tender="pi_unknown"))
    await story.start()
    await story.scan(TrackingStatus.ACCEPTED)
    await story.receive()
    await story.inspect(Grade.A)
    view = await story.until_it(lambda view: view.attention is not None, "attention")
    assert view.attention is not None
    assert view.attention.step == "refund"
    assert view.attention.error == "Stripe refused: not_found"
    [failure] = await failures_of(live.db, story.return_id)
    assert (failure["code"], failure["words"]) == ("not_found", "No such object: pi_unknown")


def in_temporal(history: WorkflowHistory) -> bytes:
    """All that is stored of a workflow, its payloads as they were written."""
    return b"".join(event.SerializeToString() for event in history.events)


async def shown(story: Play) -> str:
    """What the Temporal UI shows of a return beside its history."""
    metadata: WorkflowMetadata = await story.handle.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)
    pending = (await story.handle.describe()).raw_description.pending_activities
    return f"{metadata.current_details}{pending}"


async def nothing_tells(story: Play, said: str, captured: str) -> None:
    """Neither history, UI, view nor logs hold what a partner said."""
    assert said.encode() not in in_temporal(await story.handle.fetch_history())
    assert said not in await shown(story)
    assert said not in (await story.view()).model_dump_json()
    assert said not in captured


async def test_what_easypost_says_of_a_customer_stays_beside_the_ledger(
    easypost: EasyPostStandIn, live: Stage, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    easypost.refused, easypost.words = "ADDRESS.VERIFY.FAILURE", f"Unable to verify 12 Elm Street for {PERSON}"
    try:
        story = Play(live, make_request())
        await story.start(until=None)
        view = await story.attention("label")
    finally:
        easypost.refused = easypost.words = None
    assert view.attention
    assert view.attention.error == "EasyPost refused: ADDRESS.VERIFY.FAILURE"
    await nothing_tells(story, PERSON, "".join(capsys.readouterr()) + caplog.text)
    [failure] = await failures_of(live.db, story.return_id)
    assert failure["words"] == f"Unable to verify 12 Elm Street for {PERSON}"


async def test_what_stripe_says_of_a_customer_stays_beside_the_ledger(
    stripe: StripeStandIn, live: Stage, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    stripe.words = f"the account of {PERSON} is closed"
    try:
        story = Play(live, make_request(tender="pi_unknown"))
        await story.start()
        await story.receive()
        await story.inspect(Grade.A)
        await story.attention("refund")
    finally:
        stripe.words = None
    await nothing_tells(story, PERSON, "".join(capsys.readouterr()) + caplog.text)
    assert PERSON in (await failures_of(live.db, story.return_id))[0]["words"]


async def test_why_easypost_does_not_answer_can_be_read_at_temporal(easypost: EasyPostStandIn, live: Stage) -> None:
    easypost.faults += [Fault("POST /v2/shipments", "before")] * 9
    story = Play(live, make_request())
    await story.start(until=None)
    for _ in range(100):
        failure = (await _pending(story)).last_failure
        if failure.message:
            break
        await asyncio.sleep(0.2)
    assert failure.message == "the connection to EasyPost was lost"
    assert failure.ByteSize() < 2000
    assert failure.cause.message
    [row] = await waiting_of(live.db, story.return_id)
    assert (row["step"], row["partner"], row["code"]) == ("buy_return_label", "carrier", "connection_lost")
    easypost.faults.clear()
    await story.until(Status.LABEL_SENT)
    assert await waiting_of(live.db, story.return_id) == []


async def _pending(story: Play) -> PendingActivityInfo:
    """The one step that is under way."""
    [pending] = (await story.handle.describe()).raw_description.pending_activities
    return pending
