"""The rules of a repair: every path, what is refused, repeats, rounds."""

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st
from pydantic import ValidationError

from lifecycle.contract.errors import InvalidRequest, Refused
from lifecycle.contract.messages import ResolveAttention
from lifecycle.repairs import rules
from lifecycle.repairs.commands import ReportToReturn, SendRepairMail, TakeParts
from lifecycle.repairs.deadlines import fire_due_alarms, next_alarm
from lifecycle.repairs.messages import Diagnosis, EstimateAnswer, Part, RepairCheck, RepairWork, parse_repair
from lifecycle.shared.repair_messages import MOVES, RepairInput, RepairOutcome, RepairState
from tests.lifecycle.repairs.bench import CALENDAR, MONDAY, Bench, given

SCREEN = Part(sku="SCREEN", quantity=1)


def test_in_warranty_nobody_is_asked_and_nothing_charged() -> None:
    story = Bench(in_warranty=True)
    story.diagnose(estimate=5000)
    story.work(SCREEN)
    story.check(passed=True)
    assert story.told == ["diagnosing", "repairing", "checking", "done"]
    assert story.mails == []
    assert story.repair.result.model_dump() == {"unit_id": "1-1", "outcome": "repaired", "estimate": None}


def test_out_of_warranty_the_customer_is_asked_first() -> None:
    story = Bench()
    story.diagnose(estimate=5000)
    assert story.mails == ["repair_estimate"]
    assert story.repair.agenda.waiting(SendRepairMail)[0].values["amount"] == 5000
    assert story.repair.agenda.waiting(SendRepairMail)[0].values["answer_by"] == "2026-03-30"
    story.answer(accepted=True)
    story.work()
    story.check(passed=True)
    assert story.told == ["diagnosing", "awaiting_customer", "repairing", "checking", "done"]
    assert [report.event.estimate for report in story.repair.agenda.waiting(ReportToReturn)] == [
        None,
        5000,
        5000,
        5000,
        5000,
    ]
    assert story.repair.result.estimate == 5000


def test_a_refused_estimate_ends_it() -> None:
    story = Bench()
    story.diagnose()
    story.answer(accepted=False)
    assert story.repair.result.outcome is RepairOutcome.REFUSED
    assert story.repair.agenda.waiting(ReportToReturn)[-1].event.outcome is RepairOutcome.REFUSED


@pytest.mark.parametrize(("outcome", "state", "ends_as"), [("no_fault", "done", "no_fault"), ("unrepairable",) * 3])
def test_a_diagnosis_may_end_it(outcome: str, state: str, ends_as: str) -> None:
    story = Bench()
    story.diagnose(outcome, estimate=None)
    assert (story.repair.state, story.repair.outcome) == (state, ends_as)
    assert story.mails == []


def test_an_estimate_of_nothing_asks_nobody() -> None:
    story = Bench()
    story.diagnose(estimate=0)
    assert story.told == ["diagnosing", "repairing"]


def test_out_of_warranty_a_repair_needs_its_price() -> None:
    story = Bench()
    with pytest.raises(Refused, match="estimate: expected the price"):
        story.diagnose(estimate=None)
    assert story.repair.state is RepairState.DIAGNOSING


def test_a_failed_check_gives_one_more_round_and_no_third() -> None:
    story = Bench(in_warranty=True)
    story.diagnose()
    story.work(SCREEN)
    story.check(passed=False)
    assert (story.repair.state, story.repair.rounds) == ("repairing", 2)
    story.work(SCREEN)
    story.check(passed=False)
    assert story.repair.result.outcome is RepairOutcome.UNREPAIRABLE
    assert [command.parts for command in story.repair.agenda.waiting(TakeParts)] == [[SCREEN], [SCREEN]]


def test_the_second_round_may_succeed() -> None:
    story = Bench(in_warranty=True)
    story.diagnose()
    story.work()
    story.check(passed=False)
    story.work()
    story.check(passed=True)
    assert story.repair.result.outcome is RepairOutcome.REPAIRED


def test_an_open_unit_may_turn_out_to_be_beyond_repair() -> None:
    story = Bench(in_warranty=True)
    story.diagnose()
    with pytest.raises(Refused, match="is repairing, not diagnosing"):
        story.diagnose("no_fault")
    story.diagnose("unrepairable")
    assert story.repair.result.outcome is RepairOutcome.UNREPAIRABLE


def test_repeats_by_the_messages_own_ids_change_nothing() -> None:
    story = Bench(in_warranty=True)
    story.diagnose(name="d")
    story.diagnose("unrepairable", name="d")
    story.work(SCREEN, name="d")
    story.work(SCREEN, name="d")
    story.check(passed=False, name="c")
    story.check(passed=True, name="c")
    assert (story.repair.state, story.repair.rounds) == ("repairing", 2)
    assert [command.parts for command in story.repair.agenda.waiting(TakeParts)] == [[SCREEN]]


@pytest.mark.parametrize("act", ["diagnose", "answer", "work", "check"])
def test_nothing_is_said_to_a_repair_that_has_ended(act: str) -> None:
    story = Bench()
    story.diagnose("unrepairable")
    acts: dict[str, Callable[[], None]] = {
        "diagnose": story.diagnose,
        "answer": lambda: story.answer(accepted=True),
        "work": story.work,
        "check": lambda: story.check(passed=True),
    }
    with pytest.raises(Refused, match="the repair is unrepairable, not"):
        acts[act]()


def test_a_repair_that_was_called_off_gets_nothing_and_fires_no_more() -> None:
    story = Bench()
    story.diagnose()
    rules.call_off(story.repair, MONDAY)
    with pytest.raises(Refused, match="called off"):
        story.answer(accepted=True)
    assert next_alarm(story.repair) is None
    assert (story.repair.outcome, story.repair.answer_by) == (None, None)


def test_a_parked_step_is_answered_by_its_name_or_as_the_oldest() -> None:
    repair = Bench().repair
    retry = ResolveAttention(by="bench", action="retry", step="parts")
    with pytest.raises(Refused, match="no step parts waits"):
        rules.check_resolve(repair, retry)
    parked = rules.park(repair, "mail", "down", MONDAY)
    rules.park(repair, "parts", "none left", MONDAY)
    assert rules.summary_of(repair).attention == "mail"
    rules.resolve(repair, retry, MONDAY)
    assert repair.parked == [parked]
    rules.resolve(repair, ResolveAttention(by="bench", action="skip", reference="x"), MONDAY)
    assert (parked.answer and parked.answer.action, repair.parked) == ("skip", [])
    assert repair.timeline[-1].detail == "mail: skip (x)"


def test_the_view_shows_unit_parts_and_attention() -> None:
    story = Bench(in_warranty=True, serial_number="S1", location="bench-2")
    story.diagnose()
    story.work(SCREEN)
    rules.park(story.repair, "parts", "none left", MONDAY)
    view = rules.view_of(story.repair, closed=False)
    assert (view.serial_number, view.location, view.parts) == ("S1", "bench-2", [SCREEN])
    assert view.attention
    assert view.attention.error == "none left"
    assert [entry.event for entry in view.timeline] == [
        "diagnosing", "diagnosed", "repairing", "repaired", "checking", "attention"
    ]  # fmt: skip


# What is taken at all


@pytest.mark.parametrize(
    ("model", "body", "field"),
    [
        (Diagnosis, {"diagnosis_id": "d\x00", "outcome": "no_fault"}, "diagnosis_id"),
        (Diagnosis, {"diagnosis_id": "d", "outcome": "lost"}, "outcome"),
        (Diagnosis, {"diagnosis_id": "d", "outcome": "repairable", "estimate": -1}, "estimate"),
        (Diagnosis, {"diagnosis_id": "d", "outcome": "repairable", "estimate": 10.0}, "estimate"),
        (Diagnosis, {"diagnosis_id": "d", "outcome": "repairable", "estimate": 10**12 + 1}, "estimate"),
        (Diagnosis, {"diagnosis_id": "d", "outcome": "repairable", "note": "a\x00"}, "note"),
        (EstimateAnswer, {"by": "customer", "accepted": "yes"}, "accepted"),
        (EstimateAnswer, {"accepted": True}, "by"),
        (RepairWork, {"repair_id": "r", "parts": [{"sku": "S", "quantity": 0}]}, "parts.0.quantity"),
        (RepairWork, {"repair_id": "r", "parts": [{"sku": "S", "quantity": 1001}]}, "parts.0.quantity"),
        (RepairWork, {"repair_id": "r", "parts": [{"sku": "S"}] * 101}, "parts"),
        (RepairWork, {"repair_id": "r", "note": "x" * 2001}, "note"),
        (RepairCheck, {"check_id": "c"}, "passed"),
        (RepairCheck, {"check_id": " c", "passed": True}, "check_id"),
    ],
)
def test_a_misshaped_message_names_the_field(model: Any, body: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as failure:
        model.model_validate(body)
    assert ".".join(str(part) for part in failure.value.errors()[0]["loc"]) == field


def test_unknown_fields_and_missing_nullable_ones_are_no_matter() -> None:
    found = Diagnosis.model_validate({"diagnosis_id": "d", "outcome": "no_fault", "later": 1})
    assert (found.by, found.estimate, found.note) == ("bench", None, None)


@pytest.mark.parametrize("raw", [None, [], "x", {}, {"return_id": "R-1"}])
def test_a_bad_start_names_the_fields(raw: Any) -> None:
    with pytest.raises(InvalidRequest):
        parse_repair(raw)


def test_a_start_survives_its_way_through_json() -> None:
    start = given(serial_number="S1")
    assert parse_repair(start.model_dump(mode="json")) == start


# Whatever is said in whatever order

_SAID = st.one_of(
    st.builds(
        Diagnosis,
        diagnosis_id=st.sampled_from("ab"),
        outcome=st.sampled_from(["repairable", "unrepairable", "no_fault"]),
        estimate=st.one_of(st.none(), st.integers(0, 9)),
    ),
    st.builds(EstimateAnswer, by=st.just("customer"), accepted=st.booleans()),
    st.builds(RepairWork, repair_id=st.sampled_from("abc"), parts=st.lists(st.just(SCREEN), max_size=2)),
    st.builds(RepairCheck, check_id=st.sampled_from("abc"), passed=st.booleans()),
    st.integers(0, 30).map(lambda days: timedelta(days=days)),
)


def say(repair: rules.Repair, message: Any, now: Any) -> None:
    """Whatever kind it is."""
    if isinstance(message, Diagnosis):
        rules.diagnose(repair, message, now)
    elif isinstance(message, EstimateAnswer):
        rules.answer_estimate(repair, message, now)
    elif isinstance(message, RepairWork):
        rules.record_work(repair, message, now)
    else:
        rules.record_check(repair, message, now)


@for_all(st.booleans(), st.lists(_SAID, max_size=14))
def test_whatever_is_said_it_moves_only_as_the_table_allows(in_warranty: bool, said: list[Any]) -> None:
    repair, now = rules.Repair(given(in_warranty=in_warranty), MONDAY), MONDAY
    rules.begin(repair, now)
    for message in said:
        before = rules.view_of(repair, closed=False)
        if isinstance(message, timedelta):
            now += message
            fire_due_alarms(repair, now)
            continue
        try:
            say(repair, message, now)
        except Refused:
            assert rules.view_of(repair, closed=False) == before
    states = [report.event.state for report in repair.agenda.waiting(ReportToReturn)]
    assert all(after in MOVES[state] for state, after in pairwise(states))
    assert states[-1] is repair.state
    assert (repair.outcome is not None) == repair.state.ended
    assert repair.rounds <= rules.ROUNDS
    assert len(repair.agenda.waiting(TakeParts)) <= rules.ROUNDS
    assert not (in_warranty and repair.estimate)
    alarm = next_alarm(repair)
    assert alarm is None or alarm.at > now
    assert (alarm is None) <= (repair.state.ended or repair.bench_reminders > 0)


@for_all(st.booleans(), st.lists(_SAID, min_size=1, max_size=8))
def test_everything_said_twice_is_as_said_once(in_warranty: bool, said: list[Any]) -> None:
    once, twice = (rules.Repair(given(in_warranty=in_warranty), MONDAY) for _ in range(2))
    for message in said:
        for repair in (once, twice, twice):
            if isinstance(message, timedelta | EstimateAnswer) and repair.state is not RepairState.AWAITING_CUSTOMER:
                continue
            try:
                if isinstance(message, timedelta):
                    fire_due_alarms(repair, MONDAY + message)
                else:
                    say(repair, message, MONDAY)
            except Refused:
                pass
    assert rules.view_of(once, closed=False) == rules.view_of(twice, closed=False)


def test_every_state_but_the_ends_leads_on_and_to_an_end() -> None:
    reached = {state for state in RepairState if state.ended}
    for _ in RepairState:
        reached |= {state for state in RepairState if MOVES[state] & reached}
    assert reached == set(RepairState)
    assert {state for state in RepairState if state.ended} == {"done", "refused", "unrepairable"}


def test_the_calendar_is_part_of_the_start() -> None:
    assert isinstance(given(), RepairInput)
    assert given().calendar == CALENDAR
