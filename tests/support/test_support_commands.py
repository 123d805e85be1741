"""`homeward support` and `homeward faq`, as those who answer type them."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from gateways.orders.database import keep_orders
from gateways.orders.protocol import FoundOrder
from starter.cli.main import main
from starter.demo.story import Stage
from starter.local.up import Ready
from tests.support.cases import CasePlay, make_question
from tests.workflows.returns.play import make_body, make_request

Call = Callable[..., Awaitable[Result]]


@pytest.fixture
def call(ready: Ready) -> Call:
    """Run a command against the tests' own server."""
    environment = {"TEMPORAL_ADDRESS": ready.temporal, "HOMEWARD_DATABASE_URL": ready.database}

    async def run(*arguments: str, given: str | None = None) -> Result:
        return await asyncio.to_thread(CliRunner(env=environment).invoke, main, arguments, input=given)

    return run


@pytest.fixture
async def case(stage: Stage) -> CasePlay:
    """A question that waits."""
    play = CasePlay(stage, make_question())
    await play.ask()
    return play


async def ask(call: Call, *arguments: str, given: str | None = None) -> Any:
    result = await call(*arguments, "--json", given=given)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


async def test_from_the_phone_to_the_answer(call: Call, stage: Stage) -> None:
    opened = await ask(
        call, "support", "ask", "Where is it?", "--email", "customer@example.com", "--subject", "My parcel",
        "--return", "R-1", "--case-id", (question := make_question()).case_id,
    )  # fmt: skip
    case_id = question.case_id
    assert (opened["case_id"], opened["queue"], opened["status"]) == (case_id, "returns", "open")
    listed = await ask(call, "support", "list", "--queue", "returns", "--limit", "10000")
    [row] = [row for row in listed if row["case_id"] == case_id]
    assert row["answer_by"] == opened["answer_by"] != None  # noqa: E711 - both are a date
    answered = await ask(call, "support", "answer", case_id, "-", "--message-id", "m1", given="It is\non its way.")
    assert answered["status"] == "answered"
    shown = await ask(call, "support", "show", case_id)
    assert (shown["channel"], shown["messages"][1]["text"]) == ("phone", "It is\non its way.")
    assert [mail["to"] for mail in shown["mails"]][:1] == ["customer@example.com"]
    closed = await ask(call, "support", "close", case_id, "--reason", "settled")
    assert closed["status"] == "closed"
    every = await ask(call, "support", "list", "--all", "--limit", "10000")
    assert case_id in [row["case_id"] for row in every]


async def test_a_case_becomes_a_return(call: Call, case: CasePlay, tmp_path: Path) -> None:
    file = tmp_path / "request.json"
    file.write_text(json.dumps(make_body()))
    result = await call("support", "return", case.case_id, "--request", str(file), "--item", "1:3")
    assert (result.exit_code, "items.0.quantity: expected at most the 2 bought" in result.stderr) == (1, True)
    became = await ask(
        call, "support", "return", case.case_id, "--request", str(file), "--item", "1:1:defective",
        "--resolution", "store_credit",
    )  # fmt: skip
    assert became["became_return"] == f"R-{case.case_id}"
    shown = await ask(call, "show", became["became_return"])
    assert shown["settlement"]["resolution"] == "store_credit"


async def test_anothers_order_needs_a_word(call: Call, stage: Stage) -> None:
    order = make_request(lines=[{"line_id": "1", "sku": "S", "quantity": 1, "unit_price": 4000}]).order
    await keep_orders(stage.db, [FoundOrder(order)])
    play = CasePlay(stage, make_question(order_id=order.order_id, email="mallory@example.net"))
    await play.ask()
    words = "not proved, is not the order's"
    assert f"address {words}" in (await call("support", "show", play.case_id)).output
    assert words in " ".join((await call("support", "list", "--limit", "10000")).output.split())
    assert (await ask(call, "support", "show", play.case_id))["address"] == {"proved": False, "of_order": False}
    result = await call("support", "return", play.case_id)
    assert (result.exit_code, "--anyway" in result.stderr) == (1, True)
    assert (await ask(call, "support", "return", play.case_id, "--anyway"))["became_return"] == f"R-{play.case_id}"


async def test_it_reads_well(call: Call, case: CasePlay) -> None:
    shown = (await call("support", "show", case.case_id)).output
    assert all(text in shown for text in (case.case_id, "answer by", "The heel", "timeline", "support_received"))
    assert (await call("support", "list")).output.startswith("support cases")
    assert "shown" in (await call("faq")).output
    assert {"faq_id", "title", "shown", "ended"} == set((await ask(call, "faq"))[0])


async def test_what_is_not_allowed_ends_with_1(call: Call, case: CasePlay) -> None:
    await case.close()
    for arguments, told in (
        (["answer", case.case_id, "Hello"], f"{case.case_id} is closed"),
        (["return", case.case_id], f"{case.case_id} is closed"),
        (["show", "S-nobody"], "there is no support case S-nobody"),
        (["close", "S-nobody"], "there is no support case S-nobody"),
    ):
        result = await call("support", *arguments)
        assert (result.exit_code, told in result.stderr) == (1, True), result.output


async def test_wrong_input_ends_with_2_and_names_the_field(call: Call, case: CasePlay, tmp_path: Path) -> None:
    file = tmp_path / "request.json"
    file.write_text(json.dumps({"itmes": []}))
    question = ["ask", "Hello", "--email", "customer@example.com", "--subject", "Hello"]
    for arguments, field in (
        ([*question[:3], "nobody", *question[4:]], "email"),
        ([*question, "--order", ""], "order_id"),
        ([*question, "--case-id", "a b"], "case_id"),
        (["ask", " ", *question[2:]], "text"),
        (["answer", case.case_id, ""], "text"),
        (["answer", case.case_id, "Hello", "--by", ""], "by"),
        (["return", case.case_id, "--item", "1:many"], "--item"),
        (["return", case.case_id, "--item", "1:0"], "items.0.quantity"),
        (["return", case.case_id, "--request", str(file)], "itmes"),
        (["list", "--queue", "other"], "--queue"),
    ):
        result = await call("support", *arguments)
        assert (result.exit_code, field in result.stderr) == (2, True), (arguments, result.output)
    assert (await case.view()).status == "open"
