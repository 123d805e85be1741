"""The clock of a repair, each instant on both sides."""

from datetime import UTC, datetime, timedelta

import pytest

from lifecycle.repairs.commands import SendRepairMail
from lifecycle.repairs.deadlines import MOST_REMINDERS, fire_due_alarms, next_alarm
from tests.lifecycle.repairs.bench import MONDAY, Bench

SECOND = timedelta(seconds=1)
#: 23:59:59 of the fourteenth day after that Monday, in New York.
LAST = datetime(2026, 3, 31, 3, 59, 59, tzinfo=UTC)


def test_the_customer_is_reminded_half_way() -> None:
    story = Bench()
    story.diagnose()
    fire_due_alarms(story.repair, MONDAY + timedelta(days=7) - SECOND)
    assert story.mails == ["repair_estimate"]
    fire_due_alarms(story.repair, MONDAY + timedelta(days=7))
    fire_due_alarms(story.repair, MONDAY + timedelta(days=8))
    assert story.mails == ["repair_estimate", "repair_reminder"]
    assert story.repair.agenda.waiting(SendRepairMail)[-1].values["answer_by"] == "2026-03-30"


def test_silence_ends_it_with_the_fourteenth_day() -> None:
    story = Bench()
    story.diagnose()
    assert story.repair.answer_by == LAST
    fire_due_alarms(story.repair, LAST - SECOND)
    assert story.repair.state == "awaiting_customer"
    fire_due_alarms(story.repair, LAST)
    assert (story.repair.state, story.repair.outcome) == ("refused", "silent")
    assert next_alarm(story.repair) is None


def test_an_answer_in_the_last_second_counts() -> None:
    story = Bench()
    story.diagnose()
    story.now = LAST - SECOND
    story.answer(accepted=True)
    fire_due_alarms(story.repair, LAST)
    assert story.repair.state == "repairing"


def test_after_a_long_standstill_nobody_is_reminded_of_what_is_over() -> None:
    story = Bench()
    story.diagnose()
    fire_due_alarms(story.repair, LAST + timedelta(days=3))
    assert story.repair.outcome == "silent"
    assert story.mails == ["repair_estimate"]


def test_operations_are_mailed_after_two_business_days_without_a_word() -> None:
    friday = MONDAY + timedelta(days=4)
    story = Bench(now=friday)
    due = datetime(2026, 3, 25, 3, 59, 59, tzinfo=UTC)  # the end of Tuesday
    fire_due_alarms(story.repair, due - SECOND)
    assert story.mails == []
    fire_due_alarms(story.repair, due)
    assert story.mails == ["repair_waits"]
    assert story.repair.agenda.waiting(SendRepairMail)[-1].values["state"] == "diagnosing"


def test_what_is_recorded_begins_the_bench_clock_anew() -> None:
    story = Bench(in_warranty=True)
    story.now = MONDAY + timedelta(days=1)
    story.diagnose()
    fire_due_alarms(story.repair, MONDAY + timedelta(days=3))
    assert story.mails == []
    fire_due_alarms(story.repair, MONDAY + timedelta(days=4))
    assert story.mails == ["repair_waits"]
    story.now = MONDAY + timedelta(days=4)
    story.work()
    assert story.repair.bench_reminders == 0


def test_the_customers_answer_begins_the_bench_clock_anew() -> None:
    story = Bench()
    story.diagnose()
    story.now = MONDAY + timedelta(days=9)
    story.answer(accepted=True)
    alarm = next_alarm(story.repair)
    assert alarm
    assert (alarm.at, alarm.what) == (datetime(2026, 3, 28, 3, 59, 59, tzinfo=UTC), "reminder to the bench")


@pytest.mark.parametrize("in_warranty", [True, False])
def test_the_bench_is_reminded_less_and_less_often_and_not_for_ever(in_warranty: bool) -> None:
    story = Bench(in_warranty=in_warranty)
    rings = []
    while alarm := next_alarm(story.repair):
        fire_due_alarms(story.repair, alarm.at)
        rings.append((alarm.at - MONDAY).days)
    assert len(rings) == MOST_REMINDERS
    assert rings[:4] == [2, 4, 10, 22]
