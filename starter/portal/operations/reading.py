"""What the page for operations shows: what waits for which partner, the rules that hold, and what the books say."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from client.errors import Unreachable
from gateways.database.failing_steps import steps_waited_for
from gateways.database.reconciliation.findings import counted
from starter.portal.shared.steps import UNKNOWN, step_kind
from starter.portal.shared.texts import t
from starter.shared.findings import KnownFinding, known_findings
from starter.shared.retries import Retries
from starter.shared.services import Services

#: Findings that are shown of each kind, acknowledged or not.
MOST_FINDINGS: Final = 50
_WORDS: Final = {
    "timeout": "timeout",
    "given_up": "timeout",
    "connection_lost": "away",
    "unreachable": "away",
    "429": "calm",
    "orders_busy": "calm",
    "database": "database",
    "misshaped": "misshaped",
    "processing": "not_yet",
    "not_voided_yet": "not_yet",
    "partner_missing": "missing",
    "unforeseen": "unforeseen",
}


@dataclass
class WaitingLine:
    """Steps of one kind that wait for one partner and fail in one way."""

    partner: str
    step: str
    code: str
    count: int
    since: datetime
    next_at: datetime


@dataclass(frozen=True)
class Operations:
    """``partners`` as ``Retries.show`` gives them; ``limits_known``: Temporal, which keeps limits, answers."""

    partners: Sequence[Mapping[str, Any]]
    limits_known: bool
    waiting: Sequence[WaitingLine]
    compared_at: datetime | None
    findings: Sequence[KnownFinding]
    acknowledged: Sequence[KnownFinding]


async def operations(services: Services) -> Operations:
    """Ask Temporal for limits, and our records for everything else. Raises ``Unavailable``."""
    db = services.db
    (partners, limits_known), rows, (_, at), findings, acknowledged = await asyncio.gather(
        _partners(services),
        steps_waited_for(db),
        counted(db),
        known_findings(db, acknowledged=False, most=MOST_FINDINGS),
        known_findings(db, acknowledged=True, most=MOST_FINDINGS),
    )
    return Operations(partners, limits_known, _lines(rows), at, findings, acknowledged)


async def _partners(services: Services) -> tuple[list[dict[str, Any]], bool]:
    retries = Retries(services.client, services.db, services.settings)
    try:
        return await retries.show(), True
    except Unreachable:
        return await retries.show(limits=False), False


def _lines(rows: Sequence[Mapping[str, Any]]) -> list[WaitingLine]:
    """One for each kind of step: ``refund-t1`` and ``refund-t2`` wait together."""
    found = dict[tuple[str, str, str], WaitingLine]()
    for row in rows:
        line = WaitingLine(**{**row, "step": named(row["step"])})
        same = found.setdefault((line.partner, line.step, line.code), line)
        if same is not line:
            same.count += line.count
            same.since, same.next_at = min(same.since, line.since), min(same.next_at, line.next_at)
    return list(found.values())


def named(step: str) -> str:
    """A step's kind; of one that has none its name."""
    kind = step_kind(step)
    return step if kind == UNKNOWN else kind


def in_words(code: str) -> str:
    """How a step failed, as people say it."""
    plain = code.removeprefix("answered_")
    word = _WORDS.get(plain) or ("server" if plain.isdecimal() and plain.startswith("5") else "other")
    return t(f"operations.code.{word}")
