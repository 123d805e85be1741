"""An exchange that would cost more than was agreed: asked, answered, and silent, on the real server."""

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner

from client.errors import NotAllowed
from gateways.database.stock.inventory import add_stock, balances
from lifecycle.contract.grades import Grade
from lifecycle.contract.messages import ReceiptUnits
from lifecycle.contract.statuses import Status
from starter.cli.main import main
from starter.demo.story import Stage
from starter.local.up import Ready
from tests.workflows.returns.play import Play

TWO = [{"line_id": "1", "quantity": 2, "reason": "unwanted"}]
Plays = Callable[..., Play]


@pytest.fixture
def other(stage: Stage, play: Plays) -> Callable[..., Any]:
    """Two for two, one of them rejected; there are two of what is wanted, under a SKU of its own."""

    async def make(**changes: Any) -> tuple[Play, str]:
        story = play(items=TWO, resolution="exchange", exchange_for=[{"sku": "?", "quantity": 2, "unit_price": 4000}])
        sku = f"OTHER-{story.return_id}"
        wanted = [item.model_copy(update={"sku": sku}) for item in story.request.exchange_for or []]
        story.request = story.request.model_copy(update={"exchange_for": wanted, **changes})
        await add_stock(stage.db, sku, 2)
        await story.start()
        await story.receipt(ReceiptUnits(line_id="1", quantity=2))
        await story.verdicts({"1-1": Grade.A, "1-2": None})
        return story, sku

    return make


async def shelf(stage: Stage, sku: str) -> tuple[int, int]:
    """On hand, and reserved of that."""
    [row] = await balances(stage.db, sku)
    return row["on_hand"], row["reserved"]


async def test_nothing_is_charged_or_sent_before_they_answer(stage: Stage, other: Callable[..., Any]) -> None:
    story, sku = await other()
    view = await story.happened("charge_asked")
    assert (view.status, view.settlement.paid, view.closed) == ("received", [], False)
    assert view.settlement.asked is not None
    assert view.settlement.asked.amount == 4000
    await story.until_mail("charge_asked", "sent")
    assert not {"ship", "charge-t1"} & set(await story.effects())
    assert await shelf(stage, sku) == (2, 2)


async def test_they_pay(stage: Stage, other: Callable[..., Any]) -> None:
    story, sku = await other()
    await story.happened("charge_asked")
    await story.answer_charge(accepted=True, amount=4000)
    await story.closed()
    view = await story.view()
    assert (view.status, [paid.amount for paid in view.settlement.paid]) == ("exchanged", [-4000])
    assert await shelf(stage, sku) == (0, 0)
    with pytest.raises(NotAllowed, match="closed"):
        await story.answer_charge(accepted=True)


async def test_fewer_pieces_and_the_other_is_released(stage: Stage, other: Callable[..., Any]) -> None:
    story, sku = await other()
    await story.happened("charge_asked")
    for wrong in ([{"sku": sku, "quantity": 2}], [{"sku": "ELSE", "quantity": 1}]):
        with pytest.raises(NotAllowed, match="exchange_for"):
            await story.answer_charge(accepted=False, exchange_for=wrong)
    with pytest.raises(NotAllowed, match="amount"):
        await story.answer_charge(accepted=True, amount=1)
    await story.answer_charge(accepted=False, exchange_for=[{"sku": sku, "quantity": 1}])
    await story.closed()
    view = await story.view()
    assert (view.status, view.settlement.amount, view.settlement.paid) == ("exchanged", 0, [])
    assert await shelf(stage, sku) == (1, 0)
    assert "exchanged" in await story.mails()


async def test_money_instead(stage: Stage, other: Callable[..., Any]) -> None:
    story, sku = await other()
    await story.happened("charge_asked")
    await story.answer_charge(accepted=False, instead="store_credit")
    await story.closed()
    view = await story.view()
    assert (view.status, view.settlement.resolution, view.settlement.amount) == ("credited", "store_credit", 4400)
    assert await shelf(stage, sku) == (2, 0)


async def test_fourteen_days_of_silence_and_a_clock_that_stands_still(stage: Stage, other: Callable[..., Any]) -> None:
    story, sku = await other()
    asked = (await story.happened("charge_asked")).settlement.asked
    assert asked
    await story.days((asked.until - await story.now()) / timedelta(days=1) - 0.001)
    view = await story.view()
    assert (view.status, view.escalated, view.settlement.paid) == ("received", False, [])
    await story.until_mail("charge_reminder", "sent")
    await story.days(0.01)
    view = await story.until(Status.REFUNDED)
    assert (view.settlement.amount, view.escalated) == (4000, False)
    mails = await story.mails()
    assert (mails[:3], set(mails[3:])) == (["label_sent", "charge_asked", "charge_reminder"], {"refunded", "sent_back"})
    assert await shelf(stage, sku) == (2, 0)
    with pytest.raises(NotAllowed):
        await story.answer_charge(accepted=True)


async def test_two_answers_at_once_and_one_of_them_counts(stage: Stage, other: Callable[..., Any]) -> None:
    story, sku = await other()
    await story.happened("charge_asked")
    answers = await asyncio.gather(
        story.answer_charge(accepted=True),
        story.answer_charge(accepted=False, instead="refund"),
        return_exceptions=True,
    )
    assert sorted(isinstance(answer, NotAllowed) for answer in answers) == [False, True]
    await story.closed()
    view = await story.view()
    assert [paid.amount for paid in view.settlement.paid] in ([-4000], [4000])
    assert await shelf(stage, sku) == ((0, 0) if view.status == "exchanged" else (2, 0))


async def test_staff_answer_for_the_customer(ready: Ready, other: Callable[..., Any]) -> None:
    story, sku = await other()
    await story.happened("charge_asked")
    environment = {"TEMPORAL_ADDRESS": ready.temporal, "HOMEWARD_DATABASE_URL": ready.database}

    async def run(*arguments: str) -> tuple[int, str]:
        runner = CliRunner(env=environment)
        result = await asyncio.to_thread(runner.invoke, main, [*arguments])
        return result.exit_code, result.output

    assert "the customer is asked for 40.00 USD" in (await run("show", story.return_id))[1]
    answer = ("answer-charge", story.return_id)
    for wrong in (("accept", "--instead", "refund"), ("refuse", "--keep", "")):
        assert (await run(*answer, *wrong))[0] == 2
    code, said = await run(*answer, "refuse", "--keep", f"{sku}:2")
    assert (code, "fewer pieces" in said) == (1, True)
    code, said = await run(*answer, "refuse", "--keep", sku, "--amount", "0", "--by", "support", "--json")
    assert code == 0, said
    assert json.loads(said)["amount"] == 0
    await story.closed()
    [entry] = [entry for entry in (await story.view()).timeline if entry.event == "fewer_pieces"]
    assert (entry.by, entry.detail) == ("support", f"1 x {sku}")
