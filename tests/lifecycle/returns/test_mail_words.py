"""What a return's mails say by key has words, and says of a decision what its view says."""

from typing import Any

import pytest
from pydantic import TypeAdapter

from activities.shared.mail_words import noted, reasons, word
from lifecycle.contract.grades import AS_NEW, Grade
from lifecycle.contract.policy import Policy
from lifecycle.contract.request import Method, Reason
from lifecycle.contract.resolutions import Resolution
from lifecycle.contract.view import RuleName
from lifecycle.returns import state
from lifecycle.returns.agenda import ReturnAgenda
from lifecycle.returns.commands import SendMail
from lifecycle.returns.eligibility import ClaimedUnit, Facts, decide
from lifecycle.returns.units import NOT_HELD
from tests.lifecycle.orders import NOW, policy, request

_LAMP_TOO = [{"line_id": line, "quantity": 1, "reason": "unwanted"} for line in ("1", "2")]


@pytest.mark.parametrize(
    ("changes", "rules", "facts"),
    [
        ({"delivered_at": None}, Policy(), Facts()),
        ({"placed_at": "2026-09-16T10:15:00Z", "delivered_at": "2026-09-20T16:40:00Z"}, Policy(), Facts()),
        ({"line1": {"final_sale": True}, "items": _LAMP_TOO}, Policy(), Facts()),
        ({}, policy(eligibility={"resolutions": ["store_credit"]}), Facts()),
        (
            {"resolution": "replacement", "line1": {"holds_personal_data": True}},
            policy(eligibility={"resolutions": ["replacement", "refund"]}),
            Facts(),
        ),
        ({"method": "drop_off"}, policy(handover={"methods": ["mail"]}), Facts()),
        ({"resolution": "repair"}, policy(eligibility={"out_of_warranty_repair": "declined"}), Facts()),
        ({}, Policy(), Facts({"1-1": ClaimedUnit("R-0"), "1-2": ClaimedUnit("R-0")})),
        ({}, policy(approval={"review_above": 1}), Facts(customer_returns=9, rejected={"1-1": "R-0"})),
    ],
)
def test_a_mail_says_of_each_rule_what_the_view_says(changes: dict[str, Any], rules: Policy, facts: Facts) -> None:
    asked = request(**changes)
    decision = decide(asked, rules, facts, NOW).decision
    assert decision.rules
    said = reasons(state.why_declined(decision), asked, rules.model_dump(mode="json"))
    assert said == state.reasons(decision)


def test_every_key_has_its_word() -> None:
    for grade in set(Grade) - {AS_NEW}:
        assert word(f"worth_less.{grade}")
    for table, names in (("reason", Reason), ("resolution", Resolution), ("method", Method)):
        assert [word(f"{table}.{name}") for name in names]
    values = dict.fromkeys(("unit", "detail", "days", "day", "resolution", "method"), "")
    assert [word(f"rule.{rule}", **values) for rule in RuleName]


def test_only_what_nobody_noted_is_in_words_of_ours() -> None:
    assert noted("Zipper torn") == "Zipper torn"
    assert noted(NOT_HELD) == "your parcel did not hold it"


def test_a_mail_that_already_waits_keeps_what_it_was_given_to_say() -> None:
    stored = {"queue": [{"kind": "SendMail", "template": "charge_asked", "to": "customer", "reason": "SHOE: opened"}]}
    [mail] = TypeAdapter(ReturnAgenda).validate_python(stored).waiting(SendMail)
    assert (mail.reason, mail.why) == ("SHOE: opened", [])
