"""What the warehouse's forms come to, whatever is sent, and however often."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from gateways.database.lookup import keep_codes
from lifecycle.contract.messages import ReceiptUnits
from lifecycle.contract.statuses import Status
from lifecycle.contract.view import Reception
from starter.demo.story import Stage
from starter.local.up import Ready
from starter.portal.warehouse.amounts import minor_units
from tests.portal.desk import Desk, desk_at
from tests.workflows.returns.play import Play

_ONE = [{"line_id": "1", "quantity": 1, "reason": "unwanted"}]
_TWO = [{"line_id": "1", "quantity": 2, "reason": "unwanted"}]


def _line(**changes: Any) -> dict[str, Any]:
    return {"line_id": "1", "sku": "PHONE", "title": "Phone", "quantity": 2, "unit_price": 4000} | changes


@pytest.fixture
async def desk(ready: Ready) -> AsyncIterator[Desk]:
    """Sam at the table."""
    async with desk_at(ready.api) as desk:
        yield await desk.sign_in()


async def _labelled(play: Play) -> str:
    await play.start()
    return (await play.view()).handover.tracking_code or ""


async def test_a_partial_receipt_and_later_the_rest(desk: Desk, play: Callable[..., Play]) -> None:
    two = play(items=_TWO)
    code = await _labelled(two)
    await desk.scan(code)
    await desk.send("/returns/", pieces=1, do="record")
    assert desk.path.endswith("/grade")
    assert (await two.view()).status is Status.PARTIALLY_RECEIVED
    # The next parcel comes first: one is awaited, and one waits for its grade since yesterday.
    await desk.scan(code)
    assert "of 1 awaited" in desk.answer.text
    await desk.send("/returns/", do="all")
    await desk.send("/returns/", do="record")
    await desk.send("/grade", **{"verdict:1-1": "A", "verdict:1-2": "D"})
    assert "2 of 2 units are here." in desk.answer.text
    assert [unit.grade for unit in (await two.until(Status.REFUNDED)).units] == ["A", "D"]


async def test_a_grade_can_be_changed_until_it_is_paid(desk: Desk, play: Callable[..., Play]) -> None:
    two = play(items=_TWO)
    await two.start()
    await two.receipt(ReceiptUnits(line_id="1"), complete=False)
    for grade, shown in (("A", "2 Grade (1)"), ("C", "Graded A")):
        await desk.open(f"/warehouse/returns/{two.return_id}/grade")
        assert shown in desk.answer.text
        await desk.send("/grade", **{"verdict:1-1": grade})
    assert [unit.grade for unit in (await two.view()).units] == ["C", None]


async def test_every_form_sent_twice_is_taken_once(desk: Desk, play: Callable[..., Play]) -> None:
    one = play(items=_TWO)
    await desk.scan(await _labelled(one))
    count = desk.form("/returns/").with_(pieces=1, do="record")
    path = desk.path
    first, second = await desk.post(path, count), await desk.post(path, count)
    assert (first.url.path, first.status_code) == (second.url.path, second.status_code) == (f"{path}/grade", 200)
    desk.answer = first
    grade = desk.form("/grade").with_(**{"verdict:1-1": "B"})
    answers = [await desk.post(f"{path}/grade", grade) for _ in range(2)]
    assert ["is recorded" in answer.text for answer in answers] == [True, True]
    view = await one.view()
    assert [unit.reception for unit in view.units] == [Reception.RECEIVED, Reception.AWAITING]
    assert [entry.event for entry in view.timeline].count("inspected") == 1


async def test_data_that_was_wiped_lets_the_unit_go_to_its_shelf(desk: Desk, play: Callable[..., Play]) -> None:
    phone = play(lines=[_line(holds_personal_data=True)], items=_TWO)
    await phone.start()
    await phone.receipt(ReceiptUnits(line_id="1", quantity=2))
    await desk.scan(phone.return_id)
    grades = {"verdict:1-1": "A", "verdict:1-2": "A", "wipe:1-1": "Factory reset"}
    await desk.send("/grade", **grades)
    assert "1 unit stays here until its data is wiped." in desk.answer.text
    wiped = [unit.wiped and unit.wiped["by"] for unit in (await phone.view()).units]
    assert wiped == ["Sam", None]
    await phone.until(Status.REFUNDED)
    await desk.open(f"/warehouse/returns/{phone.return_id}/grade")
    again = desk.form("/grade").with_(**{"wipe:1-2": "Storage removed"})
    for _ in range(2):
        assert "is recorded" in (await desk.post(desk.path, again)).text
    assert await phone.stock() == {("main", "A"): 2}


async def test_a_count_that_cannot_be_meant_records_nothing(desk: Desk, play: Callable[..., Play]) -> None:
    one = play(items=_ONE)
    await one.start()
    wrong: list[tuple[dict[str, str], str]] = [
        ({"do": "record", "pieces": "many"}, "Please check the number of Trail shoe"),
        ({"do": "record", "pieces": "-1"}, "Please check the number"),
        ({"do": "record", "pieces": "1001"}, "Please check the number"),
        ({"do": "record"}, "Is the parcel empty?"),
        ({"do": "extra", "extra_of": "", "what": ""}, "Please say what it is"),
        ({"do": "plus:no-such-line"}, "In the parcel"),
        ({"do": "nonsense"}, "In the parcel"),
        ({"code": ""}, "Nothing was scanned."),
        ({"code": "R\x00-\x1b!"}, "belongs to nothing that this return expects"),
        ({"do": "record", "pieces": "1", "unknown": "X-1"}, "Please say first what the scanned code is"),
        ({"do": "record", "pieces": "1", "receipt_id": ""}, "wrong form"),
    ]
    for sent, said in wrong:
        await desk.open(f"/warehouse/returns/{one.return_id}")
        await desk.send("/returns/", **sent)
        assert said in desk.answer.text, sent
    assert "received" not in await one.events()


async def test_an_empty_parcel_is_recorded_once_somebody_says_so(desk: Desk, play: Callable[..., Play]) -> None:
    one = play(items=_ONE)
    await desk.scan(await _labelled(one))
    await desk.send("/returns/", complete="yes", note="cut open", do="empty")
    assert "0 of 1 units are here." in desk.answer.text
    assert "A step waits for an operator: an empty parcel" in desk.answer.text
    view = await one.view()
    assert [unit.reception for unit in view.units] == [Reception.MISSING]
    assert view.attention is not None
    assert (view.attention.step, view.attention.note) == ("empty_parcel", "cut open")


async def test_a_verdict_that_cannot_be_meant_records_nothing(desk: Desk, play: Callable[..., Play]) -> None:
    one = play(items=_ONE)
    await one.start()
    await one.receipt(ReceiptUnits(line_id="1"))
    wrong: list[tuple[dict[str, str], str]] = [
        ({}, "No unit was graded."),
        ({"verdict:1-1": "E"}, "Please choose A, B, C or D"),
        ({"verdict:1-1": "reject"}, "Please note why it is rejected."),
        ({"verdict:1-1": "reject", "note:1-1": "Worn", "goes:1-1": "restock"}, "A rejected unit goes back"),
        ({"verdict:1-1": "A", "goes:1-1": "return_to_customer"}, "An accepted unit stays"),
        ({"verdict:1-1": "A", "goes:1-1": "return_to_supplier"}, "It cannot go there."),
    ]
    for sent, said in wrong:
        await desk.open(f"/warehouse/returns/{one.return_id}/grade")
        await desk.send("/grade", **sent)
        assert (desk.answer.status_code, said in desk.answer.text) == (422, True), said
    assert "inspected" not in await one.events()


async def test_a_return_that_takes_nothing_says_why_and_what_to_do(desk: Desk, play: Callable[..., Play]) -> None:
    reviewed = play(lines=[_line(unit_price=60_000)])
    await reviewed.start(until=Status.IN_REVIEW)
    await desk.scan(reviewed.return_id)
    assert "This return has to be approved first" in desk.answer.text
    # The page was open when it was declined.
    await reviewed.approve()
    await desk.open(f"/warehouse/returns/{reviewed.return_id}")
    form = desk.form("/returns/").with_(pieces=1, do="record")
    other = play(lines=[_line(unit_price=60_000)])
    await other.start(until=Status.IN_REVIEW)
    answer = await desk.post(f"/warehouse/returns/{other.return_id}", form)
    assert answer.status_code == 409
    assert "the return is in review" in answer.text
    assert 'name="pieces" value="1"' in answer.text


async def test_a_paid_unit_keeps_its_grade_and_the_page_says_so(desk: Desk, play: Callable[..., Play]) -> None:
    one = play(items=_ONE)
    await one.start()
    await one.receipt(ReceiptUnits(line_id="1"))
    await desk.open(f"/warehouse/returns/{one.return_id}/grade")
    form = desk.form("/grade").with_(**{"verdict:1-1": "D"})
    await one.inspect()
    await one.until(Status.REFUNDED)
    answer = await desk.post(f"/warehouse/returns/{one.return_id}/grade", form)
    assert answer.status_code == 409
    assert [unit.grade for unit in (await one.view()).units] == ["A"]


async def test_of_several_returns_with_a_serial_number_one_is_chosen(desk: Desk, play: Callable[..., Play]) -> None:
    both = [play(lines=[_line(serial_numbers=["SN-TWICE"])], items=_ONE) for _ in range(2)]
    for one in both:
        await one.start()
    await desk.scan("sn-twice")
    assert "Which one is it?" in desk.answer.text
    assert all(f"/warehouse/returns/{one.return_id}" in desk.answer.text for one in both)


async def test_a_unit_scanned_instead_of_its_label_is_counted_at_once(desk: Desk, play: Callable[..., Play]) -> None:
    one = play(lines=[_line(serial_numbers=["SN-FIRST"])], items=_ONE)
    await one.start()
    await desk.scan(" sn-first")
    assert 'name="pieces" value="1"' in desk.answer.text
    await desk.send("/returns/", do="record")
    assert [unit.serial_number for unit in (await one.view()).units] == ["SN-FIRST"]
    # Read again, it leads to its grade.
    await desk.scan("SN-FIRST")
    assert desk.path.endswith("/grade")


async def test_the_barcode_of_a_usps_label_is_understood(desk: Desk, play: Callable[..., Play], stage: Stage) -> None:
    one, code = play(items=_ONE), "9400100000000000000042"
    await one.start()
    await stage.db.write(lambda connection: keep_codes(connection, "parcel", [code], one.return_id))
    for scanned in (code, f"42062701{code}", f"\x1d420627010001\x1d{code}"):
        await desk.scan(scanned)
        assert desk.path == f"/warehouse/returns/{one.return_id}"
    await desk.scan(code[1:])
    assert (desk.answer.status_code, "We know no parcel" in desk.answer.text) == (404, True)


async def test_nothing_personal_is_on_the_pages(desk: Desk, play: Callable[..., Play]) -> None:
    one = play(items=_ONE, name="Sample Q. Customer")
    await desk.scan(await _labelled(one))
    pages = [desk.answer.text]
    await desk.send("/returns/", do="all")
    await desk.send("/returns/", do="record")
    pages.append(desk.answer.text)
    await desk.send("/grade", **{"verdict:1-1": "A"})
    pages.append(desk.answer.text)
    for page in pages:
        assert not [word for word in ("Sample Q", "customer@example.com", "1 Main St", "Springfield") if word in page]


@pytest.mark.parametrize(
    ("typed", "currency", "amount"),
    [
        ("45", "USD", 4500),
        ("45.5", "USD", 4550),
        ("45,50", "USD", 4550),
        (" 45.50 ", "USD", 4550),
        ("4500", "JPY", 4500),
        ("45.123", "KWD", 45123),
        ("45.123", "USD", None),
        ("4,5", "JPY", None),
        ("-1", "USD", None),
        ("1.000,00", "USD", None),
        ("1e3", "USD", None),
        ("", "USD", None),
        ("9999999999", "USD", None),
    ],
)
def test_money_is_read_in_the_currencys_own_parts(typed: str, currency: str, amount: int | None) -> None:
    assert minor_units(typed, currency) == amount
