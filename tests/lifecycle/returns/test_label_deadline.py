"""A return has a deadline from its request on: what the customer needs is there by then, or somebody is called."""

from datetime import datetime, timedelta

import pytest

from lifecycle.contract.messages import ResolveAttention
from lifecycle.returns import alarms
from lifecycle.returns.advance import advance
from lifecycle.returns.aggregate.parcels import Parcel
from lifecycle.returns.commands import ProvideHandover, VoidLabel
from lifecycle.returns.decisions import attention
from lifecycle.returns.goods.handover import label_bought
from lifecycle.returns.goods.late_label import label_late
from lifecycle.returns.state import Return
from tests.lifecycle.orders import NOW, opened

HOURS = timedelta(hours=4)


@pytest.fixture
def ret() -> Return:
    found = opened()
    advance(found, NOW)
    return found


def answered(ret: Return, action: str, now: datetime, reference: str | None = None) -> None:
    message = {"by": "operator", "action": action, "reference": reference, "step": "label"}
    attention.resolve(ret, ResolveAttention.model_validate(message), now)
    advance(ret, now)


def test_its_time_begins_with_the_request_and_costs_no_alarm_while_it_is_got(ret: Return) -> None:
    assert ret.dates.label_by == NOW + HOURS
    assert alarms.next_alarm(ret) is None


def test_what_failed_for_good_reports_when_its_time_is_over(ret: Return) -> None:
    parked = attention.park(ret, "label", "the partner refused", NOW)
    parked.called = True
    alarm = alarms.next_alarm(ret)
    assert alarm
    assert (alarm.at, alarm.what) == (NOW + HOURS, "deadline of the label")
    alarms.fire_due_deadlines(ret, NOW + HOURS)
    assert (ret.open_steps, parked.called) == ([parked], False)
    assert alarms.next_alarm(ret) is None


def test_a_void_before_it_that_does_not_end_rings_too(ret: Return) -> None:
    ret.agenda.add(VoidLabel("buy_return_label"))
    alarms.fire_due_deadlines(ret, NOW + HOURS)
    assert [(parked.step, parked.error) for parked in ret.open_steps] == [("label", "not there within 4 hours")]


def test_it_asks_once_until_somebody_answers_and_again_after_a_retry(ret: Return) -> None:
    late = NOW + HOURS
    for _ in range(3):
        label_late(ret, late)
        advance(ret, late)
    assert len(ret.open_steps) == 1
    answered(ret, "retry", late)
    assert ret.open_steps == []
    assert ret.dates.label_by == late + HOURS
    label_late(ret, late + HOURS)
    assert len(ret.open_steps) == 1


def test_a_label_that_comes_late_takes_itself_out_of_attention(ret: Return) -> None:
    label_late(ret, NOW + HOURS)
    label_bought(ret, Parcel("CODE"), NOW + 2 * HOURS)
    advance(ret, NOW + 2 * HOURS)
    assert ret.open_steps == []
    assert (ret.dates.label_by, ret.label_overdue) == (None, False)


def test_its_step_that_gives_up_after_all_is_asked_for_once(ret: Return) -> None:
    label_late(ret, NOW + HOURS)
    parked = attention.park(ret, "label", "the partner answers 503", NOW + 3 * HOURS)
    assert ret.open_steps == [parked]
    assert not parked.called


@pytest.mark.parametrize("action", ["mark_done", "skip"])
def test_an_operators_word_to_a_late_one_is_kept_for_the_step_under_way(ret: Return, action: str) -> None:
    label_late(ret, NOW + HOURS)
    answered(ret, action, NOW + HOURS, "OWN-1")
    assert ret.way.instead
    assert ret.way.instead.action == action


def test_nobody_waits_for_a_label_that_was_never_asked_for(ret: Return) -> None:
    ret.agenda.withdraw(ProvideHandover)
    advance(ret, NOW)
    label_late(ret, NOW + HOURS)
    assert (ret.dates.label_by, ret.open_steps) == (None, [])
