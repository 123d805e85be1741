"""What a timeline entry says besides its name, in the shop's words: money as money, days as days."""

import re
from datetime import datetime
from typing import Final

from lifecycle.contract.messages import AttentionAction
from lifecycle.contract.resolutions import Resolution
from lifecycle.contract.view import TimelineEntry, View
from starter.portal.shared.formats import Days, money
from starter.portal.shared.steps import step_name
from starter.portal.shared.texts import t

#: ``refund: mark_done (transfer 12): the card is closed``, as an answer of staff is noted.
_ANSWERED: Final = re.compile(r"^(?P<step>[\w-]+): (?P<action>retry|mark_done|skip)\b(?P<rest>.*)$", re.DOTALL)
#: ``1-1.grade = C: worn``, as a fact that was changed by hand is noted.
_CHANGED: Final = re.compile(r"^(?:(?P<unit>[^ =]+)\.)?(?P<fact>\w+) = (?P<value>.*?): (?P<why>.*)$", re.DOTALL)
_INSTANTS: Final = ("ship_by", "target", "limit")
_WORDS: Final[dict[AttentionAction, str]] = {"retry": "retried", "mark_done": "by_hand", "skip": "skipped"}


def told(entry: TimelineEntry, view: View, days: Days) -> str:
    """The entry's detail; as it stands where it is words of people or partners."""
    detail = entry.detail or ""
    if entry.event == "attention":
        kind, _, rest = detail.partition(":")
        return step_name(kind) + (f":{rest}" if rest else "")
    if entry.event == "attention_resolved" and (found := _ANSWERED.match(detail)):
        return t(f"desk.told.{_WORDS[found['action']]}", step=step_name(found["step"]).capitalize()) + found["rest"]  # type: ignore[index]
    if entry.event == "overridden" and (found := _CHANGED.match(detail)):
        return _changed(found, view, days)
    if entry.event == "resolution_changed":
        resolution, comma, rest = detail.partition(",")
        known = resolution in set(Resolution)
        return t(f"warehouse.resolution.{resolution}") + comma + rest if known else detail
    return detail


def _changed(found: re.Match[str], view: View, days: Days) -> str:
    fact, value, unit = found["fact"], found["value"], found["unit"]
    shown = f"{t(f'desk.fact.{fact}')} {unit}" if unit else t(f"desk.fact.{fact}")
    return t("desk.told.changed", fact=shown, value=_value(fact, value, view, days), why=found["why"])


def _value(fact: str, value: str, view: View, days: Days) -> str:
    if fact == "amount" and value.isdecimal():
        return money(int(value), view.settlement.currency)
    if fact in _INSTANTS:
        return _day(value, days)
    if fact in ("resolution", "disposition"):
        return t(f"warehouse.{fact}.{value}")
    return t(f"desk.{fact}.{value}") if fact in ("reception", "acceptance", "method") else value


def _day(value: str, days: Days) -> str:
    try:
        return days.date(datetime.fromisoformat(value))
    except ValueError:
        return value
