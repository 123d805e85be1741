"""What the last comparison of the books has found, for API and command line: listed and acknowledged."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from pydantic import AwareDatetime, BaseModel

from client.errors import UnknownFinding
from gateways.database.engine import Database
from gateways.database.reconciliation import findings
from lifecycle.reconciliation.acknowledge import AcknowledgeFinding

#: So many are shown at most, those that were found first.
MOST: Final = 500
#: These stand among the returns that wait for an operator already.
ORPHANED: Final = "orphaned"


class Acknowledged(BaseModel):
    """Who has looked at it, and why nobody else has to."""

    at: AwareDatetime
    by: str
    why: str


class KnownFinding(BaseModel):
    """One thing that does not agree, what to do about it, and since when it is known.

    ``subject`` tells it from others of its kind and return, such as by a provider's reference.
    """

    kind: str
    return_id: str
    subject: str
    text: str
    advice: str
    since: AwareDatetime
    acknowledged: Acknowledged | None


async def known_findings(
    database: Database, *, acknowledged: bool | None = None, most: int | None = MOST
) -> list[KnownFinding]:
    """Those that somebody has acknowledged, or nobody has; None for all."""
    return _shown(await findings.listed(database, acknowledged, most))


async def waiting_findings(database: Database, error: str | None, before: datetime | None) -> list[KnownFinding]:
    """Those that an operator has to look at; ``error`` is a part of what they say, in letters of any case."""
    found = await known_findings(database, acknowledged=False)
    return [
        one
        for one in found
        if one.kind != ORPHANED
        and (error or "").casefold() in f"{one.kind}: {one.text}".casefold()
        and (before is None or one.since < before)
    ]


async def acknowledge(database: Database, said: AcknowledgeFinding) -> list[KnownFinding]:
    """Note it; gives what it concerns. Raises ``UnknownFinding``."""
    now = datetime.now(UTC)
    changed = await database.write(lambda connection: findings.acknowledge(connection, said, now))
    if not changed:
        raise UnknownFinding(said.return_id, said.kind, said.subject)
    return _shown(changed)


def _shown(rows: Sequence[Mapping[str, Any]]) -> list[KnownFinding]:
    return [
        KnownFinding(
            **{name: row[name] for name in KnownFinding.model_fields if name in row}, acknowledged=_by_whom(row)
        )
        for row in rows
    ]


def _by_whom(row: Mapping[str, Any]) -> Acknowledged | None:
    at = row["acknowledged_at"]
    return at and Acknowledged(at=at, by=row["acknowledged_by"], why=row["acknowledged_why"])
