"""Money that staff paid, gave up or set by hand: view, mail and page say the same of it, and the parts add up."""

import pytest

from lifecycle.contract.grades import Grade
from lifecycle.contract.messages import PaymentStatus
from lifecycle.contract.view import View
from lifecycle.returns.commands import Pay
from lifecycle.returns.settlement import payments
from starter.portal.customer.progress import progress_of
from starter.portal.customer.wording import headline_of
from tests.lifecycle.orders import policy
from tests.lifecycle.returns.story import BOTH, LATER, Story
from tests.lifecycle.returns.test_statement import FEES, mail

SPLIT = [
    {"tender_id": "t1", "kind": "card", "captured": 15400 - 2000},
    {"tender_id": "t2", "kind": "gift_card", "captured": 2000},
]


def failed(*, split: bool = False) -> Story:
    """A refund of 80.00 that failed after its answer, of which 60.00 where a gift card took the rest."""
    story = Story(tenders=SPLIT) if split else Story()
    story.receive(BOTH)
    story.inspect(u1_1=Grade.A, u1_2=Grade.A)
    assert not story.ret.agenda.has(Pay)
    card = next(payment for payment in story.ret.money.payments if payment.tender_id == "t1")
    payments.apply_payment_status(story.ret, card, PaymentStatus.FAILED, LATER, "closed")
    return story


def adds_up(view: View) -> bool:
    return sum(view.settlement.breakdown.signed.values()) == view.settlement.amount


@pytest.mark.parametrize(
    ("action", "how", "amount", "said"),
    [
        ("mark_done", "by_hand", 8000, "One of us has paid you 80.00 USD by hand, and not to the way you paid."),
        ("skip", "not_paid", 0, "80.00 USD could not be paid, and is not paid out."),
    ],
)
def test_what_staff_did_is_said_and_nothing_else(action: str, how: str, amount: int, said: str) -> None:
    story = failed()
    story.resolve(action, "transfer 12")
    view = story.view
    assert (view.status, view.settlement.amount, view.settlement.paid_how) == ("refunded", amount, how)
    assert adds_up(view)
    story.ret.money.paid_before = 0
    text = mail(story)
    assert said in text
    assert "We have sent" not in text
    known = progress_of(view, story.ret.request)
    assert (headline_of(view, known), known.steps[-1].name) == (how, f"settled_{how}")
    assert [entry.event for entry in known.happened if entry.event in ("refunded", how)][-1] == how


def test_part_of_it_by_hand_leaves_the_rest_to_the_way_they_paid() -> None:
    story = failed(split=True)
    story.resolve("mark_done")
    assert story.view.settlement.paid_how == "as_asked"
    assert [paid.how for paid in story.view.settlement.paid] == ["succeeded", "by_hand"]
    assert "paid you 60.00 USD by hand, and not to the way you paid. 20.00 USD went back" in mail(story)


def test_a_success_that_is_told_later_is_what_counts() -> None:
    story = failed()
    story.resolve("skip")
    [payment] = story.ret.money.payments
    payments.apply_payment_status(story.ret, payment, PaymentStatus.SUCCEEDED, LATER)
    assert (story.view.settlement.amount, story.view.settlement.paid_how) == (8000, "as_asked")
    assert adds_up(story.view)


@pytest.mark.parametrize("amount", [0, 5000, 9000])
def test_an_amount_set_by_hand_is_a_part_of_its_own(amount: int) -> None:
    story = Story(policy(money=FEES))
    story.change("amount", amount)
    assert adds_up(story.view)
    assert story.view.settlement.breakdown.set_by_hand
    story.receive(BOTH)
    story.inspect(u1_1=Grade.A, u1_2=Grade.C)
    assert (story.view.settlement.amount, adds_up(story.view)) == (amount, True)
