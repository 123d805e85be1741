"""What an examination finds."""

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "warning", "failed"]


@dataclass(frozen=True)
class Finding:
    """One line: what was looked at, how it is, and what to do where it is not as it should be."""

    check: str
    state: State
    text: str
    advice: str | None = None


def ok(check: str, text: str) -> Finding:
    """It is as it should be."""
    return Finding(check, "ok", text)


def warning(check: str, text: str, advice: str) -> Finding:
    """It works, and somebody should look at it."""
    return Finding(check, "warning", text, advice)


def failed(check: str, text: str, advice: str) -> Finding:
    """Returns do not go on, or will not for long."""
    return Finding(check, "failed", text, advice)
