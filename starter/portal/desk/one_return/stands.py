"""What a running return says of itself to operators: whom it waits for, and what comes next by itself."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

#: As ``workflows.returns.operator_view`` writes it: one thing a line, an instant at its end.
_LINE: Final = re.compile(
    r"^- (?P<text>(?:waits for|next by itself:) .+?)(?: (?:at|until))?(?: (?P<at>[-\d]{10} [:\d]{5}) UTC)?$"
)
#: What to type for it; the desk has buttons.
_COMMAND: Final = re.compile(r": `homeward .*$")
_MARKS: Final = re.compile(r"[`*\\]")


@dataclass(frozen=True)
class Line:
    """One thing; ``at`` is when it comes, where that is known."""

    text: str
    at: datetime | None


def lines_of(details: str) -> Sequence[Line]:
    """What waits and what comes, of all that the details say."""
    found = [_LINE.match(_COMMAND.sub("", line)) for line in details.splitlines()]
    return [Line(_MARKS.sub("", line["text"]).capitalize(), _instant(line["at"])) for line in found if line]


def _instant(said: str | None) -> datetime | None:
    return datetime.strptime(said, "%Y-%m-%d %H:%M").replace(tzinfo=UTC) if said else None
