"""A mail that settles less than was asked says what is missing and why; one of a lost parcel says that it was lost."""

from typing import Any

import pytest

from activities.shared.mails import render
from activities.shared.return_mails import readable_values
from lifecycle.contract.grades import Grade
from lifecycle.contract.messages import Inspection, TrackingStatus
from lifecycle.contract.policy import Policy
from lifecycle.returns import mail_values
from lifecycle.returns.aggregate.outbound_item import OutboundItem
from lifecycle.returns.commands import ReserveStock, SendMail
from lifecycle.returns.goods import outbound, reception, repair_bench
from lifecycle.returns.goods.outbound import named_items
from lifecycle.returns.settlement.payments import promised_now
from lifecycle.returns.settlement.settling import mail_with, settled_status
from lifecycle.returns.settlement.statement import statement_of
from lifecycle.shared.repair_messages import RepairOutcome, RepairResult
from tests.lifecycle.orders import policy
from tests.lifecycle.returns.story import BOTH, LATER, SHOE, Story

FEES = {"restocking_fee_percent": 15, "return_shipping_fee": 500}


def mail(story: Story, template: str | None = None, **more: Any) -> str:
    """The text that tells of the settlement that has just been carried out, in one line."""
    ret, statement = story.ret, statement_of(story.ret)
    amount = promised_now(ret)
    values = {
        "name": "Sample Customer",
        "return_id": "R-1",
        "order_id": "SO-1",
        "shop_name": "Demo Shop",
        "amount": amount,
        "by_hand": None,
        "rest_paid": None,
        "kept": any(unit.kept for unit in ret.units),
        "rest": 0,
        "expires": None,
        "tracking_code": None,
        "goes_back": False,
        "reasons": None,
        "statement": statement,
    }
    _, text = render(template or settled_status(ret).value, readable_values(ret.request, values) | more)
    return " ".join(text.split())


def sent(rules: Policy | None = None, **changes: Any) -> Story:
    story = Story(rules, **changes)
    story.scan(TrackingStatus.ACCEPTED)
    return story


def notices(story: Story) -> list[str]:
    return [notice.template for notice in story.ret.agenda.waiting(SendMail)]


def test_all_that_was_asked_for_needs_no_word() -> None:
    story = sent()
    story.receive(BOTH)
    story.inspect(u1_1=Grade.A, u1_2=Grade.A)
    assert statement_of(story.ret) is None
    assert "80.00 USD" in mail(story)
    assert " - " not in mail(story)


def test_one_accepted_and_one_rejected() -> None:
    story = sent()
    story.receive(BOTH)
    story.ret.units[1].note = "worn outdoors"
    story.inspect(u1_1=Grade.A, u1_2=None)
    story.ret.units[1].note = "worn outdoors"
    assert "40.00 USD back to the way you paid" in mail(story)
    assert "- 1 x SHOE: not accepted: worn outdoors." in mail(story)


def test_one_is_missing() -> None:
    story = sent()
    story.receive(SHOE, complete=True)
    story.inspect(u1_1=Grade.A)
    assert "- 1 x SHOE: was in no parcel. When it comes, we settle it as well." in mail(story)
    story.receive(SHOE)
    story.inspect(u1_2=Grade.A)
    assert (story.paid, statement_of(story.ret)) == ([4000, 4000], None)


def test_all_of_it_was_lost() -> None:
    story = sent()
    story.scan(TrackingStatus.LOST, LATER, LATER)
    said = mail(story)
    assert "80.00 USD back" in said
    assert "- 2 x SHOE: the carrier has lost it on its way to us. You need not do anything about that." in said


def test_one_came_and_one_was_lost() -> None:
    story = sent()
    story.receive(SHOE)
    story.scan(TrackingStatus.LOST, LATER, LATER)
    story.inspect(u1_1=Grade.C)
    assert story.paid == [6800]
    assert "- 1 x SHOE: the carrier has lost it" in mail(story)
    assert "- Taken off for the condition of what came back: 12.00 USD" in mail(story)


def test_a_lost_parcel_pays_no_restocking_fee() -> None:
    story = sent(policy(money=FEES))
    story.scan(TrackingStatus.LOST, LATER, LATER)
    assert story.paid == [8000]
    assert story.view.settlement.breakdown.restocking_fee == 0
    assert "restocking" not in mail(story)


def test_of_two_the_lost_one_pays_no_restocking_fee() -> None:
    story = sent(policy(money=FEES))
    story.receive(SHOE)
    story.scan(TrackingStatus.LOST, LATER, LATER)
    story.inspect(u1_1=Grade.A)
    assert story.paid == [8000 - 600 - 500]
    assert "- Taken off as restocking fee: 6.00 USD - Taken off for the way back: 5.00 USD" in mail(story)


def test_nothing_is_left_of_it_by_its_condition() -> None:
    story = sent()
    story.receive(BOTH)
    story.inspect(u1_1=Grade.D, u1_2=Grade.D)
    assert story.paid == []
    assert "Nothing is refunded. - Taken off for the condition of what came back: 80.00 USD" in mail(story)


def test_no_more_can_go_back() -> None:
    tenders = [{"tender_id": "t1", "kind": "card", "captured": 15400, "refunded": 12400}]
    story = sent(tenders=tenders)
    story.receive(BOTH)
    story.inspect(u1_1=Grade.A, u1_2=Grade.A)
    assert story.paid == [3000]
    assert "- No more than that can go back" in mail(story)


def test_an_operator_set_the_amount() -> None:
    story = sent(policy(money=FEES))
    story.change("amount", 5000)
    story.receive(BOTH)
    story.inspect(u1_1=Grade.A, u1_2=Grade.A)
    assert story.paid == [5000]
    assert "- One of us has set the amount." in mail(story)
    assert "restocking" not in mail(story)


def test_kept_things_come_to_no_list() -> None:
    story = Story(policy(approval={"keep_item_below": 100000}))
    assert "the item is yours to keep" in mail(story)
    assert statement_of(story.ret) is None


def test_at_the_limit_what_is_wrong_is_still_looked_at() -> None:
    story = sent()
    story.receive({"line_id": "1", "serial_number": "S-1"}, {"line_id": "1", "serial_number": "X-9"})
    story.wait()
    assert story.paid == [4000]
    assert "- 1 x SHOE: has come, and one of us still looks at it." in mail(story)


def test_an_instant_refund_has_nothing_missing() -> None:
    story = Story(policy(approval={"instant_refund_below": 100000}))
    story.scan(TrackingStatus.ACCEPTED)
    assert (story.paid, statement_of(story.ret)) == ([8000], None)


@pytest.mark.parametrize("come", [True, False])
def test_store_credit_says_so_too(come: bool) -> None:
    story = sent(policy(money={"store_credit_bonus_percent": 10}), resolution="store_credit")
    story.receive(BOTH if come else SHOE, complete=True)
    story.inspect(**({"u1_1": Grade.A, "u1_2": None} if come else {"u1_1": Grade.A}))
    assert story.paid == [4400]
    assert ("not accepted" if come else "was in no parcel") in mail(story)


def shipped(story: Story) -> None:
    """What is due has gone."""
    names = {item.name for item in story.ret.wanted if item.state == "due"}
    outbound.shipped(story.ret, names, "OUT-1", LATER)
    story.go(LATER)


def test_a_replacement_for_one_and_the_other_rejected() -> None:
    story = sent(policy(approval={"advance_replacement": False}), resolution="replacement")
    for item in story.ret.wanted:
        item.state = "reserved"
    story.receive(BOTH)
    story.inspect(u1_1=Grade.A, u1_2=None)
    story.ret.units[1].note = "worn"
    shipped(story)
    assert "your replacement has been sent" in mail(story)
    assert "- 1 x SHOE: not accepted: worn." in mail(story)


def test_an_exchange_of_which_one_unit_is_missing() -> None:
    wants = [{"sku": "SHOE-43", "quantity": 1, "unit_price": 3000}]
    story = sent(resolution="exchange", exchange_for=wants)
    for item in story.ret.wanted:
        item.state = "reserved"
    story.receive(SHOE, complete=True)
    story.inspect(u1_1=Grade.A)
    shipped(story)
    said = mail(story)
    assert "The difference of 10.00 USD goes back" in said
    assert "was in no parcel" in said


def beyond_repair(*, in_stock: bool) -> Story:
    story = sent(resolution="repair", items=[{"line_id": "1", "quantity": 1, "reason": "defective"}])
    story.receive(SHOE)
    repair_bench.finish_repair(story.ret, RepairResult(unit_id="1-1", outcome=RepairOutcome.UNREPAIRABLE), LATER)
    asked = named_items(story.ret, ["1-1"])
    story.ret.agenda.withdraw(ReserveStock)
    outbound.reserved(story.ret, asked, ["1-1"] if in_stock else [], LATER)
    story.go(LATER)
    return story


def test_beyond_repair_and_out_of_stock_the_header_says_refund() -> None:
    story = beyond_repair(in_stock=False)
    view = story.view
    assert (view.status, view.settlement.resolution, story.paid) == ("refunded", "refund", [4000])
    changed = [entry.detail for entry in view.timeline if entry.event == "resolution_changed"]
    assert changed == ["1-1: replacement, it cannot be repaired", "1-1: refund, there is none in stock"]
    assert "40.00 USD back" in mail(story)


def test_beyond_repair_and_in_stock_the_header_says_replacement() -> None:
    story = beyond_repair(in_stock=True)
    shipped(story)
    assert (story.view.status, story.view.settlement.resolution) == ("replaced", "replacement")


def test_a_refused_estimate_is_mailed_as_one() -> None:
    story = sent(resolution="repair", items=[{"line_id": "1", "quantity": 1, "reason": "other"}])
    story.receive(SHOE)
    repair_bench.finish_repair(
        story.ret, RepairResult(unit_id="1-1", outcome=RepairOutcome.REFUSED, estimate=900), LATER
    )
    story.go(LATER)
    said = mail(story, goes_back=True)
    assert "was not repaired, and goes back to you. It costs you nothing." in said
    assert "- 1 x SHOE: goes back as it is: the estimate was not accepted." in said
    assert "cannot accept" not in said


def test_units_that_get_different_things_leave_the_header_as_it_was_asked() -> None:
    story = sent(policy(approval={"advance_replacement": False}), resolution="replacement")
    story.ret.units[1].remedy = story.ret.request.resolution.REFUND
    assert story.view.settlement.resolution == "replacement"


def test_a_repair_that_has_not_come_by_the_limit_is_refunded_and_says_so() -> None:
    story = sent(resolution="repair", items=[{"line_id": "1", "quantity": 1, "reason": "defective"}])
    story.wait()
    assert (story.view.settlement.resolution, story.paid) == ("refund", [4000])
    assert any(entry.event == "resolution_changed" for entry in story.view.timeline)


def test_wholly_rejected_and_sent_back_one_mail_says_both() -> None:
    story = sent()
    story.ret.agenda.withdraw(SendMail)
    story.receive(BOTH)
    story.inspect(u1_1=None, u1_2=None)
    for unit in story.ret.units:
        unit.note = "worn"
    assert story.view.status == "rejected"
    assert notices(story) == []  # the parcel brings it
    said = mail(story, goes_back=True, tracking_code="OUT-1")
    assert "cannot accept it. Nothing is refunded, and it goes back to you." in said
    assert "- 2 x SHOE: not accepted: worn." in said
    assert "Tracking code: OUT-1" in said


def test_wholly_rejected_and_disposed_of_the_mail_comes_by_itself() -> None:
    story = sent()
    story.receive(BOTH)
    story.ret.agenda.withdraw(SendMail)
    units = [{"unit_id": f"1-{number}", "accepted": False, "disposition": "dispose"} for number in (1, 2)]
    inspection = Inspection.model_validate({"inspection_id": "i", "units": units})
    reception.inspect(story.ret, inspection, LATER)
    story.go(LATER)
    assert (story.view.status, notices(story)) == ("rejected", ["rejected"])


def test_one_rejected_and_one_missing_is_said_in_one_mail() -> None:
    story = sent()
    story.receive(SHOE, complete=True)
    story.inspect(u1_1=None)
    said = mail(story)
    assert "- 1 x SHOE: not accepted" in said
    assert "- 1 x SHOE: was in no parcel" in said


def test_a_parcel_that_held_nothing_is_not_called_looked_at() -> None:
    story = sent()
    story.receive(complete=True)
    story.resolve("mark_done")
    said = mail(story)
    assert "has not reached us. Nothing is refunded." in said
    assert "looked at what you sent" not in said
    [notice] = [notice for notice in story.ret.agenda.waiting(SendMail) if notice.template == "rejected"]
    assert mail_values.mail_values(story.ret, notice)["statement"]["nothing_came"]


@pytest.mark.parametrize(
    ("resolution", "item", "template"),
    [
        ("replacement", OutboundItem("1-1", "SHOE", 1), "replaced"),
        ("repair", OutboundItem("1-1", "SHOE", 1, own=True), "repaired"),
        # One unit of several had something else than the money that all were sent back for.
        ("refund", OutboundItem("1-1", "SHOE", 1), "replaced"),
        ("refund", OutboundItem("1-1", "SHOE", 1, own=True), "repaired"),
        ("store_credit", OutboundItem("exchange-1", "LAMP", 1), "exchanged"),
    ],
)
def test_a_parcel_comes_with_the_mail_of_what_is_in_it(resolution: str, item: OutboundItem, template: str) -> None:
    assert mail_with(Story(resolution=resolution).ret, [item]) == template
