"""An exchange never charges more than was agreed: the customer is asked, and nothing goes out before they answer."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from activities.shared.mail_words import reasons
from lifecycle.contract.errors import Refused
from lifecycle.contract.grades import Grade
from lifecycle.contract.messages import AnswerCharge, ChangeRequest, TrackingStatus
from lifecycle.contract.policy import Policy
from lifecycle.returns import closing
from lifecycle.returns.aggregate.parked_step import ParkedReturnStep
from lifecycle.returns.decisions import change_request
from lifecycle.returns.snapshot import restore, snapshot
from tests.lifecycle.returns.exchange_story import Exchange, one_rejected, pieces
from tests.lifecycle.returns.story import BOTH, LATER, LIMIT, SHOE

#: The end of the fourteenth day after the question, in New York.
UNTIL = datetime(2026, 12, 10, 4, 59, 59, tzinfo=UTC)


def test_two_for_two_and_one_rejected_asks_before_anything_is_charged_or_sent() -> None:
    story = one_rejected()
    assert story.outcome == ("received", [], [])
    assert story.asked is not None
    assert (story.asked.amount, story.asked.until, story.asked.refund) == (4000, UNTIL, 4000)
    assert story.view.settlement.amount == -4000
    assert story.events[-1] == "charge_asked"
    template, values = story.mails[-1]
    assert template == "charge_asked"
    assert (values["asked"], values["agreed"], values["refund"], values["answer_by"]) == (
        4000,
        None,
        4000,
        "2026-12-09",
    )
    assert reasons(values["why"], story.ret.request, {}) == "SHOE: it could not be accepted"


def test_they_pay_the_difference() -> None:
    story = one_rejected()
    story.answer(accepted=True, amount=4000)
    assert story.outcome == ("exchanged", [-4000], ["OTHER", "OTHER"])
    assert story.asked is None


def test_fewer_pieces_cost_nothing_and_the_others_are_released() -> None:
    story = one_rejected()
    story.answer(accepted=False, exchange_for=[{"sku": "OTHER", "quantity": 1}])
    assert story.outcome == ("exchanged", [], ["OTHER"])
    assert story.released == ["reserve/exchange-1-2"]


@pytest.mark.parametrize(
    ("instead", "status", "paid"),
    [(None, "refunded", 4000), ("refund", "refunded", 4000), ("store_credit", "credited", 4400)],
)
def test_money_instead(instead: str | None, status: str, paid: int) -> None:
    rules = Policy.model_validate({"money": {"store_credit_bonus_percent": 10}})
    story = one_rejected(rules=rules)
    assert story.asked is not None
    assert story.asked.store_credit == 4400
    story.answer(accepted=False, instead=instead)
    assert story.outcome == (status, [paid], [])
    assert story.released == ["reserve/exchange-1", "reserve/exchange-1-2"]
    assert story.view.settlement.resolution == (instead or "refund")


def test_silence_for_fourteen_days_means_money_instead() -> None:
    story = one_rejected()
    story.wait(UNTIL - timedelta(seconds=1))
    assert [template for template, _ in story.mails if template.startswith("charge")] == [
        "charge_asked",
        "charge_reminder",
    ]
    assert story.asked is not None
    story.wait(UNTIL)
    assert story.outcome == ("refunded", [4000], [])
    assert {"charge_unanswered", "resolution_changed"} <= set(story.events)
    with pytest.raises(Refused, match="nothing is asked"):
        story.answer(accepted=True, now=UNTIL)


def test_the_clock_stands_still_while_they_are_asked() -> None:
    story = one_rejected()
    before = story.view.deadlines
    assert before.target is not None
    assert before.limit is not None
    story.answer(accepted=True, now=LATER + timedelta(days=12))
    after = story.view.deadlines
    assert after.target == before.target + timedelta(days=12)
    assert after.limit == before.limit + timedelta(days=12)
    assert not story.view.escalated
    assert "limit_reached" not in story.events


def test_a_second_answer_is_refused() -> None:
    story = one_rejected()
    story.answer(accepted=True)
    for again in ({"accepted": True}, {"accepted": False, "instead": "refund"}):
        with pytest.raises(Refused, match="nothing is asked"):
            story.answer(**again)
    assert story.outcome == ("exchanged", [-4000], ["OTHER", "OTHER"])


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"accepted": True, "amount": 3999}, "expected 4000"),
        ({"accepted": False, "exchange_for": [{"sku": "OTHER", "quantity": 3}]}, "more of OTHER"),
        ({"accepted": False, "exchange_for": [{"sku": "ELSE", "quantity": 1}]}, "more of ELSE"),
        ({"accepted": True, "exchange_for": [{"sku": "OTHER", "quantity": 2}]}, "fewer"),
    ],
)
def test_an_answer_that_does_not_fit_is_refused(said: dict[str, Any], why: str) -> None:
    story = one_rejected()
    with pytest.raises(Refused, match=why):
        story.answer(**said)
    assert story.asked is not None


@pytest.mark.parametrize(
    "said",
    [
        {"accepted": True, "instead": "refund"},
        {"accepted": False, "instead": "refund", "exchange_for": [{"sku": "OTHER"}]},
        {"accepted": False, "instead": "repair"},
        {"accepted": False, "exchange_for": []},
    ],
)
def test_an_answer_says_one_thing(said: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        AnswerCharge.model_validate({"by": "customer", **said})


def test_fewer_pieces_that_still_cost_more_have_to_be_accepted() -> None:
    story = one_rejected(exchange_for=[pieces(1, 6000, "COAT"), pieces(1, 3000, "HAT")])
    assert story.ret.money.agreed == 1000
    assert story.asked is not None
    assert story.asked.amount == 5000
    coat = [{"sku": "COAT", "quantity": 1}]
    with pytest.raises(Refused, match="it costs 2000, and 1000 was agreed"):
        story.answer(accepted=False, exchange_for=coat)
    story.answer(accepted=True, exchange_for=coat, amount=2000)
    assert story.outcome == ("exchanged", [-2000], ["COAT"])


@pytest.mark.parametrize("dearer", [0, 500])
def test_what_was_agreed_is_charged_unasked(dearer: int) -> None:
    story = Exchange(exchange_for=[pieces(2, 4000 + dearer)])
    story.receive(BOTH, complete=True)
    story.inspect(u1_1=Grade.A, u1_2=Grade.A)
    assert story.outcome == ("exchanged", [-2 * dearer] if dearer else [], ["OTHER", "OTHER"])
    assert "charge_asked" not in story.events


def test_a_worse_grade_is_asked_about_too() -> None:
    story = Exchange()
    story.receive(BOTH, complete=True)
    story.inspect(u1_1=Grade.A, u1_2=Grade.C)
    assert story.asked is not None
    assert story.asked.amount == 1200  # 30 % of 4000
    assert reasons(story.mails[-1][1]["why"], story.ret.request, {}) == "SHOE: used or damaged"


def test_a_missing_unit_is_asked_about_and_paid_when_it_comes_after_the_answer() -> None:
    story = Exchange()
    story.receive(SHOE, complete=True)
    story.inspect(u1_1=Grade.A)
    assert story.asked is not None
    assert reasons(story.mails[-1][1]["why"], story.ret.request, {}) == "SHOE: it was not in the parcel"
    story.answer(accepted=True)
    assert story.outcome == ("exchanged", [-4000], ["OTHER", "OTHER"])
    story.receive(SHOE)
    story.inspect(u1_2=Grade.A)
    assert story.paid == [-4000, 4000]
    assert story.shipped == ["OTHER", "OTHER"]


def test_a_unit_that_comes_while_they_are_asked_takes_the_question_back() -> None:
    story = Exchange()
    story.receive(SHOE, complete=True)
    story.inspect(u1_1=Grade.A)
    story.receive(SHOE)
    assert story.asked is None
    assert story.events[-1] == "charge_withdrawn"
    assert story.ret.dates.stopped is None
    with pytest.raises(Refused, match="nothing is asked"):
        story.answer(accepted=False)
    story.inspect(u1_2=Grade.A)
    assert story.outcome == ("exchanged", [], ["OTHER", "OTHER"])


def test_another_charge_is_another_question() -> None:
    story = one_rejected()
    story.change("acceptance", "accepted", "1-2")
    assert story.asked is None
    assert story.outcome == ("exchanged", [], ["OTHER", "OTHER"])
    other = one_rejected()
    other.change("grade", "C", "1-1")
    assert other.asked is not None
    assert other.asked.amount == 5200
    assert [template for template, _ in other.mails].count("charge_asked") == 2
    with pytest.raises(Refused, match="expected 5200"):
        other.answer(accepted=True, amount=4000)


@pytest.mark.parametrize(
    ("field", "value", "outcome"),
    [
        ("resolution", "refund", ("refunded", [4000], [])),
        ("amount", 0, ("exchanged", [], ["OTHER", "OTHER"])),
    ],
)
def test_an_override_meanwhile_answers_it(field: str, value: Any, outcome: tuple[str, list[int], list[str]]) -> None:
    story = one_rejected()
    story.change(field, value)
    assert story.outcome == outcome
    assert story.asked is None


def test_fewer_pieces_than_it_is_worth_give_the_rest_back() -> None:
    story = one_rejected(exchange_for=[pieces(1, 3000, "HAT"), pieces(1, 6000, "COAT")])
    story.answer(accepted=False, exchange_for=[{"sku": "HAT", "quantity": 1}])
    assert story.outcome == ("exchanged", [1000], ["HAT"])


def test_the_tax_of_the_pieces_left_is_their_own_share() -> None:
    story = one_rejected(exchange_for=[pieces(3, 1500, tax=100)])
    assert story.asked is not None
    assert story.asked.amount == 600
    story.answer(accepted=True, exchange_for=[{"sku": "OTHER", "quantity": 2}])
    assert story.outcome == ("exchanged", [4000 - 3000 - 34 - 33], ["OTHER", "OTHER"])


def test_what_is_chosen_instead_of_what_is_out_of_stock_costs_what_its_answer_says() -> None:
    story = one_rejected()
    story.ret.parked.append(ParkedReturnStep("stock", "out of stock: OTHER", LATER))
    wish = ChangeRequest.model_validate({"by": "customer", "exchange_for": [pieces(1, 4500, "BAG")]})
    change_request.choose_instead(story.ret, wish, LATER)
    told = story.view.settlement.amount
    story.go(LATER)
    assert (told, story.paid, story.shipped) == (-500, [-500], ["BAG"])


def test_an_exchange_overridden_by_an_exchange_still_asks() -> None:
    story = one_rejected()
    story.change("resolution", "exchange")
    assert story.asked is not None
    assert story.paid == []


def test_at_the_limit_they_are_asked_and_the_limit_is_gone_on_with() -> None:
    story = Exchange()
    story.scan(TrackingStatus.ACCEPTED)
    story.receive(SHOE)  # one of two parcels, never graded
    story.wait(LIMIT)
    assert story.outcome == ("received", [], [])
    assert story.asked is not None
    assert story.asked.amount == 4000
    answered = story.asked.until - timedelta(days=1)
    story.answer(accepted=False, exchange_for=[{"sku": "OTHER", "quantity": 1}], now=answered)
    assert story.outcome == ("exchanged", [], ["OTHER"])
    assert story.receptions == ["received", "missing"]


def test_all_rejected_asks_nothing() -> None:
    story = Exchange()
    story.receive(BOTH, complete=True)
    story.inspect(u1_1=None, u1_2=None)
    assert story.outcome == ("rejected", [], [])
    assert story.asked is None


def test_a_unit_accepted_after_the_others_were_rejected_is_asked_about() -> None:
    story = Exchange()
    story.receive(SHOE, complete=True)
    story.inspect(u1_1=None)
    assert story.outcome == ("rejected", [], [])
    story.receive(SHOE)
    story.inspect(u1_2=Grade.A)
    assert story.asked is not None
    assert (story.asked.amount, story.paid, story.shipped) == (4000, [], [])
    assert not closing.may_close(story.ret)
    story.answer(accepted=False)
    assert story.outcome == ("refunded", [4000], [])


def test_the_question_is_kept_with_the_records() -> None:
    story = one_rejected()
    kept = restore(story.ret.request.model_dump(mode="json"), snapshot(story.ret))
    assert kept.money.question == story.ret.money.question
    assert kept.money.agreed == story.ret.money.agreed
