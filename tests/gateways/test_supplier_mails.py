"""Mails about goods for suppliers, in the outbox of both databases."""

from datetime import UTC, datetime

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.suppliers.journey import AskedUnit, SupplierActivities, SupplierMailInput, record_id
from gateways.database.engine import Database
from gateways.database.ledger import effects_of
from gateways.database.messages.outbox import mails_of, next_due
from lifecycle.contract.policy import Policy, Shop
from lifecycle.suppliers.state import SupplierNotice

NOW = datetime(2026, 11, 12, 5, tzinfo=UTC)
LONG = "Acme & Söhne " + "x" * 87
NAMES = ["R-1/1-1", "R-2/1-1"]


def notice(supplier_id: str, template: str = "supplier_ask", names: list[str] = NAMES) -> SupplierMailInput:
    asked = SupplierNotice.model_validate({"step": "ask-1", "template": template, "unit_ids": names, "batch": 1})
    units = [
        AskedUnit(unit_id=name, sku="SHOE-42", serial_number=f"SN-{name}", stage="asked", since=NOW) for name in names
    ]
    return SupplierMailInput(supplier_id=supplier_id, notice=asked, units=units, now=NOW)


async def tell(database: Database, given: SupplierMailInput) -> None:
    policy = Policy(shop=Shop(operations_mail="goods@example.com"))
    made = SupplierActivities(database, lambda: policy)
    await ActivityEnvironment().run(made.write_supplier_mail, given)


@pytest.mark.parametrize("supplier_id", ["ACME", LONG, "ein/Lieferant: Ä"])
async def test_a_mail_is_written_once(database: Database, supplier_id: str) -> None:
    for _ in range(2):
        await tell(database, notice(supplier_id))
    [mail] = await mails_of(database, record_id(supplier_id))
    assert (mail["to"], mail["template"]) == ("goods@example.com", "supplier_ask")
    assert mail["subject"] == f"Batch 1 for supplier {supplier_id}: ask for authorisation"
    assert all(f"{name}  SHOE-42  serial number SN-{name}\n" in mail["text"] for name in NAMES)
    assert [effect["step"] for effect in await effects_of(database, record_id(supplier_id))] == ["ask-1"]
    assert len(await next_due(database, NOW, 10)) == 1


async def test_a_reminder_says_since_when_units_wait(database: Database) -> None:
    await tell(database, notice("ACME", "supplier_waits", NAMES[:1]))
    [mail] = await mails_of(database, record_id("ACME"))
    assert mail["subject"] == "Supplier ACME: 1 unit waits"
    assert "R-1/1-1  SHOE-42  asked since 2026-11-12\n" in mail["text"]


async def test_the_same_step_for_other_units_is_refused(database: Database) -> None:
    await tell(database, notice("ACME"))
    with pytest.raises(ApplicationError) as caught:
        await tell(database, notice("ACME", names=["R-9/1-1"]))
    assert caught.value.non_retryable


def test_long_ids_stay_apart_and_no_return_can_have_one() -> None:
    one, other = record_id(LONG), record_id(LONG[:-1] + "y")
    assert one != other
    assert max(len(one), len(other)) <= 100
    assert ":" in record_id("ACME")
