"""The shop's own refund service, by the reference server: once for each key, whatever goes wrong on the way."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

import pytest

from gateways.database.engine import Database
from gateways.database.returns import records
from gateways.errors import Busy, Declined, Unavailable
from gateways.payment.http import HttpPayments
from gateways.payment.protocol import RefundOrder
from lifecycle.contract.fees import Breakdown
from lifecycle.contract.request import Reason
from lifecycle.contract.statuses import Status
from lifecycle.returns.settlement.itemized import Itemized, PaidLine
from tests.gateways.partner_requests import NOW, charge_order, hold_order, refund_order
from tests.gateways.stand_ins import IMPATIENCE, PATIENCE, Fault, FaultKind, Json, Refused, Request
from tests.own_systems.reference import OTHER_SECRET, SECRET, OwnSystems, example, serving
from tests.workflows.returns.play import make_request

KEY = "return-R-1/refund-t1"


@pytest.fixture
def service() -> Iterator[OwnSystems]:
    stand_in = OwnSystems()
    with stand_in.running():
        yield stand_in


@pytest.fixture
async def payments(service: OwnSystems, database: Database) -> AsyncIterator[HttpPayments]:
    made = HttpPayments(database, service.url, SECRET, timeout=PATIENCE)
    yield made
    await made.close()


@pytest.fixture
async def order(database: Database) -> RefundOrder:
    """40.33 of the 130.90 that a return's order was paid with."""
    tender = {"tender_id": "t1", "kind": "card", "captured": 13090, "reference": "pi_1"}
    line = {"line_id": "1", "sku": "SHOE-42", "quantity": 2, "unit_price": 4333}
    request = make_request(return_id="R-1", order_id="SO-1", lines=[line], tenders=[tender])
    await database.write(
        lambda connection: records.insert_return(connection, "R-1", request, {}, Status.REQUESTED, NOW)
    )
    return refund_order()


async def test_a_refund_is_made_once_for_each_key(
    service: OwnSystems, payments: HttpPayments, order: RefundOrder
) -> None:
    assert await payments.find_refund(order, KEY) is None
    first = await payments.refund(order, KEY)
    assert (first.status, first.amount) == ("succeeded", 4033)
    assert await payments.refund(order, KEY) == first
    assert await payments.find_refund(order, KEY) == first
    assert await payments.refund_status(first.reference) == first
    assert await payments.refund(order, "another") != first
    assert await payments.held(order) == 13090 - 2 * 4033
    made = [one async for one in payments.made_since(NOW)]
    assert [(one.key, one.amount, one.state) for one in made] == [
        (KEY, 4033, "succeeded"),
        ("another", 4033, "succeeded"),
    ]


async def test_the_service_is_told_what_it_needs_to_book(
    service: OwnSystems, payments: HttpPayments, order: RefundOrder
) -> None:
    lines = [PaidLine(line_id="1", reason=Reason.UNWANTED, quantity=1, amount=4333)]
    paid_for = Itemized(lines=lines, breakdown=Breakdown(units=4333, restocking_fee=300))
    await payments.refund(replace(order, itemized=paid_for), KEY)
    [sent] = service.sent("POST", "/refunds")
    assert sent.params["settlement"]["lines"] == [
        {"line_id": "1", "reason": "unwanted", "quantity": 1, "amount": 4333, "sku": "SHOE-42"}
    ]
    assert sent.params["settlement"]["breakdown"]["restocking_fee"] == 300
    assert (sent.params["idempotency_key"], sent.params["order_id"]) == (KEY, "SO-1")
    assert sent.params["tender"]["kind"] == "card"


@pytest.mark.parametrize("kind", ["after", "shaken"])
async def test_after_a_lost_answer_the_refund_is_found(
    service: OwnSystems, payments: HttpPayments, order: RefundOrder, kind: FaultKind
) -> None:
    service.faults.append(Fault("POST /refunds", kind))
    with pytest.raises(Unavailable):
        await payments.refund(order, KEY)
    assert await payments.find_refund(order, KEY) == await payments.refund(order, KEY)
    assert len(service.shop.refunds) == 1


@pytest.mark.parametrize("kind", ["down", "broken", "before"])
async def test_what_may_work_later_is_tried_again(
    service: OwnSystems, payments: HttpPayments, order: RefundOrder, kind: FaultKind
) -> None:
    service.faults.append(Fault("POST /refunds", kind))
    with pytest.raises(Unavailable):
        await payments.refund(order, KEY)
    assert service.shop.refunds == {}


async def test_a_busy_service_says_when_to_come_back(
    service: OwnSystems, payments: HttpPayments, order: RefundOrder
) -> None:
    service.faults.append(Fault("POST /refunds", "busy", {"Retry-After": "7"}))
    with pytest.raises(Busy) as caught:
        await payments.refund(order, KEY)
    assert caught.value.retry_after
    assert caught.value.retry_after.total_seconds() == 7


async def test_what_is_refused_for_good_says_why(payments: HttpPayments, order: RefundOrder) -> None:
    with pytest.raises(Declined) as too_much:
        await payments.refund(replace(order, amount=13091), KEY)
    assert too_much.value.code == "amount_too_large"
    await payments.refund(order, KEY)
    with pytest.raises(Declined) as other:
        await payments.refund(replace(order, amount=1), KEY)
    assert other.value.code == "answered_409"
    assert "used for another refund" in (other.value.words or "")
    with pytest.raises(Declined) as unknown:
        await payments.refund_status("RF-99")
    assert unknown.value.code == "not_found"


async def test_a_refund_that_failed_leaves_its_money_to_the_one_in_its_place(
    service: OwnSystems, payments: HttpPayments, order: RefundOrder
) -> None:
    whole = replace(order, amount=13090)
    failed = await payments.refund(whole, KEY)
    instead = await payments.refund(replace(whole, replaces=failed.reference), f"{KEY}-2")
    assert (instead.amount, (await payments.refund_status(failed.reference)).status) == (13090, "failed")


async def test_holds_and_charges_are_refused_and_nothing_is_asked(service: OwnSystems, payments: HttpPayments) -> None:
    for asking in (payments.hold(hold_order(), KEY), payments.charge(charge_order(), KEY)):
        with pytest.raises(Declined) as caught:
            await asking
        assert caught.value.code == "unsupported"
    assert (await payments.find_hold(KEY), await payments.find_charge(KEY)) == (None, None)
    for asking in (payments.release_hold("h"), payments.capture_hold("h", 1, NOW)):
        with pytest.raises(Declined) as caught:
            await asking
        assert caught.value.code == "not_found"
    assert service.requests == []


async def test_what_a_service_need_not_offer(
    service: OwnSystems, payments: HttpPayments, order: RefundOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def offers_nothing(_: Request) -> Json:
        raise Refused(404, {"error": {}})

    monkeypatch.setattr(service, "answer", offers_nothing)
    with pytest.raises(Declined) as caught:
        await payments.held(order)
    assert caught.value.code == "amount_too_large"
    assert [one async for one in payments.made_since(NOW)] == []
    with pytest.raises(Unavailable, match="it has no /refunds"):
        await payments.refund(order, KEY)


@pytest.mark.parametrize(
    "answer",
    [
        {"status": "paid", "reference": "RF-1"},
        {"status": "done"},
        {"status": "done", "reference": "RF 1"},
        {"status": "done", "reference": "RF-1", "amount": "4033"},
        {"status": "done", "reference": "RF-1", "amount": 4034},
        {"status": "done", "reference": "RF-1", "amount": 0},
        [],
    ],
)
async def test_an_answer_of_another_shape_is_asked_after_again(
    service: OwnSystems, payments: HttpPayments, order: RefundOrder, monkeypatch: pytest.MonkeyPatch, answer: Any
) -> None:
    monkeypatch.setattr(service, "answer", lambda _: answer)
    with pytest.raises(Unavailable) as caught:
        await payments.refund(order, KEY)
    assert caught.value.code == "misshaped"


async def test_an_answer_that_comes_too_late(service: OwnSystems, database: Database, order: RefundOrder) -> None:
    service.faults.append(Fault("POST /refunds", "late"))
    hasty = HttpPayments(database, service.url, SECRET, timeout=IMPATIENCE)
    with pytest.raises(Unavailable, match="did not answer within"):
        await hasty.refund(order, KEY)
    await hasty.close()
    assert len(service.shop.refunds) == 1


@pytest.mark.parametrize(
    ("secrets", "taken"), [(SECRET, True), (f"{OTHER_SECRET} {SECRET}", True), (OTHER_SECRET, False)]
)
async def test_the_reference_server_takes_what_is_signed_with_its_secret(
    database: Database, order: RefundOrder, secrets: str, taken: bool
) -> None:
    shop = example().Shop()
    with serving(shop) as url:
        payments = HttpPayments(database, url, secrets)
        if taken:
            assert (await payments.refund(order, KEY)).status == "succeeded"
        else:
            with pytest.raises(Unavailable) as caught:
                await payments.refund(order, KEY)
            assert caught.value.code == "answered_401"
        await payments.close()
    assert len(shop.refunds) == taken
