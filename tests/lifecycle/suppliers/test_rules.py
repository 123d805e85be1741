"""The goods' journey to a supplier, by its rules alone."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from lifecycle.contract.errors import Refused
from lifecycle.shared import backoff
from lifecycle.suppliers import rules
from lifecycle.suppliers.messages import AddUnit, Authorise, RecordCredit, RecordShipment, Refuse
from lifecycle.suppliers.state import BatchPlan, SupplierReturn, UnitStage

NOW = datetime(2026, 11, 11, 15, tzinfo=UTC)
MONDAY = datetime(2026, 11, 16, 5, tzinfo=UTC)


def days(count: float) -> timedelta:
    return timedelta(days=count)


def journey_with(count: int, size: int = 3, ask_at: datetime | None = MONDAY) -> SupplierReturn:
    """So many units, ``R-0/1-1`` and on, that came one after another."""
    journey = SupplierReturn(supplier_id="ACME")
    for number in range(count):
        add(journey, number)
        if rules.needs_plan(journey):
            rules.begin_batch(journey, BatchPlan(size=size, ask_at=ask_at, remind_after_days=14))
        rules.advance(journey, NOW)
    return journey


def add(journey: SupplierReturn, number: int, now: datetime = NOW) -> None:
    rules.add_unit(journey, AddUnit(return_id=f"R-{number}", unit_id="1-1", sku="SHOE-42"), now)


def names(*numbers: int) -> list[str]:
    return [f"R-{number}/1-1" for number in numbers]


def stages(journey: SupplierReturn) -> list[str]:
    return [unit.stage.value for unit in journey.units.values()]


def authorise(journey: SupplierReturn, *numbers: int, key: str = "RMA-1") -> None:
    rules.authorise(journey, Authorise(authorisation_id=key, by="ops", unit_ids=names(*numbers)), NOW)


def ship(journey: SupplierReturn, key: str = "S-1", now: datetime = NOW) -> None:
    rules.record_shipment(journey, RecordShipment(shipment_id=key, by="ops", tracking_code="1Z"), now)


def credit(journey: SupplierReturn, *numbers: int, key: str = "C-1", amount: int = 500, now: datetime = NOW) -> None:
    message = RecordCredit(credit_id=key, by="ops", amount=amount, currency="USD", unit_ids=names(*numbers))
    rules.record_credit(journey, message, now)


def refuse(journey: SupplierReturn, *numbers: int, reason: str = "worn", now: datetime = NOW) -> None:
    rules.refuse(journey, Refuse(by="ops", unit_ids=names(*numbers), reason=reason), now)


def shipped(count: int) -> SupplierReturn:
    journey = journey_with(count)
    authorise(journey, *range(count))
    ship(journey)
    return journey


def test_a_full_batch_is_asked_about_at_once_and_the_rest_is_gathered_on() -> None:
    journey = journey_with(4)
    assert stages(journey) == ["asked"] * 3 + ["gathered"]
    [notice] = journey.notices
    assert (notice.step, notice.template, notice.unit_ids) == ("ask-1", "supplier_ask", names(0, 1, 2))


def test_one_less_than_a_batch_waits_for_the_weekday_and_not_a_second_less() -> None:
    journey = journey_with(2)
    rules.advance(journey, MONDAY - timedelta(seconds=1))
    assert stages(journey) == ["gathered"] * 2
    rules.advance(journey, MONDAY)
    assert stages(journey) == ["asked"] * 2


def test_a_batch_keeps_the_plan_it_was_begun_with_and_the_next_one_gets_its_own() -> None:
    journey = journey_with(3)
    assert not rules.needs_plan(journey)
    add(journey, 3)
    assert rules.needs_plan(journey)
    rules.begin_batch(journey, BatchPlan(size=1, ask_at=None, remind_after_days=14))
    rules.advance(journey, NOW)
    assert [unit.batch for unit in journey.units.values()] == [1, 1, 1, 2]


def test_without_a_weekday_gathered_units_are_reminded_of() -> None:
    journey = journey_with(2, ask_at=None)
    upcoming = rules.next_alarm(journey)
    assert upcoming is not None
    assert (upcoming.at, upcoming.what) == (NOW + days(14), "reminder")
    rules.advance(journey, upcoming.at)
    assert [notice.unit_ids for notice in journey.notices] == [names(0, 1)]
    assert stages(journey) == ["gathered"] * 2


def test_with_a_weekday_gathered_units_are_not_reminded_of() -> None:
    upcoming = rules.next_alarm(journey_with(2))
    assert upcoming is not None
    assert (upcoming.at, upcoming.what) == (MONDAY, "next batch")


def test_a_unit_that_comes_again_is_a_repeat_at_any_stage() -> None:
    journey = shipped(3)
    before = journey.model_dump()
    add(journey, 1, NOW + days(1))
    assert journey.model_dump() == before


def test_units_of_two_returns_go_from_batch_to_credit_together() -> None:
    journey = shipped(3)
    credit(journey, 0, 1, 2)
    assert stages(journey) == ["credited"] * 3
    summary = rules.summary_of(journey)
    assert (summary.units[UnitStage.CREDITED], summary.credited) == (3, {"USD": 500})
    assert rules.next_alarm(journey) is None


def test_a_part_credit_leaves_the_rest_waiting_for_its_own() -> None:
    journey = shipped(3)
    credit(journey, 0, 2, amount=700)
    assert stages(journey) == ["credited", "shipped", "credited"]
    credit(journey, 1, key="C-2", amount=300)
    assert rules.summary_of(journey).credited == {"USD": 1000}


def test_credits_in_two_currencies_are_never_added_up() -> None:
    journey = shipped(2)
    credit(journey, 0)
    euros = RecordCredit(credit_id="C-2", by="ops", amount=450, currency="EUR", unit_ids=names(1))
    rules.record_credit(journey, euros, NOW)
    assert rules.summary_of(journey).credited == {"USD": 500, "EUR": 450}


def test_a_unit_is_credited_once() -> None:
    journey = shipped(2)
    credit(journey, 0)
    with pytest.raises(Refused, match="R-0/1-1 is credited, expected shipped"):
        credit(journey, 0, 1, key="C-2")
    assert stages(journey) == ["credited", "shipped"]
    assert rules.summary_of(journey).credited == {"USD": 500}


def test_a_shipment_takes_all_that_is_authorised_and_nothing_else() -> None:
    journey = journey_with(4)
    authorise(journey, 0)
    authorise(journey, 3, key="RMA-2")
    ship(journey)
    assert stages(journey) == ["shipped", "asked", "asked", "shipped"]
    assert journey.units["R-3/1-1"].authorisation_id == "RMA-2"


def test_nothing_is_shipped_that_was_not_authorised() -> None:
    with pytest.raises(Refused, match="nothing is authorised"):
        ship(journey_with(3))


@pytest.mark.parametrize("stage", ["gathered", "asked", "authorised", "shipped"])
def test_a_supplier_may_refuse_at_any_stage(stage: str) -> None:
    journey = {
        "gathered": lambda: journey_with(1),
        "asked": lambda: journey_with(3),
        "authorised": lambda: _authorised(3),
        "shipped": lambda: shipped(3),
    }[stage]()
    assert journey.units["R-0/1-1"].stage == stage
    refuse(journey, 0)
    unit = journey.units["R-0/1-1"]
    assert (unit.stage, unit.reason) == (UnitStage.REFUSED, "worn")


def _authorised(count: int) -> SupplierReturn:
    journey = journey_with(count)
    authorise(journey, *range(count))
    return journey


def test_a_refusal_again_is_a_repeat_and_another_one_is_refused() -> None:
    journey = journey_with(3)
    refuse(journey, 0)
    before = journey.model_dump()
    refuse(journey, 0, now=NOW + days(1))
    assert journey.model_dump() == before
    with pytest.raises(Refused, match="is refused, expected gathered or asked or authorised or shipped"):
        refuse(journey, 0, reason="lost")


def test_what_was_refused_or_credited_is_at_its_end() -> None:
    journey = shipped(3)
    refuse(journey, 0)
    credit(journey, 1)
    for number in (0, 1):
        with pytest.raises(Refused):
            authorise(journey, number, key="RMA-9")
    with pytest.raises(Refused):
        credit(journey, 0, key="C-9")
    with pytest.raises(Refused):
        refuse(journey, 1)


def test_a_unit_of_another_supplier_is_refused_with_the_whole_message() -> None:
    journey = journey_with(3)
    with pytest.raises(Refused, match="R-7/1-1 is not among the units of ACME"):
        authorise(journey, 0, 7)
    assert stages(journey) == ["asked"] * 3
    assert journey.authorisations == {}


def test_repeats_by_their_own_id_change_nothing() -> None:
    journey = shipped(3)
    credit(journey, 0)
    before = journey.model_dump()
    authorise(journey, 0, 1, 2)
    ship(journey, now=NOW + days(2))
    credit(journey, 0, now=NOW + days(2))
    assert journey.model_dump() == before


def test_reminders_go_on_for_months_until_the_credit_comes() -> None:
    journey = shipped(3)
    journey.notices.clear()
    for _ in range(10):
        upcoming = rules.next_alarm(journey)
        assert upcoming is not None
        rules.advance(journey, upcoming.at - timedelta(seconds=1))
        rules.advance(journey, upcoming.at)
        rules.advance(journey, upcoming.at + timedelta(seconds=1))
    assert [notice.step for notice in journey.notices] == [f"remind-{number}" for number in range(1, 11)]
    assert journey.timeline[-1].at == NOW + days(140)
    credit(journey, 0, 1, 2)
    assert rules.next_alarm(journey) is None


def test_a_change_of_stage_begins_the_wait_anew() -> None:
    journey = journey_with(3)
    rules.advance(journey, NOW + days(14))
    authorise(journey, 0, 1, 2)
    ship(journey, now=NOW + days(20))
    upcoming = rules.next_alarm(journey)
    assert upcoming is not None
    assert upcoming.at == NOW + days(34)


def test_a_step_that_failed_for_good_is_tried_a_day_later_and_its_trouble_ends_when_one_works() -> None:
    journey = journey_with(3)
    backoff.record_failure(journey, "ask-1", "no database", NOW)
    assert backoff.backing_off(journey, NOW + days(1) - timedelta(seconds=1))
    assert not backoff.backing_off(journey, NOW + days(1))
    backoff.record_failure(journey, "ask-1", "no database", NOW + days(1))
    view = rules.view_of(journey)
    assert view.attention is not None
    assert (view.attention.step, view.attention.since) == ("ask-1", NOW)
    backoff.record_success(journey, NOW + days(2))
    assert rules.view_of(journey).attention is None
    assert journey.timeline[-1].event == "attention_resolved"


def test_what_ended_long_ago_is_forgotten_and_still_counted() -> None:
    journey = shipped(3)
    credit(journey, 0)
    refuse(journey, 1)
    rules.tidy(journey, NOW + rules.REMEMBERED - timedelta(seconds=1))
    assert len(journey.units) == 3
    before = rules.summary_of(journey)
    rules.tidy(journey, NOW + rules.REMEMBERED)
    assert list(journey.units) == names(2)
    assert (journey.credits, list(journey.shipments)) == ({}, ["S-1"])
    assert rules.summary_of(journey) == before


def test_only_the_newest_that_ended_are_remembered_and_everything_open() -> None:
    count = rules.MOST_REMEMBERED + 50
    journey = journey_with(count, size=1000)
    for number in range(count - 20):
        refuse(journey, number, now=NOW + timedelta(seconds=number))
    rules.tidy(journey, NOW + days(1))
    left = [unit for unit in journey.units.values() if unit.stage.ended]
    assert len(left) == rules.MOST_REMEMBERED
    assert "R-29/1-1" not in journey.units
    assert "R-30/1-1" in journey.units
    assert len(journey.units) - len(left) == 20


def test_the_state_of_a_busy_supplier_fits_into_one_payload() -> None:
    """Temporal takes 2 MB; 4,000 open units with long ids leave room."""
    journey = SupplierReturn(supplier_id="ACME")
    for number in range(4000):
        message = AddUnit(return_id=f"R-{number:018}", unit_id="1-1", sku="SKU-00000042", serial_number="SN-0000000042")
        rules.add_unit(journey, message, NOW)
    authorise_all = Authorise(authorisation_id="RMA-1", by="ops", unit_ids=list(journey.units)[:1000])
    rules.authorise(journey, authorise_all, NOW)
    assert len(journey.model_dump_json(exclude_defaults=True)) < 1_500_000


BAD: Sequence[tuple[type[BaseModel], dict[str, Any], str]] = [
    (AddUnit, {"return_id": "R-1", "unit_id": "1-1"}, "sku"),
    (AddUnit, {"return_id": "R/1", "unit_id": "1-1", "sku": "S"}, "return_id"),
    (AddUnit, {"return_id": "R-1", "unit_id": "", "sku": "S"}, "unit_id"),
    (Authorise, {"authorisation_id": "A", "by": "ops", "unit_ids": []}, "unit_ids"),
    (Authorise, {"authorisation_id": "A", "by": "ops", "unit_ids": names(1, 1)}, "unit_ids"),
    (Authorise, {"authorisation_id": "A", "by": "ops", "unit_ids": ["1-1"]}, "unit_ids"),
    (Authorise, {"authorisation_id": "", "by": "ops", "unit_ids": names(1)}, "authorisation_id"),
    (RecordShipment, {"shipment_id": "S"}, "by"),
    (RecordCredit, {"credit_id": "C", "by": "o", "amount": 0, "currency": "USD", "unit_ids": names(1)}, "amount"),
    (RecordCredit, {"credit_id": "C", "by": "o", "amount": 5.0, "currency": "USD", "unit_ids": names(1)}, "amount"),
    (RecordCredit, {"credit_id": "C", "by": "o", "amount": 5, "currency": "XXY", "unit_ids": names(1)}, "currency"),
    (Refuse, {"by": "ops", "unit_ids": names(1), "reason": ""}, "reason"),
]


@pytest.mark.parametrize(("model", "raw", "field"), BAD)
def test_a_misshaped_message_names_its_field(model: type[BaseModel], raw: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as caught:
        model.model_validate(raw)
    assert {error["loc"][0] for error in caught.value.errors()} == {field}
