"""What a customer typed reaches whoever reviews, grades or repairs; what the grader typed reaches the customer."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from click.testing import CliRunner, Result

from gateways.database.messages.outbox import mails_of
from lifecycle.contract.grades import Grade
from lifecycle.contract.messages import InspectedUnit, ReceiptUnits
from lifecycle.contract.statuses import Status
from starter.cli.main import main
from starter.demo.story import Stage
from starter.local.up import Ready
from tests.portal.browsing import Tab
from tests.portal.desk import Desk, desk_at
from tests.portal.visits import follow
from tests.workflows.returns.play import Play

Plays = Callable[..., Play]
_NOTE = "The left heel came off\r\non <the> second day"
_SHOWN = "The left heel came off"
_ITEMS = [{"line_id": "1", "quantity": 1, "reason": "defective", "note": _NOTE}]


@pytest.fixture
async def desk(ready: Ready) -> AsyncIterator[Desk]:
    """Sam at the table."""
    async with desk_at(ready.api) as desk:
        yield await desk.sign_in()


@pytest.fixture
def call(ready: Ready) -> Callable[..., Any]:
    """Run a command against the tests' own server."""
    environment = {"TEMPORAL_ADDRESS": ready.temporal, "HOMEWARD_DATABASE_URL": ready.database}

    async def run(*arguments: str) -> Result:
        return await asyncio.to_thread(CliRunner(env=environment).invoke, main, arguments)

    return run


async def test_the_customers_note_reaches_whoever_grades(desk: Desk, play: Plays) -> None:
    one = play(items=_ITEMS)
    await one.start()
    await one.receipt(ReceiptUnits(line_id="1"))
    await desk.open(f"/warehouse/returns/{one.return_id}/grade")
    assert "“The left heel came off\r\non &lt;the&gt; second day”" in desk.answer.text


async def test_the_customers_note_reaches_the_bench(desk: Desk, play: Plays, call: Any) -> None:
    one = play(items=_ITEMS, resolution="repair")
    await one.start()
    await one.receipt(ReceiptUnits(line_id="1"))
    await one.on_bench("1-1")
    await desk.open(f"/warehouse/bench/{one.return_id}/1-1")
    assert ("does not work" in desk.answer.text, _SHOWN in desk.answer.text) == (True, True)
    shown = await call("repair", "show", one.return_id, "1-1")
    assert ("defective" in shown.stdout, _SHOWN in shown.stdout) == (True, True)


async def test_the_customers_note_reaches_show_and_the_mail_to_the_reviewer(
    play: Plays, call: Any, stage: Stage
) -> None:
    line = {"line_id": "1", "sku": "WATCH", "title": "Watch", "quantity": 1, "unit_price": 60_000}
    one = play(lines=[line], items=_ITEMS)
    await one.start(until=Status.IN_REVIEW)
    shown = await call("show", one.return_id)
    assert (f"1 x Watch, defective: {_SHOWN}" in shown.stdout, shown.exit_code) == (True, 0)
    answer = json.loads((await call("show", one.return_id, "--json")).stdout)
    assert answer["items"] == _ITEMS
    await one.days(6)
    await one.until_mail("review_waits", "sent")
    [mail] = [mail for mail in await mails_of(stage.db, one.return_id) if mail["template"] == "review_waits"]
    assert "1 x Watch, defective:\n  > The left heel came off\n  > on <the> second day\n" in mail["text"]


async def test_nothing_of_the_note_is_shown_in_the_temporal_ui(play: Plays) -> None:
    one = play(items=_ITEMS)
    await one.start()
    await one.receipt(ReceiptUnits(line_id="1"))
    found = await one.handle.describe()
    details = await one.handle.query("__temporal_workflow_metadata")
    shown = [str(found.raw_description), str(details), (await one.view()).model_dump_json()]
    assert [text for text in shown if _SHOWN in text] == []


async def test_what_the_grader_typed_reaches_the_customer(tab: Tab, stage: Stage, play: Plays, desk: Desk) -> None:
    three = play(
        lines=[{"line_id": "1", "sku": "SHOE-42", "title": "Trail shoe", "quantity": 3, "unit_price": 4000}],
        items=[{"line_id": "1", "quantity": 3, "reason": "unwanted"}],
    )
    await three.start()
    await three.receipt(ReceiptUnits(line_id="1", quantity=3))
    await desk.open(f"/warehouse/returns/{three.return_id}/grade")
    assert desk.answer.text.count("Note: the customer reads it") == 3
    grades = {"verdict:1-1": "C", "note:1-1": "Sole is worn", "verdict:1-2": "A", "verdict:1-3": "C"}
    await desk.send("/grade", **grades)
    await three.until(Status.REFUNDED)
    await follow(tab, stage, three)
    rows = [
        row.split("\n")
        for row in await tab.page.get_by_role("region", name="Items").get_by_role("listitem").all_inner_texts()
    ]
    assert [[part for part in row if part] for row in rows] == [
        ["Trail shoe", "$28.00", "accepted", "We noted: “Sole is worn”"],
        ["Trail shoe", "$40.00", "accepted"],
        ["Trail shoe", "$28.00", "accepted"],
    ]
    await tab.look("graded-with-a-note")


async def test_what_was_rejected_says_why_on_the_page(tab: Tab, stage: Stage, play: Plays) -> None:
    noted, silent = play(), play()
    for one, note in ((noted, "Worn <b>outdoors</b>"), (silent, None)):
        await one.start()
        await one.receipt(ReceiptUnits(line_id="1"))
        await one.inspection(InspectedUnit(unit_id="1-1", accepted=False, note=note))
        await one.until(Status.REJECTED)
    await follow(tab, stage, noted)
    assert "We noted: “Worn <b>outdoors</b>”" in await tab.page.get_by_role("region", name="Items").inner_text()
    assert "What we noted is below." in await tab.page.locator("main header").inner_text()
    await tab.look("rejected-with-a-note")
    await follow(tab, stage, silent)
    assert "We noted" not in await tab.page.locator("main").inner_text()
    assert "What we noted" not in await tab.page.locator("main header").inner_text()


async def test_a_note_is_typed_on_the_command_line_too(play: Plays, call: Any) -> None:
    one = play()
    await one.start()
    await one.receipt(ReceiptUnits(line_id="1"))
    graded = await call("inspect", one.return_id, "--unit", "1-1=C", "--note", "A scratch")
    assert graded.exit_code == 0, graded.output
    [unit] = (await one.view()).units
    assert (unit.grade, unit.note) == (Grade.C, "A scratch")
    assert "A scratch" in (await call("show", one.return_id)).stdout
