"""Steps that fail: since when each does, when it is tried again, and the partner's own words.

``waiting_steps`` holds those that are tried again by themselves; ``failures`` the last failure of each step,
whatever came of it.
"""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, delete, select

from gateways.database.engine import Database, rows_of
from gateways.database.statements import insert_for
from gateways.database.tables.steps import failures, waiting_steps

#: Characters of a partner's words that are kept.
_LONGEST_WORDS = 2000


@dataclass(frozen=True)
class StepFailure:
    """One failure of one step; ``key`` is the ledger's, ``return_id`` is None where no return is concerned."""

    key: str
    return_id: str | None
    partner: str
    step: str
    code: str


async def failing_since(database: Database, key: str) -> datetime | None:
    """When the step first failed; None when it has not, or works again, or has failed for good since."""
    statement = select(waiting_steps.c.since).where(waiting_steps.c.key == key)
    return await database.read(lambda connection: connection.execute(statement).scalar())


def keep_waiting(
    connection: Connection, failure: StepFailure, attempt: int, since: datetime, next_at: datetime
) -> None:
    """The step is tried again at ``next_at``; ``since`` is the instant of its first failure."""
    _put(connection, waiting_steps, {**asdict(failure), "attempt": attempt, "since": since, "next_at": next_at})


def keep_words(connection: Connection, failure: StepFailure, words: str | None, at: datetime) -> None:
    """What the partner said of it, in its own words: the last of each step."""
    said = words.replace("\0", "")[:_LONGEST_WORDS] if words else None
    _put(connection, failures, {**asdict(failure), "words": said, "at": at})


def end_waiting(connection: Connection, key: str) -> None:
    """The step works, or is tried no more by itself: its next failure is a first one."""
    connection.execute(delete(waiting_steps).where(waiting_steps.c.key == key))


def forget_waiting(connection: Connection, return_id: str) -> None:
    """None of a return's steps is tried any more: it is closed."""
    connection.execute(delete(waiting_steps).where(waiting_steps.c.return_id == return_id))


async def waiting_of(database: Database, return_id: str) -> list[dict[str, Any]]:
    """``[{step, partner, code, attempt, since, next_at}]`` of a return, the longest waiting first."""
    columns = [waiting_steps.c[name] for name in ("step", "partner", "code", "attempt", "since", "next_at")]
    statement = select(*columns).where(waiting_steps.c.return_id == return_id)
    return await rows_of(database, statement.order_by(waiting_steps.c.since, waiting_steps.c.step))


async def failures_of(database: Database, return_id: str) -> list[dict[str, Any]]:
    """``[{at, step, partner, code, words}]`` of a return, oldest first."""
    columns = [failures.c[name] for name in ("at", "step", "partner", "code", "words")]
    statement = select(*columns).where(failures.c.return_id == return_id)
    return await rows_of(database, statement.order_by(failures.c.at, failures.c.step))


def _put(connection: Connection, table: Table, values: dict[str, Any]) -> None:
    """Write a row in the place of the one with the same key."""
    insert = insert_for(table, connection.dialect.name)
    changed = {name: insert.excluded[name] for name in values}
    connection.execute(insert.on_conflict_do_update(index_elements=["key"], set_=changed), values)
