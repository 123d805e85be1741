"""`homeward supplier`, as operations types it."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from click.testing import CliRunner, Result
from temporalio.client import Client

from starter.cli.main import main
from starter.demo.story import Stage
from starter.local.up import Ready
from tests.workflows.suppliers.play import SupplierPlay
from workers.converter import CONVERTER

Call = Callable[..., Awaitable[Result]]


@pytest.fixture
def call(ready: Ready) -> Call:
    """Run a command against the tests' own server."""
    environment = {"TEMPORAL_ADDRESS": ready.temporal, "HOMEWARD_DATABASE_URL": ready.database}

    async def run(*arguments: str) -> Result:
        runner = CliRunner(env=environment)
        return await asyncio.to_thread(runner.invoke, main, ["supplier", *arguments])

    return run


@pytest.fixture
async def acme(stage: Stage, ready: Ready) -> SupplierPlay:
    """A supplier for whom three units are gathered."""
    client = await Client.connect(ready.temporal, data_converter=CONVERTER)
    made = SupplierPlay(stage, client)
    for number in range(3):
        await made.send(number)
    return made


async def ask(call: Call, *arguments: str) -> Any:
    result = await call(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


async def test_from_batch_to_credit(call: Call, acme: SupplierPlay) -> None:
    await acme.days(8)
    await acme.until_mails("supplier_ask")
    refused = await ask(call, "refuse", acme.supplier_id, "--unit", acme.unit(0), "--reason", "worn out")
    assert refused["units"] == counts(asked=2, refused=1)
    assert (await ask(call, "authorise", acme.supplier_id, "--id", "RMA-1"))["units"] == counts(authorised=2, refused=1)
    again = await ask(call, "authorise", acme.supplier_id, "--id", "RMA-1", "--unit", acme.unit(1))
    assert again["units"] == counts(authorised=2, refused=1)
    assert (await ask(call, "ship", acme.supplier_id, "--tracking", "1Z999"))["units"] == counts(shipped=2, refused=1)
    part = await ask(call, "credit", acme.supplier_id, "500", "usd", "--id", "C-1", "--unit", acme.unit(2))
    assert (part["units"], part["credited"]) == (counts(shipped=1, credited=1, refused=1), {"USD": 500})
    rest = await ask(call, "credit", acme.supplier_id, "250", "USD")
    assert (rest["units"], rest["credited"]) == (counts(credited=2, refused=1), {"USD": 750})
    shown = await ask(call, "show", acme.supplier_id)
    assert shown["totals"] == rest
    assert [mail["template"] for mail in shown["mails"]] == ["supplier_ask"]
    assert shown["shipments"][0]["tracking_code"] == "1Z999"
    assert [unit["reason"] for unit in shown["units"]] == ["worn out", None, None]


def counts(**given: int) -> dict[str, int]:
    return dict.fromkeys(["gathered", "asked", "authorised", "shipped", "credited", "refused"], 0) | given


async def test_it_reads_well(call: Call, acme: SupplierPlay) -> None:
    await ask(call, "refuse", acme.supplier_id, "--unit", acme.unit(0), "--reason", "worn out")
    shown = (await call("show", acme.supplier_id)).output
    assert all(text in shown for text in (acme.unit(0), "gathered", "refused", "worn out", "next batch", "timeline"))
    authorised = await call("authorise", acme.supplier_id, "--unit", acme.unit(1))
    assert authorised.output.strip() == f"{acme.supplier_id}  1 gathered, 1 authorised, 1 refused"
    listed = await ask(call, "list", "--limit", "10000")
    assert {"supplier_id", "units", "credited", "attention"} == set(listed[0])
    assert (await call("list")).output.startswith("suppliers")


async def test_what_is_not_allowed_ends_with_1(call: Call, acme: SupplierPlay) -> None:
    nobody = "NOBODY"
    for arguments, told in (
        (["authorise", acme.supplier_id], f"no unit for {acme.supplier_id} is asked"),
        (["credit", acme.supplier_id, "5", "USD"], f"no unit for {acme.supplier_id} is shipped"),
        (["ship", acme.supplier_id], "nothing is authorised"),
        (["refuse", acme.supplier_id, "--unit", "R-0/1-1", "--reason", "x"], "R-0/1-1 is not among the units"),
        (["show", nobody], f"there is nothing for the supplier {nobody}"),
        (["ship", nobody], f"there is nothing for the supplier {nobody}"),
    ):
        result = await call(*arguments)
        assert (result.exit_code, told in result.stderr) == (1, True), result.output
    assert set((await acme.stages()).values()) == {"gathered"}


async def test_wrong_input_ends_with_2_and_names_the_field(call: Call, acme: SupplierPlay) -> None:
    unit = ("--unit", acme.unit(0))
    for arguments, field in (
        (["credit", acme.supplier_id, "0", "USD", *unit], "amount"),
        (["credit", acme.supplier_id, "4.5", "USD", *unit], "AMOUNT"),
        (["credit", acme.supplier_id, "5", "XXY", *unit], "currency"),
        (["authorise", acme.supplier_id, *unit, *unit], "unit_ids"),
        (["authorise", acme.supplier_id, "--unit", "1-1"], "unit_ids"),
        (["refuse", acme.supplier_id, *unit, "--reason", ""], "reason"),
        (["refuse", acme.supplier_id, "--reason", "x"], "--unit"),
    ):
        result = await call(*arguments)
        assert (result.exit_code, field in result.stderr) == (2, True), result.output
