"""What a return's mails say by key, in the words of the language in use (``content/en/mails/words.toml``)."""

from collections.abc import Mapping, Sequence
from typing import Any

from activities.shared.formats import day
from gateways.language import text
from lifecycle.contract.policy import Policy
from lifecycle.contract.request import ReturnRequest
from lifecycle.contract.view import RuleName
from lifecycle.returns.commands import Why
from lifecycle.returns.eligibility import rule_facts
from lifecycle.returns.units import NOT_HELD


def word(key: str, /, **values: Any) -> str:
    """The text of a key."""
    return text("mails/words", key, **values)


def noted(note: str) -> str:
    """What was noted of a unit: in the words of who did it, or in ours where nobody did."""
    return word("not_held") if note == NOT_HELD else note


def reasons(why: Sequence[Why], request: ReturnRequest, policy: Mapping[str, Any]) -> str | None:
    """Reasons of one kind, in words; None for none. ``policy`` is the one that the return started with."""
    lines = [_rule(one, request, policy) if _kind(one) == "rule" else _line(one) for one in why]
    # What came back worth less is told line by line.
    between = "\n" if why and _kind(why[0]) == "worth_less" else "; "
    return between.join(lines) or None


def _kind(one: Why) -> str:
    return str(one["key"]).partition(".")[0]


def _line(one: Why) -> str:
    key, note = str(one["key"]), one.get("note")
    values = {name: value for name, value in one.items() if name != "key"} | {"note": noted(note) if note else None}
    if _kind(one) == "worth_less":
        return word("worth_less.noted" if note else "worth_less.line", fault=word(key), **values)
    return word(key, **values)


def _rule(one: Why, request: ReturnRequest, policy: Mapping[str, Any]) -> str:
    unit_id = one["unit"]
    facts = rule_facts(request, Policy.model_validate(policy), unit_id.rpartition("-")[0] if unit_id else None)
    personal = one["key"] == f"rule.{RuleName.RESOLUTION}" and facts.for_personal_data
    return word(
        "rule.personal_data" if personal else str(one["key"]),
        unit=unit_id or word("whole"),
        detail=one["detail"],
        days=facts.window_days,
        day=day(facts.window_ended.isoformat()) if facts.window_ended else "",
        resolution=word(f"resolution.{facts.resolution}"),
        method=word(f"method.{request.method}"),
    )
