"""EasyPost's own SDK against a stand-in that keeps its books, and fails as EasyPost does."""

import asyncio
import time
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from gateways.carrier.easypost import EasyPostCarrier
from gateways.carrier.protocol import LabelFile, Loss, OutboundOrder
from gateways.errors import Busy, Declined, Unavailable
from lifecycle.contract.money import Cost
from lifecycle.contract.times import TimeWindow
from tests.gateways.carrier.easypost_stand_in import PDF, PNG, EasyPostStandIn
from tests.gateways.partner_requests import NOW, label_order
from tests.gateways.stand_ins import IMPATIENCE, PATIENCE, Fault, FaultKind, Json, Request

KEY = "return-R-1/buy_return_label"
REFERENCE = "return-R-1:buy_return_label"
SLOT = TimeWindow(start=NOW + timedelta(days=1), end=NOW + timedelta(days=1, hours=4))


async def test_a_return_label_is_bought_once_at_the_lowest_rate(
    easypost: EasyPostStandIn, at_easypost: EasyPostCarrier
) -> None:
    label = await at_easypost.buy_return_label(label_order(), KEY)
    assert await at_easypost.buy_return_label(label_order(), KEY) == label
    assert await at_easypost.buy_return_label(label_order(), "another") != label
    shipment = easypost.shipments[0]
    assert (label.shipment_id, label.tracking_code) == (shipment["id"], shipment["tracking_code"])
    assert label.label_url == "/v1/returns/R-1/label"
    assert shipment["selected_rate"]["id"].endswith("USPS")
    assert label.cost == Cost(593, "USD")
    assert shipment["reference"] == REFERENCE
    assert len(easypost.shipments) == 2


async def test_the_addresses_of_a_return_stand_as_on_the_way_out(
    easypost: EasyPostStandIn, at_easypost: EasyPostCarrier
) -> None:
    await at_easypost.buy_return_label(label_order(line2="Flat 3"), KEY)
    shipment = easypost.shipments[0]
    assert shipment["is_return"] is True
    assert (shipment["to_address"]["name"], shipment["to_address"]["street2"]) == ("Sample Customer", "Flat 3")
    assert (shipment["from_address"]["name"], shipment["from_address"]["zip"]) == ("Demo Shop Returns", "62701")


async def test_a_parcel_to_the_customer(easypost: EasyPostStandIn, at_easypost: EasyPostCarrier) -> None:
    given = label_order()
    order = OutboundOrder("R-1", given.sender, given.to, (("SHOE-42", 1),))
    sent = await at_easypost.ship(order, KEY)
    assert await at_easypost.ship(order, KEY) == sent
    shipment = easypost.shipments[0]
    assert (sent.shipment_id, sent.tracking_code) == (shipment["id"], shipment["tracking_code"])
    assert shipment["is_return"] is False
    assert shipment["to_address"]["name"] == "Sample Customer"
    file = await at_easypost.label_file(sent.tracking_code)
    assert file.filename == "shipping-label.pdf"


def _unclear(made: str, paid: str, asked: str) -> list[tuple[str, FaultKind]]:
    """Which request fails and how; the SDK itself asks again when the connection drops on a GET."""
    kinds: tuple[FaultKind, ...] = ("down", "broken", "shaken", "before", "after")
    return [(path, kind) for path in (made, paid) for kind in kinds] + [(asked, kind) for kind in kinds[:3]]


@pytest.mark.parametrize(
    ("path", "kind"), _unclear("POST /v2/shipments", "POST /v2/shipments/shp_1/buy", "GET /v2/shipments")
)
async def test_after_an_unclear_answer_no_second_label_is_bought(
    easypost: EasyPostStandIn, at_easypost: EasyPostCarrier, path: str, kind: FaultKind
) -> None:
    easypost.faults.append(Fault(path, kind))
    with pytest.raises(Unavailable):
        await at_easypost.buy_return_label(label_order(), KEY)
    label = await at_easypost.buy_return_label(label_order(), KEY)
    assert [shipment["tracking_code"] for shipment in easypost.shipments] == [label.tracking_code]


async def test_an_answer_that_comes_too_late(easypost: EasyPostStandIn, at_easypost: EasyPostCarrier) -> None:
    easypost.faults.append(Fault("POST /v2/shipments/shp_1/buy", "late"))
    hasty = EasyPostCarrier("EZTK1", f"{easypost.url}/v2", timeout=IMPATIENCE)
    with pytest.raises(Unavailable):
        await hasty.buy_return_label(label_order(), KEY)
    label = await at_easypost.buy_return_label(label_order(), KEY)
    assert [shipment["tracking_code"] for shipment in easypost.shipments] == [label.tracking_code]


async def test_a_label_that_an_earlier_try_paid_for_meanwhile(
    easypost: EasyPostStandIn, at_easypost: EasyPostCarrier
) -> None:
    label = await at_easypost.buy_return_label(label_order(), KEY)
    kept, easypost.shipments[0]["postage_label"] = easypost.shipments[0]["postage_label"], None
    easypost.bought_meanwhile = kept
    assert await at_easypost.buy_return_label(label_order(), KEY) == label


@pytest.mark.parametrize(("said", "wait"), [("3", timedelta(seconds=3)), ("soon", None), (None, None)])
async def test_too_many_calls_wait_as_long_as_easypost_says(
    easypost: EasyPostStandIn, at_easypost: EasyPostCarrier, said: str | None, wait: timedelta | None
) -> None:
    easypost.faults.append(Fault("POST /v2/shipments", "busy", {"Retry-After": said} if said else {}))
    with pytest.raises(Busy) as busy:
        await at_easypost.buy_return_label(label_order(), KEY)
    assert busy.value.retry_after == wait


async def test_no_carrier_takes_the_parcel(easypost: EasyPostStandIn, at_easypost: EasyPostCarrier) -> None:
    easypost.rates = {}
    with pytest.raises(Declined, match="no carrier takes the parcel") as refused:
        await at_easypost.buy_return_label(label_order(), KEY)
    assert refused.value.code == "no_rates"


async def test_many_calls_at_once(easypost: EasyPostStandIn, at_easypost: EasyPostCarrier) -> None:
    labels = await asyncio.gather(*(at_easypost.buy_return_label(label_order(), f"k{n}") for n in range(12)))
    assert len({label.tracking_code for label in labels}) == len(easypost.shipments) == 12


async def test_a_label_is_voided_once_and_for_all(easypost: EasyPostStandIn, at_easypost: EasyPostCarrier) -> None:
    assert not await at_easypost.void_label(KEY)
    await at_easypost.buy_return_label(label_order(), KEY)
    assert await at_easypost.void_label(KEY)
    assert await at_easypost.void_label(KEY)
    assert len(easypost.sent("POST", "/v2/shipments/shp_1/refund")) == 1
    assert easypost.shipments[0]["refund_status"] == "submitted"


async def test_a_shipment_that_was_never_paid_for_has_no_label(
    easypost: EasyPostStandIn, at_easypost: EasyPostCarrier
) -> None:
    easypost.faults.append(Fault("POST /v2/shipments/shp_1/buy", "before"))
    with pytest.raises(Unavailable):
        await at_easypost.buy_return_label(label_order(), KEY)
    assert not await at_easypost.void_label(KEY)


async def test_a_scanned_label_cannot_be_voided(easypost: EasyPostStandIn, at_easypost: EasyPostCarrier) -> None:
    label = await at_easypost.buy_return_label(label_order(), KEY)
    easypost.scan(label.tracking_code)
    with pytest.raises(Declined) as refused:
        await at_easypost.void_label(KEY)
    assert refused.value.code == "already_used"
    assert easypost.shipments[0]["refund_status"] is None


async def test_a_young_label_is_voided_later(easypost: EasyPostStandIn, at_easypost: EasyPostCarrier) -> None:
    await at_easypost.buy_return_label(label_order(), KEY)
    easypost.refund_status = "rejected"
    with pytest.raises(Unavailable):
        await at_easypost.void_label(KEY)
    easypost.refund_status = "not_applicable"
    assert await at_easypost.void_label(KEY)


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Asia/Tokyo"])
async def test_windows_are_offered_for_days_of_work(at_easypost: EasyPostCarrier, zone: str) -> None:
    # A Friday evening in Springfield; there is no van on Sunday.
    after = datetime(2026, 11, 27, 23, 0, tzinfo=ZoneInfo(zone))
    slots = await at_easypost.pickup_slots(label_order(), after)
    assert [slot.start.day for slot in slots] == [28, 28, 30, 30, 1, 1]
    assert all(slot.start > after and slot.start < slot.end and slot.start.tzinfo == after.tzinfo for slot in slots)


async def test_a_pickup_is_booked_once(easypost: EasyPostStandIn, at_easypost: EasyPostCarrier) -> None:
    booking = await at_easypost.book_pickup(label_order(), SLOT, KEY, NOW)
    assert (booking.start, booking.end) == (SLOT.start, SLOT.end)
    assert await at_easypost.book_pickup(label_order(), SLOT, KEY, NOW) == booking
    assert [pickup["status"] for pickup in easypost.pickups] == ["scheduled"]
    pickup = easypost.pickups[0]
    assert pickup["shipment"]["id"] == booking.shipment_id
    assert pickup["address"]["street1"] == "1 Main St"
    assert datetime.fromisoformat(pickup["min_datetime"]) == SLOT.start
    assert await at_easypost.void_label(KEY)
    assert pickup["status"] == "canceled"
    assert easypost.shipments[0]["refund_status"] == "submitted"


@pytest.mark.parametrize(
    ("path", "kind"), _unclear("POST /v2/pickups", "POST /v2/pickups/pickup_3/buy", "GET /v2/pickups")
)
async def test_after_an_unclear_answer_no_second_pickup_is_booked(
    easypost: EasyPostStandIn, at_easypost: EasyPostCarrier, path: str, kind: FaultKind
) -> None:
    easypost.faults.append(Fault(path, kind))
    with pytest.raises(Unavailable):
        await at_easypost.book_pickup(label_order(), SLOT, KEY, NOW)
    booking = await at_easypost.book_pickup(label_order(), SLOT, KEY, NOW)
    assert [pickup["status"] for pickup in easypost.pickups] == ["scheduled"]
    assert [shipment["id"] for shipment in easypost.shipments] == [booking.shipment_id]


async def test_a_window_without_a_van_leaves_nothing_behind(
    easypost: EasyPostStandIn, at_easypost: EasyPostCarrier
) -> None:
    easypost.van_comes = False
    for _ in range(2):
        with pytest.raises(Declined, match="does not come at that time") as refused:
            await at_easypost.book_pickup(label_order(), SLOT, KEY, NOW)
        assert refused.value.code == "slot_unavailable"
    assert [shipment["refund_status"] for shipment in easypost.shipments] == ["submitted"]


async def test_a_window_that_has_begun_is_not_asked_for(
    easypost: EasyPostStandIn, at_easypost: EasyPostCarrier
) -> None:
    with pytest.raises(Declined) as refused:
        await at_easypost.book_pickup(label_order(), SLOT, KEY, SLOT.start)
    assert refused.value.code == "slot_unavailable"
    assert not easypost.requests


async def test_a_drop_off_code_is_made_once(easypost: EasyPostStandIn, at_easypost: EasyPostCarrier) -> None:
    code = await at_easypost.create_drop_off_code(label_order(), KEY)
    assert await at_easypost.create_drop_off_code(label_order(), KEY) == code
    assert code.code == code.tracking_code
    assert list(code.points) == await at_easypost.drop_off_points(label_order())
    assert len(easypost.sent("POST", "/v2/shipments/shp_1/forms")) == 1
    file = await at_easypost.label_file(code.tracking_code)
    assert file == LabelFile("drop-off-code.png", "image/png", PNG)
    assert await at_easypost.void_label(KEY)


async def test_the_label_is_a_pdf(easypost: EasyPostStandIn, at_easypost: EasyPostCarrier) -> None:
    label = await at_easypost.buy_return_label(label_order(), KEY)
    assert await at_easypost.label_file(label.tracking_code) == LabelFile("return-label.pdf", "application/pdf", PDF)


async def test_a_label_of_another_kind_is_converted(easypost: EasyPostStandIn, at_easypost: EasyPostCarrier) -> None:
    easypost.label_type = "image/png"
    label = await at_easypost.buy_return_label(label_order(), KEY)
    for _ in range(2):
        assert (await at_easypost.label_file(label.tracking_code)).content == PDF
    assert len(easypost.sent("GET", "/v2/shipments/shp_1/label")) == 1
    assert easypost.sent("GET", "/files/converted.pdf")


@pytest.mark.parametrize(
    ("kind", "error"), [("busy", Busy), ("down", Unavailable), ("before", Unavailable), ("conflict", Declined)]
)
async def test_a_label_that_cannot_be_had(
    easypost: EasyPostStandIn, at_easypost: EasyPostCarrier, kind: FaultKind, error: type[Exception]
) -> None:
    label = await at_easypost.buy_return_label(label_order(), KEY)
    easypost.faults.append(Fault("GET /files", kind))
    with pytest.raises(error):
        await at_easypost.label_file(label.tracking_code)


async def test_an_unknown_tracking_code_has_no_label(at_easypost: EasyPostCarrier) -> None:
    with pytest.raises(Declined) as refused:
        await at_easypost.label_file("9400")
    assert refused.value.code == "not_found"


async def test_a_loss_is_claimed_once_for_each_key(easypost: EasyPostStandIn, at_easypost: EasyPostCarrier) -> None:
    loss = Loss("9400", 4033, "USD")
    first = await at_easypost.file_claim(loss, "return-R-1/claim")
    for number in range(3):
        await at_easypost.file_claim(replace(loss, tracking_code=f"9500{number}"), f"k{number}")
    assert await at_easypost.file_claim(loss, "return-R-1/claim") == first
    assert len(easypost.claims) == 4
    assert (easypost.claims[0]["type"], easypost.claims[0]["amount"]) == ("loss", "40.33")


async def test_claims_are_in_dollars(easypost: EasyPostStandIn, at_easypost: EasyPostCarrier) -> None:
    with pytest.raises(Declined) as refused:
        await at_easypost.file_claim(Loss("9400", 4033, "EUR"), KEY)
    assert refused.value.code == "currency_mismatch"
    assert not easypost.requests


async def test_nobody_listens() -> None:
    carrier = EasyPostCarrier("EZTK1", "http://127.0.0.1:9/v2", timeout=IMPATIENCE)
    with pytest.raises(Unavailable):
        await carrier.void_label(KEY)


async def test_an_order_that_easypost_refuses(easypost: EasyPostStandIn, at_easypost: EasyPostCarrier) -> None:
    easypost.refused = "PARAMETER.INVALID"
    with pytest.raises(Declined) as refused:
        await at_easypost.buy_return_label(label_order(), KEY)
    assert refused.value.code == "PARAMETER.INVALID"


async def test_a_try_that_was_abandoned_buys_nothing_any_more() -> None:
    """Its time was over while the shipment was made: the next try makes and buys one of its own."""

    class Slow(EasyPostStandIn):
        def answer(self, request: Request) -> Json | bytes:
            answered = super().answer(request)
            if (request.method, request.path) == ("POST", "/v2/shipments") and len(self.shipments) == 1:
                time.sleep(0.5)
            return answered

    slow = Slow()
    with slow.running():
        carrier = EasyPostCarrier("EZTK1", f"{slow.url}/v2", timeout=PATIENCE)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(carrier.buy_return_label(label_order(), KEY), 0.2)
        slow.shipments[0]["reference"] = "not to be found yet"
        label = await carrier.buy_return_label(label_order(), KEY)
        await asyncio.sleep(0.6)
        assert [shipment["tracking_code"] for shipment in slow.shipments] == [None, label.tracking_code]


async def test_what_is_whole_is_found_and_nothing_else(easypost: EasyPostStandIn, at_easypost: EasyPostCarrier) -> None:
    order = label_order()
    parcel = OutboundOrder("R-1", order.sender, order.to, (("SHOE-42", 1),))
    easypost.faults.append(Fault("POST /v2/shipments/shp_1/buy", "before"))
    with pytest.raises(Unavailable):
        await at_easypost.buy_return_label(order, KEY)
    assert await at_easypost.find_label(order, KEY) is None  # made, and not paid for
    label = await at_easypost.buy_return_label(order, KEY)
    assert await at_easypost.find_label(order, KEY) == label
    assert await at_easypost.find_pickup(order, KEY) is None
    assert await at_easypost.find_drop_off_code(order, KEY) is None
    booking = await at_easypost.book_pickup(order, SLOT, "pickup", NOW)
    assert await at_easypost.find_pickup(order, "pickup") == booking
    code = await at_easypost.create_drop_off_code(order, "code")
    assert await at_easypost.find_drop_off_code(order, "code") == code
    sent = await at_easypost.ship(parcel, "parcel")
    assert await at_easypost.find_shipment("parcel") == sent
    assert await at_easypost.find_claim("claim") is None
    claim = await at_easypost.file_claim(Loss("9400", 100, "USD"), "claim")
    assert await at_easypost.find_claim("claim") == claim
