"""What the typed clients answer with, besides the contract's own view and summary."""

from dataclasses import dataclass
from enum import StrEnum

from client.list_rows import Listed
from lifecycle.contract.view import Summary, View


@dataclass(frozen=True)
class Started:
    """``created`` is false when the return was there before."""

    summary: Summary
    created: bool


class Source(StrEnum):
    """Where a view comes from."""

    #: The running return itself.
    LIVE = "live"
    #: The database: the return is closed, and this is how it ended.
    CLOSED = "closed"
    #: The database, which alone still knows it: Temporal keeps a closed return for its retention time only.
    FORGOTTEN = "forgotten"
    #: The database, as far as it knows: the return is open, and no worker answered.
    RECORDS = "records"
    #: The return is open, and no workflow carries it: how it stood last, or as far as the database knows.
    ORPHANED = "orphaned"


@dataclass(frozen=True)
class SourcedView:
    """A view, and where it comes from."""

    view: View
    source: Source


@dataclass(frozen=True)
class Page:
    """Some rows of a list, and how to go on: None at its end."""

    rows: list[Listed]
    next: bytes | None
