"""The built-in carrier's other ways: pickups, drop-off codes, and parcels to the customer."""

import asyncio
import struct
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta, timezone
from io import BytesIO
from typing import Any

import pytest
import segno
from pypdf import PdfReader
from sqlalchemy import select

from gateways.database.engine import Database, rows_of
from gateways.errors import Busy, Declined, GatewayError, Unavailable
from gateways.sandbox.carrier import SandboxCarrier
from gateways.sandbox.tables import sandbox_shipments
from lifecycle.contract.messages import TrackingStatus
from lifecycle.contract.times import TimeWindow
from tests.gateways.partner_requests import NOW, label_order, outbound_order

_EAST = timezone(timedelta(hours=-5))
Made = Callable[[SandboxCarrier, str, str | None], Awaitable[Any]]


@pytest.fixture
def carrier(database: Database) -> SandboxCarrier:
    return SandboxCarrier(database)


def _slot(day: int = 25, first: int = 10, last: int = 13) -> TimeWindow:
    """A window of November 2026; 24 is the Tuesday that the tests live on."""
    start, end = (datetime(2026, 11, day, hour, tzinfo=_EAST) for hour in (first, last))
    return TimeWindow(start=start, end=end)


async def _label(carrier: SandboxCarrier, key: str, line2: str | None) -> Any:
    return await carrier.buy_return_label(label_order(line2=line2), key)


async def _pickup(carrier: SandboxCarrier, key: str, line2: str | None) -> Any:
    return await carrier.book_pickup(label_order(line2=line2), _slot(), key, NOW)


async def _code(carrier: SandboxCarrier, key: str, line2: str | None) -> Any:
    return await carrier.create_drop_off_code(label_order(line2=line2), key)


async def _shipment(carrier: SandboxCarrier, key: str, line2: str | None) -> Any:
    return await carrier.ship(outbound_order(line2), key)


ALL = pytest.mark.parametrize("make", [_label, _pickup, _code, _shipment])


@ALL
async def test_repeats_at_once_make_one_for_each_key(make: Made, database: Database, other: Database) -> None:
    both = [SandboxCarrier(database), SandboxCarrier(other)]
    made = await asyncio.gather(*(make(both[number % 2], f"k{number % 3}", None) for number in range(12)))
    assert len({one.tracking_code for one in made}) == len({one.shipment_id for one in made}) == 3
    assert made == made[:3] * 4


@ALL
async def test_what_was_made_can_be_voided_until_it_is_scanned(make: Made, carrier: SandboxCarrier) -> None:
    assert not await carrier.void_label("k1")
    await make(carrier, "k1", None)
    assert await carrier.void_label("k1")
    assert await carrier.void_label("k1")
    scanned = await make(carrier, "k2", None)
    await carrier.scan(scanned.tracking_code, TrackingStatus.ACCEPTED, NOW)
    with pytest.raises(Declined) as refused:
        await carrier.void_label("k2")
    assert refused.value.code == "already_used"


@ALL
@pytest.mark.parametrize(
    ("word", "error", "left"),
    [
        ("before", Unavailable, 0),
        ("after", Unavailable, 1),
        ("busy", Busy, 0),
        ("down", Unavailable, 0),
        ("refused", Declined, 0),
    ],
)
async def test_a_fault_word_in_the_customers_address(
    make: Made, carrier: SandboxCarrier, database: Database, word: str, error: type[GatewayError], left: int
) -> None:
    for _ in range(2):
        with pytest.raises(error):
            await make(carrier, "k1", f"fault:{word}:2")
        assert len(await rows_of(database, select(sandbox_shipments))) == left
    assert await make(carrier, "k1", f"fault:{word}:2") == await make(carrier, "k1", f"fault:{word}:2")
    with pytest.raises(error):
        await carrier.void_label("k1")


@pytest.mark.parametrize("make", [_pickup, _code, _shipment])
async def test_a_key_is_for_one_kind_of_thing(make: Made, carrier: SandboxCarrier) -> None:
    await _label(carrier, "k1", None)
    with pytest.raises(Declined) as refused:
        await make(carrier, "k1", None)
    assert refused.value.code == "idempotency_key_reused"


@pytest.mark.parametrize("hours", range(0, 24 * 8, 5))
async def test_windows_are_offered_on_the_next_days_but_sundays(carrier: SandboxCarrier, hours: int) -> None:
    after = NOW + timedelta(hours=hours)
    slots = await carrier.pickup_slots(label_order(), after)
    starts = [slot.start for slot in slots]
    assert len(slots) >= 4
    assert starts == sorted(set(starts))
    assert all(after < slot.start < slot.end for slot in slots)
    days = {start.astimezone(_EAST).date() for start in starts}
    assert len(days) == 3
    assert all(day.weekday() != 6 for day in days)
    # Each of them can be had.
    for number, slot in enumerate(slots):
        await carrier.book_pickup(label_order(), slot, f"k{number}", after)


async def test_a_booking_names_label_and_window(carrier: SandboxCarrier) -> None:
    slot = _slot()
    booking = await carrier.book_pickup(label_order(), slot, "k1", NOW)
    assert (booking.start, booking.end, booking.label_url) == (slot.start, slot.end, "/v1/returns/R-1/label")
    file = await carrier.label_file(booking.tracking_code)
    assert (file.filename, file.media_type) == ("return-label.pdf", "application/pdf")


@pytest.mark.parametrize(
    "slot",
    [
        _slot(first=11, last=13),
        _slot(first=10, last=14),
        _slot(first=14, last=13),
        _slot(day=29),
        _slot(day=23),
        TimeWindow(start=_slot(25).start, end=_slot(26).end),
    ],
)
async def test_a_window_that_is_not_offered_is_refused(carrier: SandboxCarrier, slot: TimeWindow) -> None:
    with pytest.raises(Declined) as refused:
        await carrier.book_pickup(label_order(), slot, "k1", NOW)
    assert refused.value.code == "slot_unavailable"
    assert not await carrier.void_label("k1")


async def test_a_window_is_offered_from_14_days_before_until_it_begins(carrier: SandboxCarrier) -> None:
    slot, second = _slot(), timedelta(seconds=1)
    first = slot.start - timedelta(days=14)
    for refused in (first - second, slot.start):
        with pytest.raises(Declined):
            await carrier.book_pickup(label_order(), slot, "k1", refused)
    await carrier.book_pickup(label_order(), slot, "early", first)
    booked = await carrier.book_pickup(label_order(), slot, "k1", slot.start - second)
    # A lost answer is asked for again, even after the van has come.
    assert await carrier.book_pickup(label_order(), slot, "k1", slot.end) == booked


async def test_the_same_key_with_another_window_is_refused(carrier: SandboxCarrier) -> None:
    await carrier.book_pickup(label_order(), _slot(), "k1", NOW)
    with pytest.raises(Declined) as refused:
        await carrier.book_pickup(label_order(), _slot(first=14, last=17), "k1", NOW)
    assert refused.value.code == "idempotency_key_reused"


async def test_points_are_in_the_customers_city(carrier: SandboxCarrier) -> None:
    points = await carrier.drop_off_points(label_order())
    assert len(points) >= 3
    assert len({point.point_id for point in points}) == len(points)
    assert {(point.city, point.postal_code, point.country) for point in points} == {("Springfield", "62701", "US")}
    assert all(point.name and point.line1 and point.hours for point in points)
    code = await carrier.create_drop_off_code(label_order(), "k1")
    assert list(code.points) == points


@pytest.mark.parametrize(("word", "error"), [("down", Unavailable), ("busy", Busy), ("refused", Declined)])
async def test_a_partner_that_is_down_offers_nothing(
    carrier: SandboxCarrier, word: str, error: type[GatewayError]
) -> None:
    order = label_order(line2=f"fault:{word}:1")
    with pytest.raises(error):
        await carrier.pickup_slots(order, NOW)
    with pytest.raises(error):
        await carrier.drop_off_points(order)
    assert await carrier.pickup_slots(order, NOW)
    assert await carrier.drop_off_points(order)


async def test_the_code_is_a_png_that_shows_it(carrier: SandboxCarrier) -> None:
    made = await carrier.create_drop_off_code(label_order(), "k1")
    file = await carrier.label_file(made.tracking_code)
    assert (file.filename, file.media_type) == ("drop-off-code.png", "image/png")
    assert file.content.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", file.content[16:24])
    assert width == height >= 200
    again = BytesIO()
    segno.make(made.code, error="q", micro=False).save(again, kind="png", scale=8)
    assert file.content == again.getvalue()


async def test_a_parcel_to_the_customer_has_a_label_of_its_own(carrier: SandboxCarrier) -> None:
    shipment = await carrier.ship(outbound_order(), "k1")
    file = await carrier.label_file(shipment.tracking_code)
    text = PdfReader(BytesIO(file.content)).pages[0].extract_text()
    assert file.filename == "shipping-label.pdf"
    assert "FROM THE SHOP" in text
    assert text.index("9 Dock Road") < text.index("1 Main St")
    with pytest.raises(Declined) as refused:
        await carrier.ship(outbound_order(None, ("SHOE-42", 2)), "k1")
    assert refused.value.code == "idempotency_key_reused"


async def test_what_was_made_is_found_by_its_key_and_its_kind(carrier: SandboxCarrier) -> None:
    """Whatever is asked for now: the shop may have moved meanwhile."""
    now = label_order(line2="another door")
    find = {
        _label: lambda key: carrier.find_label(now, key),
        _pickup: lambda key: carrier.find_pickup(now, key),
        _code: lambda key: carrier.find_drop_off_code(now, key),
        _shipment: carrier.find_shipment,
    }
    for number, make in enumerate(find):
        made = await make(carrier, f"k{number}", None)
        assert [await ask(f"k{number}") for ask in find.values()] == [made if one is make else None for one in find]
        assert await find[make]("another") is None
