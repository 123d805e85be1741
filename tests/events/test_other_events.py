"""What happens to cases, repairs, goods for suppliers, stock and store credit reaches the subscriber too, in order."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from jsonschema import Draft202012Validator

from gateways.subscribers.envelope import data_schema
from lifecycle.contract.resolutions import Resolution
from starter.demo.stories import STORIES
from starter.demo.story import Stage, read_example
from starter.local.up import Ready
from tests.events.receiver import Receiver
from tests.support.cases import CasePlay, make_question
from tests.workflows.returns.play import Play
from tests.workflows.suppliers.play import SupplierPlay

EXAMPLES = Path(__file__).parent.parent.parent / "examples"


def types(receiver: Receiver, subject: str) -> list[str]:
    return [event["type"].removeprefix("homeward.") for event in receiver.of(subject)]


async def test_a_support_case_is_told_without_a_word_that_was_written(stage: Stage, receiver: Receiver) -> None:
    case = CasePlay(stage, make_question(subject="Secret heel", text="It came off, says Nora.", order_id="SO-77"))
    await case.ask()
    await case.answer("Send it to Nemo.")
    await case.say("Thanks from Nora.")
    await case.close(reason="Nora is happy")
    await receiver.until(lambda: "support.closed" in types(receiver, case.case_id))
    told = receiver.of(case.case_id)
    assert types(receiver, case.case_id) == ["support.opened", "support.answered", "support.asked", "support.closed"]
    assert [event["data"]["number"] for event in told] == [1, 2, 3, 4]
    assert [event["data"]["entry"]["by"] for event in told] == ["customer", "staff", "customer", "customer"]
    assert (told[0]["data"]["order_id"], told[0]["data"]["summary"]["status"]) == ("SO-77", "open")
    assert told[-1]["data"]["summary"]["status"] == "closed"
    as_described(told)
    assert not [word for word in ("Nora", "Nemo", "heel", "customer@example.com", "happy") if word in json.dumps(told)]


async def test_stock_and_store_credit_of_a_return_are_told_and_polled(
    play: Callable[..., Play], receiver: Receiver, ready: Ready
) -> None:
    line = {"line_id": "1", "sku": "TOLD-9", "title": "Trail shoe", "quantity": 1, "unit_price": 4000}
    story = play(lines=[line], resolution=Resolution.STORE_CREDIT.value)
    await story.start()
    await story.receive()
    await story.inspect()
    await story.closed()
    credit_id = (await story.view()).settlement.paid[0].reference or ""
    await receiver.until(lambda: types(receiver, credit_id) == ["credit.issued"])
    await receiver.until(lambda: types(receiver, "TOLD-9") == ["stock.received", "stock.restocked"])
    [issued], [_, restocked] = receiver.of(credit_id), receiver.of("TOLD-9")
    assert (issued["data"]["return_id"], issued["data"]["amount"] > 0) == (story.return_id, True)
    assert restocked["data"]["unit_ids"] == ["1-1"]
    polled = await everything(ready, ["homeward.stock.restocked", "homeward.credit.issued"])
    assert issued in polled
    assert restocked in polled


async def test_goods_for_a_supplier_are_told_with_what_moved(stage: Stage, receiver: Receiver) -> None:
    play = SupplierPlay(stage, stage.clock.client)
    await play.send(1)
    await play.authorise(*play.units(1), key="RMA-7")
    await play.ship("S-7")
    await play.refuse(*play.units(1))
    await receiver.until(lambda: "supplier.refused" in types(receiver, play.supplier_id))
    told = receiver.of(play.supplier_id)
    moved = ("added", "authorised", "shipped", "refused")
    assert types(receiver, play.supplier_id) == [f"supplier.{event}" for event in moved]
    assert [event["data"]["number"] for event in told] == [1, 2, 3, 4]
    [unit] = told[-1]["data"]["units"]
    assert unit == {
        "unit_id": play.unit(1), "sku": "SHOE-42", "stage": "refused", "authorisation_id": "RMA-7", "shipment_id": "S-7"
    }  # fmt: skip
    assert told[-1]["data"]["summary"]["units"]["refused"] == 1
    assert "worn out" not in json.dumps(told)
    as_described(told)


async def test_a_repair_is_told_beside_its_return(stage: Stage, receiver: Receiver) -> None:
    story = Play(stage, read_example(EXAMPLES / "repair.json"))
    await STORIES["repair"](story)
    subject = f"{story.return_id}/1-1"
    await receiver.until(lambda: "repair.done" in types(receiver, subject))
    told = receiver.of(subject)
    assert types(receiver, subject)[:2] == ["repair.diagnosing", "repair.diagnosed"]
    assert [event["data"]["number"] for event in told] == list(range(1, len(told) + 1))
    assert told[-1]["data"]["summary"]["outcome"] == "repaired"
    as_described(told)
    assert "bench_done" in receiver.types(story.return_id)


def as_described(told: list[dict[str, Any]]) -> None:
    for event in told:
        assert not list(Draft202012Validator(data_schema(event["type"])).iter_errors(event["data"]))


async def everything(ready: Ready, wanted: list[str]) -> list[dict[str, Any]]:
    """All events of these types, by polling."""
    found, cursor = list[dict[str, Any]](), "0"
    page: dict[str, Any]
    async with httpx.AsyncClient(base_url=ready.api) as client:
        while True:
            page = (await client.get("/v1/events", params={"limit": 500, "type": wanted, "cursor": cursor})).json()
            cursor = page["next_cursor"]
            found += page["events"]
            if not page["more"]:
                return found
