"""A return worth more than a shop lets one person decide: on the real server, and by the rules alone."""

import pytest

from client.errors import NotAllowed
from lifecycle.contract.errors import Refused
from lifecycle.contract.messages import Approve, Decline
from lifecycle.contract.statuses import Status
from lifecycle.returns.decisions import approval, change_request
from tests.lifecycle.orders import policy
from tests.lifecycle.returns.story import LATER, Story
from tests.workflows.policies.shop import Shop

#: The units of these tests are worth 4000 each; the pure ones return two.
_SHOP = "[approval]\nreview_above = 100\nsecond_person_above = {above}"


def _events(story: Story) -> list[tuple[str, str]]:
    return [(entry.event, entry.by) for entry in story.ret.timeline if entry.event.startswith("approved")]


def _waits(above: int = 7999) -> Story:
    return Story(policy(approval={"review_above": 100, "second_person_above": above}))


async def test_a_second_person_has_to_approve_what_is_worth_more(shop: Shop) -> None:
    story = shop.play(_SHOP.format(above=3999))
    await story.start(until=Status.IN_REVIEW)
    homeward = shop.stage.homeward
    first = await homeward.approve(story.return_id, Approve(by="alex (key till)"))
    assert first.status is Status.IN_REVIEW
    for nobody_else in ("alex (key till)", "Alex", "sam (key till)"):
        with pytest.raises(NotAllowed, match="a second person has to"):
            await homeward.approve(story.return_id, Approve(by=nobody_else))
    await homeward.approve(story.return_id, Approve(by="sam (key office)"))
    await story.until(Status.LABEL_SENT)
    said = [(entry.event, entry.by) for entry in (await story.view()).timeline if entry.event.startswith("approved")]
    assert said == [("approved_first", "alex (key till)"), ("approved", "sam (key office)")]


async def test_worth_exactly_that_much_one_person_is_enough(shop: Shop) -> None:
    story = shop.play(_SHOP.format(above=4000))
    await story.start(until=Status.IN_REVIEW)
    await story.approve()
    await story.until(Status.LABEL_SENT)


@pytest.mark.parametrize("above", [0, 8000])
def test_one_person_is_enough_where_the_policy_says_so(above: int) -> None:
    story = _waits(above)
    approval.approve(story.ret, Approve(by="alex"), LATER)
    assert (story.ret.in_review, _events(story)) == (False, [("approved", "alex")])


def test_the_same_person_twice_is_one() -> None:
    story = _waits()
    approval.approve(story.ret, Approve(by="alex"), LATER)
    with pytest.raises(Refused, match="alex has approved it"):
        approval.approve(story.ret, Approve(by=" ALEX"), LATER)
    assert (story.ret.in_review, _events(story)) == (True, [("approved_first", "alex")])


def test_one_person_is_enough_to_decline_it() -> None:
    story = _waits()
    approval.approve(story.ret, Approve(by="alex"), LATER)
    approval.decline(story.ret, Decline(by="alex", reason="on second thoughts"), LATER)
    assert story.ret.ended == "declined"


def test_a_changed_request_is_approved_anew() -> None:
    story = _waits()
    approval.approve(story.ret, Approve(by="alex"), LATER)
    change_request._back_to_review(story.ret, LATER)
    approval.approve(story.ret, Approve(by="sam"), LATER)
    assert (story.ret.in_review, _events(story)) == (True, [("approved_first", "alex"), ("approved_first", "sam")])
