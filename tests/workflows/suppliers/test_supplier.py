"""Goods for suppliers on the real server: batches, months of waiting, credits, refusals, repeats."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from temporalio.client import Client
from temporalio.exceptions import ApplicationError

from client.errors import NotAllowed
from client.suppliers import Suppliers, UnknownSupplier
from gateways.database import ledger
from lifecycle.contract.grades import Disposition, Grade
from lifecycle.contract.messages import InspectedUnit
from lifecycle.contract.statuses import Status
from lifecycle.suppliers.state import UnitStage
from starter.demo.story import Stage
from starter.local.up import Ready
from tests.workflows.returns.play import Play
from tests.workflows.suppliers.play import SupplierPlay
from workers.converter import CONVERTER

NEW_YORK = ZoneInfo("America/New_York")
#: Units in a batch, by the policy's default.
BATCH = 10


@pytest.fixture(scope="session")
async def client(ready: Ready) -> Client:
    """A client as production has it, that knows nothing of time skipping."""
    return await Client.connect(ready.temporal, data_converter=CONVERTER)


@pytest.fixture
def acme(stage: Stage, client: Client) -> SupplierPlay:
    """A supplier of this test's own."""
    return SupplierPlay(stage, client)


@pytest.fixture
def another(stage: Stage, client: Client) -> Callable[[], SupplierPlay]:
    """Makes more of them."""
    return lambda: SupplierPlay(stage, client)


async def test_units_of_two_returns_are_one_batch_when_the_weekday_comes(acme: SupplierPlay) -> None:
    await acme.send(1, "1-1")
    await acme.send(1, "1-2")
    await acme.send(2, "3-1")
    await acme.until(acme.view, lambda view: view.next is not None)
    monday = (await acme.view()).next
    assert monday is not None
    local = monday.at.astimezone(NEW_YORK)
    assert (monday.what, local.weekday() <= 1, local.hour, local.minute) == ("next batch", True, 0, 0)
    await acme.days((monday.at - await acme.now() - timedelta(minutes=5)) / timedelta(days=1))
    assert set((await acme.stages()).values()) == {"gathered"}
    await acme.days(0.01)
    await acme.until_stages("asked", "asked", "asked")
    await acme.until_mails("supplier_ask")
    [mail] = await acme.mails()
    assert all(name in mail["text"] for name in (acme.unit(1), acme.unit(1, "1-2"), acme.unit(2, "3-1")))
    assert mail["to"] == "operations@example.com"


async def test_returns_send_their_defective_units_once_their_customers_are_settled(
    acme: SupplierPlay, play: Callable[..., Play]
) -> None:
    line = {"line_id": "1", "sku": "SHOE-42", "title": "Shoe", "quantity": 2, "unit_price": 4000}
    stories = [play(lines=[line | {"supplier_id": acme.supplier_id}]) for _ in range(2)]
    for story in stories:
        await story.start()
        await story.receive()
        unit = InspectedUnit(unit_id="1-1", grade=Grade.C, disposition=Disposition.RETURN_TO_SUPPLIER)
        await story.inspection(unit)
        await story.closed()
        assert (await story.view()).status is Status.REFUNDED
        effects_in_order = await story.effects()
        assert effects_in_order.index("refund-t1") < effects_in_order.index("send_to_supplier")
    sent = await acme.stages()
    assert sent == {f"{story.return_id}/1-1": "gathered" for story in stories}
    await acme.days(8)
    await acme.until_mails("supplier_ask")


async def test_a_full_batch_is_asked_about_at_once(acme: SupplierPlay) -> None:
    await asyncio.gather(*(acme.send(number) for number in range(BATCH + 1)))
    await acme.until_mails("supplier_ask")
    assert sorted((await acme.stages()).values()) == ["asked"] * BATCH + ["gathered"]
    view = await acme.view()
    assert view.next is not None
    assert view.next.what == "next batch"


async def test_months_pass_with_reminders_until_the_credit_comes(acme: SupplierPlay) -> None:
    units = await acme.shipped()
    for passed in (3, 6):
        await acme.days(42.1)
        await acme.until_mails(*["supplier_waits"] * passed)
    [*_, last] = await acme.mails()
    assert "shipped since" in last["text"]
    summary = await acme.credit(*units, amount=12_000)
    assert summary.credited == {"USD": 12_000}
    await acme.days(60)
    assert len(await acme.mails()) == 6
    assert (await acme.view()).next is None


async def test_a_part_credit_leaves_the_rest_waiting(acme: SupplierPlay) -> None:
    first, second, third = await acme.shipped()
    await acme.credit(first, third)
    assert await acme.stages() == {first: "credited", second: "shipped", third: "credited"}
    await acme.days(14)
    await acme.until_mails("supplier_waits")
    [mail] = await acme.mails()
    assert second in mail["text"]
    assert first not in mail["text"]
    summary = await acme.credit(second, key="C-2", amount=200)
    assert summary.credited == {"USD": 700}


async def test_a_supplier_refuses_one_of_a_batch_and_later_one_of_the_shipment(acme: SupplierPlay) -> None:
    for number in range(3):
        await acme.send(number)
    first, second, third = acme.units(0, 1, 2)
    await acme.refuse(first)
    await acme.authorise(second, third)
    await acme.ship()
    await acme.refuse(second)
    await acme.credit(third)
    assert await acme.stages() == {first: "refused", second: "refused", third: "credited"}
    assert {unit.reason for unit in (await acme.view()).units} == {"worn out", None}


async def test_a_repeat_is_answered_as_the_first_time_and_changes_nothing(acme: SupplierPlay) -> None:
    units = await acme.shipped()
    await acme.credit(*units)
    before = await acme.view()
    assert await acme.credit(*units) == before.totals
    assert (await acme.authorise(*units)).units[UnitStage.AUTHORISED] == 3
    await acme.ship()
    await acme.send(1)
    await acme.handle.signal("add_unit", {"return_id": units[1].split("/")[0], "unit_id": "1-1", "sku": "SHOE-42"})
    assert await acme.view() == before


async def test_a_refused_message_changes_nothing_and_leaves_nothing_in_history(acme: SupplierPlay) -> None:
    units = await acme.shipped()
    before, length = await acme.view(), (await acme.handle.describe()).history_length
    with pytest.raises(NotAllowed, match="is shipped, expected gathered or asked"):
        await acme.authorise(units[0], key="RMA-2")
    with pytest.raises(NotAllowed, match="nothing is authorised"):
        await acme.ship("S-2")
    with pytest.raises(NotAllowed, match="is not among the units"):
        await acme.credit(units[0], "R-0/1-1", key="C-9")
    with pytest.raises(NotAllowed, match="is not among the units"):
        await acme.refuse("R-0/1-1")
    assert await acme.view() == before
    assert (await acme.handle.describe()).history_length == length


@pytest.mark.parametrize(
    ("name", "message", "field"),
    [
        ("authorise", {"authorisation_id": "RMA-9", "by": "ops", "unit_ids": []}, "unit_ids"),
        ("record_shipment", {"by": "ops"}, "shipment_id"),
        (
            "record_credit",
            {"credit_id": "C", "by": "ops", "amount": 4.5, "currency": "USD", "unit_ids": ["R/1"]},
            "amount",
        ),
        ("refuse", {"by": "ops", "unit_ids": ["R/1"]}, "reason"),
    ],
)
async def test_a_misshaped_update_names_its_field(acme: SupplierPlay, name: str, message: object, field: str) -> None:
    await acme.send(1)
    with pytest.raises(Exception) as caught:  # noqa: PT011 - looked at below
        await acme.handle.execute_update(name, message)
    cause: BaseException | None = caught.value
    texts = []
    while cause is not None:
        texts.append(str(cause))
        cause = cause.__cause__
    assert field in " ".join(texts)


async def test_a_misshaped_signal_is_noted_and_dropped(acme: SupplierPlay) -> None:
    await acme.send(1)
    for raw in (
        {"return_id": "R-1", "unit_id": "1-1"},
        "nonsense",
        None,
        {"return_id": "a/b", "unit_id": "1", "sku": "S"},
    ):
        await acme.handle.signal("add_unit", raw)
    await acme.handle.signal("add_unit", args=[{"return_id": "R-1"}, 5])
    await acme.send(2)
    await acme.until(acme.stages, lambda stages: list(stages) == acme.units(1, 2))
    dropped = [entry.detail for entry in (await acme.view()).timeline if entry.event == "dropped"]
    assert len(dropped) == 5
    assert dropped[0] == "add_unit: sku: expected to be there"


async def test_a_unit_is_sent_once_however_often_the_step_is_tried(acme: SupplierPlay, stage: Stage) -> None:
    for _ in range(2):
        with pytest.raises(ApplicationError, match="no answer in time"):
            await acme.send(1, title="Shoe fault:after:2")
    for _ in range(3):
        await acme.send(1, title="Shoe fault:after:2")
    assert list(await acme.stages()) == [acme.unit(1)]
    history = await acme.handle.fetch_history()
    assert (
        len([event for event in history.events if event.HasField("workflow_execution_signaled_event_attributes")]) == 1
    )
    return_id = acme.unit(1).split("/")[0]
    assert [effect["step"] for effect in await ledger.effects_of(stage.db, return_id)] == ["send_to_supplier-1-1"]


async def test_a_step_used_again_for_another_unit_is_refused(acme: SupplierPlay) -> None:
    await acme.send(1, step="send_to_supplier")
    with pytest.raises(ApplicationError, match="another content"):
        await acme.send(1, "1-2", step="send_to_supplier")
    assert list(await acme.stages()) == [acme.unit(1)]


async def test_suppliers_are_listed_and_unknown_ones_reported(
    another: Callable[[], SupplierPlay], client: Client
) -> None:
    one, two = another(), another()
    await one.send(1)
    await two.send(1)
    await two.refuse(two.unit(1))
    suppliers = Suppliers(client)

    async def counts() -> dict[str, tuple[int, int]]:
        found = await suppliers.list(limit=10_000)
        return {row.supplier_id: (row.units[UnitStage.GATHERED], row.units[UnitStage.REFUSED]) for row in found}

    await one.until(counts, lambda found: found.get(two.supplier_id) == (0, 1))
    assert (await counts())[one.supplier_id] == (1, 0)
    with pytest.raises(UnknownSupplier):
        await suppliers.view("nobody")
    with pytest.raises(UnknownSupplier):
        await another().ship()
