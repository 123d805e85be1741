"""A case by itself: whose word is awaited, what happens when nobody says it, and what can still be said."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from pydantic import ValidationError

from lifecycle.contract.errors import InvalidRequest, Refused
from lifecycle.contract.policy import Policy
from lifecycle.shared import backoff
from lifecycle.support import rules
from lifecycle.support.messages import CUSTOMER, AddMessage, CloseCase, MakeReturn, Queue, parse_case
from lifecycle.support.state import Case, CaseOpened, CaseStatus
from lifecycle.support.terms import support_terms
from tests.support.cases import make_question

#: A Tuesday, in the middle of the shop's day.
NOW = datetime(2026, 11, 17, 15, tzinfo=UTC)
HOUR = timedelta(hours=1)


def opened(**changes: Any) -> Case:
    case = rules.begin(make_question(**changes), NOW)
    rules.open_case(case, CaseOpened(terms=support_terms(Policy(), NOW)))
    return case


def said(by: str, text: str = "Hello", message_id: str = "m1") -> AddMessage:
    return AddMessage(message_id=message_id, by=by, text=text)


def events(case: Case) -> list[str]:
    return [entry.event for entry in case.timeline]


def test_a_question_is_due_after_the_promised_hours_and_then_escalated_once() -> None:
    case = opened()
    due = rules.answer_by(case)
    assert due == NOW + timedelta(days=1)
    assert rules.next_alarm(case) == (due, "escalation")
    rules.advance(case, due - timedelta(seconds=1))
    assert events(case) == ["opened"]
    rules.advance(case, due)
    rules.advance(case, due + HOUR)
    assert case.escalated
    assert [notice.template for notice in case.notices] == ["support_escalated"]
    assert rules.next_alarm(case) is None


def test_an_answer_stops_the_clock_and_the_customers_next_message_starts_it_anew() -> None:
    case = opened()
    rules.add_message(case, said("alex"), NOW + HOUR)
    assert (case.status, rules.answer_by(case), case.first_answer_at) == ("answered", None, NOW + HOUR)
    rules.add_message(case, said(CUSTOMER, message_id="m2"), NOW + 3 * HOUR)
    assert (case.status, rules.answer_by(case)) == ("open", NOW + timedelta(days=1, hours=3))
    rules.add_message(case, said(CUSTOMER, message_id="m3"), NOW + 4 * HOUR)
    assert rules.answer_by(case) == NOW + timedelta(days=1, hours=3), "who writes again does not wait longer"
    rules.advance(case, NOW + timedelta(days=2))
    rules.add_message(case, said("alex", message_id="m4"), NOW + timedelta(days=2))
    assert (case.escalated, case.first_answer_at) == (False, NOW + HOUR)


def test_an_answered_case_is_closed_by_silence_at_the_end_of_the_last_day() -> None:
    case = opened()
    rules.add_message(case, said("alex"), NOW)
    end = datetime(2026, 11, 25, 4, 59, 59, tzinfo=UTC)
    assert rules.next_alarm(case) == (end, "closing")
    rules.advance(case, end - timedelta(seconds=1))
    assert events(case)[-1] == "answered"
    rules.advance(case, end)
    assert case.status is CaseStatus.CLOSED
    assert [notice.template for notice in case.notices] == ["support_answer", "support_closed"]


def test_what_nobody_answered_is_never_closed_by_silence() -> None:
    case = opened()
    rules.advance(case, NOW + timedelta(days=300))
    assert case.status is CaseStatus.OPEN


@pytest.mark.parametrize(
    ("by", "mails"), [(CUSTOMER, []), ("alex", ["support_closed"]), ("temporal", ["support_closed"])]
)
def test_either_side_may_close_and_only_the_customer_is_mailed_of_the_shops(by: str, mails: list[str]) -> None:
    case = opened()
    rules.close(case, CloseCase(by=by, reason="done"), NOW)
    assert [notice.template for notice in case.notices] == mails
    for act in (
        lambda: rules.add_message(case, said(CUSTOMER), NOW),
        lambda: rules.close(case, CloseCase(by=CUSTOMER), NOW),
        lambda: rules.make_return(case, MakeReturn(by="alex"), NOW),
    ):
        with pytest.raises(Refused, match=f"{case.request.case_id} is closed"):
            act()


def test_a_repeated_message_changes_nothing_even_once_the_case_has_ended() -> None:
    case = opened()
    rules.add_message(case, said("alex"), NOW)
    rules.close(case, CloseCase(by=CUSTOMER), NOW)
    before = rules.view_of(case)
    rules.add_message(case, said("alex"), NOW + HOUR)
    assert rules.view_of(case) == before
    with pytest.raises(Refused, match="message_id: m1 was another message"):
        rules.add_message(case, said("alex", text="something else"), NOW)
    with pytest.raises(Refused, match="message_id: question was another message"):
        rules.add_message(case, said(CUSTOMER, message_id="question"), NOW)


def test_a_case_becomes_a_return_with_its_own_id() -> None:
    case = opened(case_id="S-9")
    rules.make_return(case, MakeReturn(by="alex"), NOW)
    with pytest.raises(Refused, match="a return is being made"):
        rules.make_return(case, MakeReturn(by="alex"), NOW)
    with pytest.raises(Refused, match="a return is being made"):
        rules.close(case, CloseCase(by=CUSTOMER), NOW)
    rules.add_message(case, said(CUSTOMER), NOW)
    assert rules.return_id_of(case) == "R-S-9"
    rules.became(case, "R-S-9", NOW)
    assert (case.status, case.became_return) == ("became_return", "R-S-9")
    with pytest.raises(Refused, match="S-9 became the return R-S-9"):
        rules.add_message(case, said(CUSTOMER, message_id="m2"), NOW)


def test_a_refused_return_leaves_the_case_open_and_the_next_has_the_same_id() -> None:
    case = opened(case_id="S-9")
    wish = rules.make_return(case, MakeReturn(by="alex"), NOW)
    rules.return_refused(case, "window", NOW)
    assert (wish.refused, case.status, case.timeline[-1].detail) == ("window", "open", "window")
    rules.make_return(case, MakeReturn(by="alex"), NOW)
    assert rules.return_id_of(case) == "R-S-9"


def test_a_conversation_fits_into_a_payload() -> None:
    case = opened()
    for number in range(9):
        rules.add_message(case, said(CUSTOMER, "x" * 20_000, f"m{number}"), NOW)
    with pytest.raises(Refused, match="as long as one can be"):
        rules.add_message(case, said(CUSTOMER, "x" * 20_000, "m9"), NOW)
    for number in range(190):
        rules.add_message(case, said(CUSTOMER, "x", f"n{number}"), NOW)
    with pytest.raises(Refused, match="as long as one can be"):
        rules.add_message(case, said(CUSTOMER, "x", "last"), NOW)


def test_a_question_about_a_return_is_for_those_who_see_to_returns() -> None:
    assert make_question().lands_in is Queue.SUPPORT
    assert make_question(return_id="R-1").lands_in is Queue.RETURNS
    assert make_question(return_id="R-1", queue="support").lands_in is Queue.SUPPORT


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("case_id", "no spaces"), ("case_id", "x" * 81), ("case_id", None), ("email", "nobody"), ("email", "a@b\n"),
        ("subject", ""), ("subject", "two\nlines"), ("text", " \n"), ("text", "x" * 20_001), ("text", "\x00"),
        ("channel", "pigeon"), ("order_id", ""), ("return_id", "../x"), ("queue", "other"), ("follows", "a b"),
        ("text", "\ud800"),
    ],
)  # fmt: skip
def test_a_wrong_question_names_its_field(field: str, value: object) -> None:
    raw = make_question().model_dump(mode="json") | {field: value}
    with pytest.raises(InvalidRequest) as refused:
        parse_case(raw)
    assert [name for name, _ in refused.value.problems] == [field]


def test_unknown_fields_are_ignored_in_payloads_and_refused_elsewhere() -> None:
    raw = make_question().model_dump(mode="json") | {"mood": "good"}
    assert parse_case(raw).lands_in is Queue.SUPPORT
    with pytest.raises(InvalidRequest, match="mood"):
        parse_case(raw, forbid_unknown=True)
    with pytest.raises(ValidationError, match="text"):
        AddMessage.model_validate({"message_id": "m", "by": "customer", "text": " "})


def test_a_step_that_failed_for_good_is_tried_again_a_day_later() -> None:
    case = opened()
    rules.add_message(case, said("alex"), NOW)
    backoff.record_failure(case, "keep", "no database", NOW)
    assert rules.next_alarm(case) == (NOW + timedelta(days=1), "keep again")
    assert rules.summary_of(case).attention == "keep"
    assert rules.view_of(case).attention is not None


class LifeOfACase(RuleBasedStateMachine):
    """Anybody says anything at any time: the case is always in one piece."""

    @initialize()
    def begin(self) -> None:
        self.now = NOW
        self.case = rules.begin(make_question(), NOW)
        self.number = 0
        self.ended: CaseStatus | None = None

    @precondition(lambda self: self.case.opened is None)
    @rule()
    def opening(self) -> None:
        rules.open_case(self.case, CaseOpened(terms=support_terms(Policy(), NOW)))

    @rule(by=st.sampled_from([CUSTOMER, "alex"]))
    def say(self, by: str) -> None:
        self.number += 1
        self.told(lambda: rules.add_message(self.case, said(by, message_id=f"m{self.number}"), self.now))

    @rule(by=st.sampled_from([CUSTOMER, "alex"]))
    def close(self, by: str) -> None:
        self.told(lambda: rules.close(self.case, CloseCase(by=by), self.now))

    @rule()
    def want_return(self) -> None:
        self.told(lambda: rules.make_return(self.case, MakeReturn(by="alex"), self.now))

    @precondition(lambda self: self.case.wish is not None)
    @rule(worked=st.booleans())
    def settle_wish(self, worked: bool) -> None:
        if worked:
            rules.became(self.case, rules.return_id_of(self.case), self.now)
        else:
            rules.return_refused(self.case, "no", self.now)

    @rule(hours=st.integers(1, 300))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        rules.advance(self.case, self.now)

    def told(self, act: Any) -> None:
        """A refusal changes nothing."""
        before = rules.view_of(self.case)
        try:
            act()
        except Refused:
            assert rules.view_of(self.case) == before

    @invariant()
    def is_sound(self) -> None:
        case, view = self.case, rules.view_of(self.case)
        assert view.closed == (case.status in (CaseStatus.CLOSED, CaseStatus.BECAME_RETURN))
        assert (case.status is CaseStatus.BECAME_RETURN) == (case.became_return is not None)
        assert not case.escalated or case.status is CaseStatus.OPEN
        assert len({notice.model_dump_json() for notice in case.notices}) == len(case.notices)
        assert view.answer_by is None or view.closes_at is None
        last = case.messages[-1]
        if case.status is CaseStatus.OPEN:
            assert last.from_customer
        if self.ended:
            assert case.status is self.ended, "an end is an end"
        self.ended = case.status if view.closed else None
        if case.opened and not view.closed:
            alarm = rules.next_alarm(case)
            assert alarm is not None or case.escalated or case.wish, "nothing would happen by itself any more"


TestLifeOfACase = LifeOfACase.TestCase
TestLifeOfACase.settings = settings(max_examples=60, stateful_step_count=25)
