"""Texts that came from outside, within the Markdown that Temporal's UI renders."""

import re
from typing import Final

#: Means nothing in Markdown, wherever it stands in a line, and is no address that a renderer would make a link of.
_PLAIN: Final = re.compile(r"[A-Za-z0-9-]+(?: [A-Za-z0-9-]+)*")
_TICKS: Final = re.compile("`+")


def literal(text: str) -> str:
    """The text as it is: in a code span unless it is letters, digits, hyphens and single blanks alone.

    Within a code span nothing is a link, an image or HTML (CommonMark 0.31, 6.1); backslashes would not keep
    renderers from linking bare addresses. Its fence is longer than any run of backticks in it.
    """
    if _PLAIN.fullmatch(text):
        return text
    line = " ".join(text.split())
    fence = "`" * (max((len(run) for run in _TICKS.findall(line)), default=0) + 1)
    pad = " " if "`" in line or not line else ""
    return f"{fence}{pad}{line}{pad}{fence}"
