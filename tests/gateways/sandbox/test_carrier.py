"""The built-in carrier: labels, scans, voids, and a PDF one can print."""

import asyncio
import unicodedata
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis.strategies import text
from pypdf import PdfReader
from sqlalchemy import select

from gateways.carrier.protocol import LabelFile, Loss
from gateways.database.engine import Database, rows_of
from gateways.errors import Busy, Declined, GatewayError, Unavailable
from gateways.sandbox import label_text
from gateways.sandbox.carrier import SandboxCarrier
from gateways.sandbox.tables import sandbox_shipments
from lifecycle.contract.messages import TrackingStatus
from tests.gateways.partner_requests import NOW, label_order


@pytest.fixture
def carrier(database: Database) -> SandboxCarrier:
    return SandboxCarrier(database)


async def test_twenty_calls_over_four_keys_buy_four_labels(database: Database, other: Database) -> None:
    both = [SandboxCarrier(database), SandboxCarrier(other)]
    labels = await asyncio.gather(
        *(both[number % 2].buy_return_label(label_order(), f"k{number % 4}") for number in range(20))
    )
    assert len({label.shipment_id for label in labels}) == 4
    assert len({label.tracking_code for label in labels}) == 4
    assert labels[:4] * 5 == labels


async def test_the_same_key_with_another_sender_is_refused(carrier: SandboxCarrier) -> None:
    await carrier.buy_return_label(label_order(), "k1")
    with pytest.raises(Declined) as refused:
        await carrier.buy_return_label(label_order(name="Somebody Else"), "k1")
    assert refused.value.code == "idempotency_key_reused"


async def test_the_label_is_a_pdf_with_code_return_and_addresses(carrier: SandboxCarrier) -> None:
    label = await carrier.buy_return_label(label_order(line2="Flat 3"), "k1")
    assert label.label_url == "/v1/returns/R-1/label"
    file = await carrier.label_file(label.tracking_code)
    assert (file.filename, file.media_type) == ("return-label.pdf", "application/pdf")
    text = _printed(file)
    for printed in (label.tracking_code, "R-1", "Sample Customer", "1 Main St", "Flat 3", "9 Dock Road"):
        assert printed in text


@pytest.mark.parametrize(
    "name", ["Łukasz Żółć", "Çağlar Øyvind", "Иван Жуков", "Αθηνά", "東京 太郎", "王小明", "陳怡君", "김민준"]
)
async def test_a_name_in_many_scripts_is_printed(carrier: SandboxCarrier, name: str) -> None:
    label = await carrier.buy_return_label(label_order(name=name), "k1")
    text = _printed(await carrier.label_file(label.tracking_code))
    # Fonts change within a name, and a letter without a glyph is printed without its mark.
    printed = "".join(text.split())
    assert _plain(name) in _plain(printed)
    assert "?" not in printed


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("محمد علي", "mhmd `ly"),
        ("\u200fיוסי כהן", "yvsy khhn"),  # noqa: RUF001 - Hebrew
        ("สมชาย ใจดี", "smchay aichdi"),
        ("राजेश कुमार", "rajes kumar"),
        ("አበበ", "'abebe"),
        ("Anna 😀🎉 Müller", "Anna Müller"),
        ("👩🏽\u200d🔧 Li 🇩🇪", "Li"),
        ("Ngô Văn Đức علي", "Ngô Văn Duc `ly"),
        ("ﷺ", "salla Allah `alayhi wa-sallam"),
        ("1️⃣ Main", "1 Main"),
        ("عمر " + "x" * 190, "`mr " + "x" * 190),
    ],
)
async def test_what_no_font_has_is_printed_in_latin_letters_and_emoji_as_nothing(
    carrier: SandboxCarrier, name: str, expected: str
) -> None:
    label = await carrier.buy_return_label(label_order(name=name), "k1")
    text = _printed(await carrier.label_file(label.tracking_code))
    assert _plain(expected) in _plain(text)
    assert "?" not in text


async def test_a_line_of_emoji_alone_takes_no_place(carrier: SandboxCarrier) -> None:
    label = await carrier.buy_return_label(label_order(name="😀🎉", line2="👋🏽"), "k1")
    lines = _printed(await carrier.label_file(label.tracking_code)).splitlines()
    assert lines[lines.index("FROM") + 1] == "1 Main St"
    assert lines[lines.index("FROM") + 2].startswith("Springfield")


@given(text())
def test_whatever_a_line_holds_can_be_drawn(line: str) -> None:
    drawn = label_text.printed(line)
    assert drawn == label_text.printed(drawn) == drawn.strip()
    assert drawn.isprintable()
    assert "?" not in drawn or any("?" in unicodedata.normalize("NFKD", character) for character in line)


def _printed(file: LabelFile) -> str:
    [page] = PdfReader(BytesIO(file.content)).pages
    return str(page.extract_text())


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in letters if not unicodedata.combining(letter) and not letter.isspace())


async def test_an_unknown_tracking_code_has_no_label(carrier: SandboxCarrier) -> None:
    with pytest.raises(Declined):
        await carrier.label_file("HW000")


async def test_a_label_is_voided_once_and_for_all(carrier: SandboxCarrier) -> None:
    assert not await carrier.void_label("k1")
    await carrier.buy_return_label(label_order(), "k1")
    assert await carrier.void_label("k1")
    assert await carrier.void_label("k1")


async def test_a_scanned_label_cannot_be_voided(carrier: SandboxCarrier) -> None:
    label = await carrier.buy_return_label(label_order(), "k1")
    event = await carrier.scan(label.tracking_code, TrackingStatus.ACCEPTED, NOW)
    assert (event.tracking_code, event.status, event.at) == (label.tracking_code, TrackingStatus.ACCEPTED, NOW)
    with pytest.raises(Declined):
        await carrier.void_label("k1")


async def test_each_scan_is_an_event_of_its_own(carrier: SandboxCarrier) -> None:
    label = await carrier.buy_return_label(label_order(), "k1")
    events = [await carrier.scan(label.tracking_code, status, NOW) for status in TrackingStatus]
    assert len({event.event_id for event in events}) == len(TrackingStatus)


@pytest.mark.parametrize(
    ("word", "error"),
    [("before", Unavailable), ("after", Unavailable), ("busy", Busy), ("down", Unavailable), ("refused", Declined)],
)
async def test_a_fault_word_in_the_address(carrier: SandboxCarrier, word: str, error: type[GatewayError]) -> None:
    order = label_order(line2=f"fault:{word}:2")
    for _ in range(2):
        with pytest.raises(error):
            await carrier.buy_return_label(order, "k1")
    bought = await carrier.buy_return_label(order, "k1")
    assert await carrier.buy_return_label(order, "k1") == bought
    # Voiding is an effect of its own, with its own count.
    for _ in range(2):
        with pytest.raises(error):
            await carrier.void_label("k1")
    assert await carrier.void_label("k1")


@pytest.mark.parametrize(("word", "labels"), [("before", 0), ("after", 1), ("down", 0), ("refused", 0)])
async def test_only_a_lost_answer_leaves_a_label_behind(
    carrier: SandboxCarrier, database: Database, word: str, labels: int
) -> None:
    for _ in range(2):
        with pytest.raises(GatewayError):
            await carrier.buy_return_label(label_order(line2=f"fault:{word}"), "k1")
    assert len(await rows_of(database, select(sandbox_shipments))) == labels


async def test_a_loss_is_claimed_once_for_each_key(database: Database) -> None:
    carrier = SandboxCarrier(database)
    loss = Loss("HW1", 4000, "USD")
    first = await carrier.file_claim(loss, "k1")
    assert await carrier.file_claim(loss, "k1") == first
    assert await carrier.file_claim(loss, "k2") != first
