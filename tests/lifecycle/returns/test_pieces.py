"""A serial number is one piece; what was rejected and is back with its customer may be asked for again."""

from datetime import timedelta
from typing import Any

import pytest

from lifecycle.contract.grades import Grade
from lifecycle.contract.messages import TrackingStatus
from lifecycle.contract.policy import Policy
from lifecycle.contract.request import ReturnRequest
from lifecycle.contract.view import Outcome, Reception, RuleName
from lifecycle.returns import closing
from lifecycle.returns.eligibility import ClaimedUnit, Facts, decide
from lifecycle.returns.goods import pieces
from lifecycle.returns.goods.pieces import SeenBefore
from lifecycle.returns.settlement import settling
from tests.lifecycle.orders import NOW, body, policy, request
from tests.lifecycle.returns.story import LATER, Story


def piece(serial_number: str) -> dict[str, object]:
    return {"line_id": "1", "serial_number": serial_number}


def silent(**changes: Any) -> Story:
    """One unit; the books have not answered."""
    story = Story(items=[{"line_id": "1", "quantity": 1, "reason": "defective"}], **changes)
    story.books_answer = False
    return story


def answered(story: Story, **seen: SeenBefore) -> None:
    """The books answer for every unit that they were to be asked about."""
    asked = pieces.unchecked(story.ret, [unit.unit_id for unit in story.ret.units])
    before = {name[1:].replace("_", "-"): which for name, which in seen.items()}
    pieces.checked(story.ret, asked, before, LATER)
    story.go(LATER)


@pytest.mark.parametrize("typed", ["S-1", "s-1", " S-1 ", "S -1", "s - 1"])
def test_a_serial_number_is_compared_without_case_and_blanks(typed: str) -> None:
    story = Story()
    story.receive(piece(typed))
    assert [(unit.reception, unit.serial_number) for unit in story.view.units] == [
        (Reception.RECEIVED, "S-1"),
        (Reception.AWAITING, None),
    ]
    story.receive(piece("S-1"))
    assert story.receptions == ["received", "awaiting"]
    assert [extra.serial_number for extra in story.view.extras] == ["S-1"]


def test_a_piece_that_is_here_takes_no_wrong_ones_place() -> None:
    story = Story()
    story.receive(piece("S-1"), piece("X-9"))
    story.receive(piece("s-1"))
    assert [unit.serial_number for unit in story.view.units] == ["S-1", "X-9"]
    assert story.receptions == ["received", "wrong_item"]


def test_the_right_piece_takes_a_wrong_ones_place_however_it_is_typed() -> None:
    story = Story()
    story.receive(piece("S-1"), piece("X-9"))
    story.receive(piece("s-2"))
    assert [unit.serial_number for unit in story.view.units] == ["S-1", "S-2"]
    assert story.receptions == ["received", "received"]


def test_a_line_whose_serial_numbers_are_the_same_but_for_case_is_refused() -> None:
    with pytest.raises(ValueError, match="each serial number once"):
        request(line1={"serial_numbers": ["S-1", "s-1"]})


def test_a_piece_is_not_paid_before_the_books_have_answered() -> None:
    story = silent()
    story.receive(piece("S-1"))
    story.inspect(u1_1=Grade.A)
    assert (story.view.status, story.paid) == ("received", [])
    answered(story)
    assert (story.view.status, story.paid) == ("refunded", [4000])


def test_a_piece_that_came_before_waits_for_an_operator_with_the_reason() -> None:
    story = silent()
    story.receive(piece("S-1"))
    answered(story, u1_1=SeenBefore(return_id="R-0"))
    [unit] = story.view.units
    assert (unit.reception, unit.acceptance, unit.flag) == (
        "wrong_item",
        "manual_review",
        "this piece came back before, in return R-0",
    )
    assert story.paid == []
    story.wait()
    assert (story.paid, [parked.step for parked in story.ret.open_steps]) == ([], ["limit"])


def test_a_grade_that_came_before_the_answer_does_not_pay_it() -> None:
    story = silent()
    story.receive(piece("S-1"))
    story.inspect(u1_1=Grade.A)
    answered(story, u1_1=SeenBefore(return_id="R-0", rejected=True))
    assert (story.paid, story.view.units[0].acceptance) == ([], "manual_review")
    assert story.view.units[0].flag == "this piece came back before, in return R-0, and was rejected"
    story.inspect(u1_1=Grade.A)
    assert story.paid == [4000]
    assert [unit.flag for unit in story.view.units] == [None]


def test_the_limit_pays_no_piece_that_the_books_have_not_answered_for() -> None:
    story = silent()
    story.receive(piece("S-1"))
    story.wait()
    assert (story.paid, [parked.step for parked in story.ret.open_steps]) == ([], ["limit"])


def test_a_repair_begins_once_the_books_have_answered() -> None:
    story = silent(resolution="repair")
    story.receive(piece("S-1"))
    assert story.ret.units[0].bench is None
    answered(story)
    assert story.ret.units[0].bench is not None


def test_without_a_serial_number_nothing_is_asked() -> None:
    story = Story()
    story.receive({"line_id": "1", "quantity": 2})
    assert pieces.unchecked(story.ret, ["1-1", "1-2"]) == {}


def test_what_went_back_and_got_nothing_is_released() -> None:
    story = Story()
    story.receive({"line_id": "1", "quantity": 2})
    story.inspect(u1_1=Grade.A, u1_2=None)
    assert settling.freed(story.ret) == {"1-2": True}
    assert story.paid == [4000]


def test_what_the_customer_has_no_more_or_was_paid_for_stays_spent() -> None:
    early = Story(policy(approval={"instant_refund_below": 100000}))
    early.scan(TrackingStatus.ACCEPTED)
    early.receive({"line_id": "1", "quantity": 2})
    early.inspect(u1_1=None, u1_2=Grade.A)
    assert (early.paid, settling.freed(early.ret)) == ([8000], {})


def test_what_was_in_no_parcel_is_released() -> None:
    story = Story()
    story.scan(TrackingStatus.ACCEPTED)
    story.receive(complete=True)
    story.resolve("mark_done")
    assert settling.freed(story.ret) == {"1-1": True, "1-2": True}
    assert closing.may_close(story.ret) is False  # its mails are still to be written


def decided(raw: dict[str, object], facts: Facts, rules: Policy | None = None) -> tuple[Outcome, list[str], list[str]]:
    found = decide(ReturnRequest.model_validate(raw), rules or policy(), facts, NOW + timedelta(days=1))
    fired = [f"{rule.rule} {rule.unit_id}" for rule in found.decision.rules]
    return found.decision.outcome, [unit.unit_id for unit in found.units if unit.allowed], fired


def test_a_unit_that_was_rejected_before_waits_for_review() -> None:
    facts = Facts(claimed={"1-2": ClaimedUnit("R-0"), "1-3": ClaimedUnit("R-0")}, rejected={"1-1": "R-0"})
    raw = body(items=[{"line_id": "1", "quantity": 1, "reason": "unwanted"}])
    assert decided(raw, facts) == (Outcome.REVIEW, ["1-1"], [f"{RuleName.REJECTED_BEFORE} 1-1"])


def test_one_that_was_never_rejected_is_taken_first() -> None:
    facts = Facts(rejected={"1-1": "R-0"})
    raw = body(items=[{"line_id": "1", "quantity": 2, "reason": "unwanted"}])
    assert decided(raw, facts) == (Outcome.ALLOWED, ["1-2", "1-3"], [])


def test_what_another_return_holds_again_is_still_already_returned() -> None:
    held = {f"1-{number}": ClaimedUnit("R-0") for number in (1, 2, 3)}
    raw = body(items=[{"line_id": "1", "quantity": 1, "reason": "unwanted"}])
    outcome, allowed, fired = decided(raw, Facts(claimed=held, rejected={"1-1": "R-9"}))
    assert (outcome, allowed, fired) == (Outcome.DECLINED, [], [f"{RuleName.ALREADY_RETURNED} 1-2"])
