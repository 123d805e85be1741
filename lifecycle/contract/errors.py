"""What the lifecycle refuses, each with a reason that an operator can act on."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, Self

from pydantic_core import PydanticCustomError

from lifecycle.contract.texts import FORMS


class InvalidRequest(ValueError):
    """Input that is not what the contract says.

    ``problems`` holds ``(field, what was expected)`` pairs; the message joins them. ``codes`` has the kind of fault of
    fields whose kind is known, see ``FAULTS``.
    """

    def __init__(self, problems: Sequence[tuple[str, str]], codes: Mapping[str, str] | None = None) -> None:
        self.problems = list(problems)
        self.codes = dict(codes or {})
        super().__init__("; ".join(f"{field}: {text}" for field, text in self.problems))

    @classmethod
    def read(cls, message: str) -> Self:
        """The error whose message this is, as an activity's failure brings it."""
        parts = (part.partition(": ") for part in message.split("; "))
        return cls([(field, text) for field, _, text in parts])


def problem(field: str, expected: str) -> PydanticCustomError:
    """What a validator of a whole model raises for one of its fields."""
    return PydanticCustomError("contract", "expected {expected}", {"field": field, "expected": expected})


class Refused(Exception):
    """A message that the state of the return does not allow; nothing has changed."""


#: The kinds of fault of one field, each with what it means; a client may go by them.
FAULTS: Final = {
    "missing": "It is needed, and is not there.",
    "unknown": "Nobody knows a field, or a parameter, of this name.",
    "type": "It is of another type: a text where a number belongs.",
    "choice": "It is none of the values that there are.",
    "range": "The number, or the instant, is too small or too large.",
    "length": "The text, or the list, is too short or too long.",
    "format": "The text has another form.",
    "rule": "It is well-formed, and breaks a rule: more than was bought, two that exclude each other.",
}
#: By the validator's own name of it: the kind of fault, and what was expected, with the validator's figures.
_EXPECTED: Final[Mapping[str, tuple[str, str]]] = {
    "missing": ("missing", "expected to be there"),
    "extra_forbidden": ("unknown", "expected no such field"),
    "greater_than_equal": ("range", "expected at least {ge}"),
    "greater_than": ("range", "expected more than {gt}"),
    "less_than_equal": ("range", "expected at most {le}"),
    "less_than": ("range", "expected less than {lt}"),
    "string_too_short": ("length", "expected at least {min_length} characters"),
    "string_too_long": ("length", "expected at most {max_length} characters"),
    "too_short": ("length", "expected at least {min_length} entries, got {actual_length}"),
    "too_long": ("length", "expected at most {max_length} entries"),
    "multiple_of": ("range", "expected a multiple of {multiple_of}"),
    "invalid_key": ("type", "expected names that are text"),
    "time_delta_type": ("type", "expected a duration"),
    "time_delta_parsing": ("format", "expected a duration"),
    "string_pattern_mismatch": ("format", "expected {form}"),
    "timezone_aware": ("format", "expected an instant with its time zone, such as 2026-11-06T16:40:00Z"),
    "finite_number": ("type", "expected a number that is finite"),
    "int_from_float": ("type", "expected a whole number"),
    "string_unicode": ("type", "expected text in UTF-8"),
    "none_required": ("type", "expected null"),
    "union_tag_invalid": ("choice", "expected one of {expected_tags}"),
    "union_tag_not_found": ("missing", "expected to say which kind it is"),
}
#: What is expected where the validator's name begins so.
_KINDS: Final[Mapping[str, str]] = {
    "bool": "true or false",
    "int": "a whole number",
    "float": "a number",
    "decimal": "a number",
    "string": "text",
    "list": "a list",
    "tuple": "a list",
    "set": "a list",
    "iterable": "a list",
    "dict": "an object",
    "mapping": "an object",
    "model": "an object",
    "dataclass": "an object",
    "datetime": "an instant such as 2026-11-06T16:40:00Z",
    "date": "a day such as 2026-11-06",
    "time": "a time such as 09:00",
    "timedelta": "a duration",
    "url": "a web address",
    "json": "JSON",
    "bytes": "text",
}


#: How the validator writes a bound that is an instant.
_INSTANT: Final = re.compile(r"datetime\.datetime\((\d+), (\d+), (\d+),.*\)$")


def _day(bound: re.Match[str]) -> str:
    year, month, day = map(int, bound.groups())
    return f"{year:04}-{month:02}-{day:02}"


def fault_of(error: Mapping[str, Any]) -> tuple[str, str]:
    """``(kind, what was expected)`` of one of Pydantic's errors, in our words; the value itself is left out."""
    name, context = str(error["type"]), error.get("ctx") or {}
    if name in _EXPECTED:
        kind, text = _EXPECTED[name]
        form = FORMS.get(str(context.get("pattern")), f"text of the form {context.get('pattern')}")
        told = _INSTANT.sub(_day, text.format_map({**context, "form": form}))
        return kind, told.replace("1 characters", "1 character").replace("1 entries", "1 entry")
    if name in ("enum", "literal_error"):
        return "choice", f"expected one of {str(context['expected']).replace(chr(39), '').replace(' or ', ', ')}"
    if name in ("value_error", "assertion_error"):
        return "rule", str(context["error"])
    beginning = name.partition("_")[0]
    if beginning in _KINDS and name != beginning:
        return "format" if "parsing" in name else "type", f"expected {_KINDS[beginning]}"
    said = str(error["msg"])  # by a validator of our own
    return "rule", said if said.startswith("expected") else "expected another value"
