"""Lengths of time as people type and read them: 90s, 15m, 1h30m."""

import re
from datetime import timedelta
from typing import Final

_UNITS: Final = {"ms": "milliseconds", "s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_PART: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
#: What is read back in one unit.
_WHOLE: Final = (("d", 86_400), ("h", 3600), ("m", 60))


def seconds_of(typed: str) -> float:
    """A length in seconds, typed as Temporal's own commands take it.

    Raises ``ValueError``, which says what was expected.
    """
    parts = _PART.findall(typed)
    if not parts or "".join(map("".join, parts)) != typed:
        raise ValueError(f"expected a length of time such as 90s, 15m or 1h30m, got {typed}")
    try:
        return sum(timedelta(**{_UNITS[unit]: float(count)}).total_seconds() for count, unit in parts)
    except OverflowError:
        raise ValueError(f"expected a length of time below a million days, got {typed}") from None


def length_of(seconds: float) -> str:
    """The shortest way to say so many seconds in one unit: 90s, 15m."""
    for unit, length in _WHOLE:
        if seconds >= length and seconds % length == 0:
            return f"{seconds / length:g}{unit}"
    return f"{seconds:g}s"
