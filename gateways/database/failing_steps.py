"""Steps that fail: since when each does, when it is tried again, and the partner's own words.

``waiting_steps`` holds those that are tried again by themselves; ``failures`` the last failure of each step,
whatever came of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Table, and_, bindparam, delete, func, select, update

from gateways.database.engine import Database, rows_of
from gateways.database.statements import insert_for
from gateways.database.tables.steps import failures, waiting_steps

#: Characters of a partner's words that are kept.
_LONGEST_WORDS = 2000
#: Returns that one statement names.
_TOGETHER = 500
_FORGET = delete(waiting_steps).where(waiting_steps.c.return_id == bindparam("of"))


@dataclass(frozen=True)
class StepFailure:
    """One failure of one step; ``key`` is the ledger's, ``return_id`` is None where no return is concerned."""

    key: str
    return_id: str | None
    partner: str
    step: str
    code: str


@dataclass(frozen=True)
class Wait:
    """How long a step waits: until ``next_at``, after attempt ``attempt`` failed at ``failed_at``.

    ``asked`` is how long its partner asked to be left alone.
    """

    attempt: int
    failed_at: datetime
    next_at: datetime
    asked: timedelta | None = None


def failing_since(connection: Connection, key: str) -> datetime | None:
    """When the step first failed; None when it has not, or works again, or has failed for good since."""
    return connection.execute(select(waiting_steps.c.since).where(waiting_steps.c.key == key)).scalar()


def keep_waiting(connection: Connection, failure: StepFailure, wait: Wait, since: datetime) -> None:
    """The step is tried again after ``wait``; ``since`` is the instant of its first failure."""
    when = {"failed_at": wait.failed_at, "next_at": wait.next_at}
    asked = wait.asked.total_seconds() if wait.asked else None
    _put(
        connection,
        waiting_steps,
        {**asdict(failure), "attempt": wait.attempt, "since": since, **when, "asked_seconds": asked},
    )


def keep_words(connection: Connection, failure: StepFailure, words: str | None, at: datetime) -> None:
    """What the partner said of it, in its own words: the last of each step."""
    said = words.replace("\0", "")[:_LONGEST_WORDS] if words else None
    _put(connection, failures, {**asdict(failure), "words": said, "at": at})


def end_waiting(connection: Connection, key: str) -> str | None:
    """The step works, or is tried no more by itself: its next failure is a first one.

    Gives the code that it waited with, None where it did not.
    """
    ended = delete(waiting_steps).where(waiting_steps.c.key == key).returning(waiting_steps.c.code)
    return connection.execute(ended).scalar()


def forget_waiting(connection: Connection, return_id: str) -> None:
    """None of a return's steps is tried any more: it is closed."""
    connection.execute(_FORGET, {"of": return_id})


async def waiting_of(database: Database, return_id: str) -> list[dict[str, Any]]:
    """``[{step, partner, code, attempt, since, next_at}]`` of a return, the longest waiting first."""
    columns = [waiting_steps.c[name] for name in ("step", "partner", "code", "attempt", "since", "next_at")]
    statement = select(*columns).where(waiting_steps.c.return_id == return_id)
    return await rows_of(database, statement.order_by(waiting_steps.c.since, waiting_steps.c.step))


@dataclass(frozen=True)
class WaitingStep:
    """A step that waits; ``workflow_id`` and ``step`` are its workflow's and its activity's id."""

    workflow_id: str
    step: str
    code: str
    wait: Wait

    @property
    def key(self) -> str:
        """The ledger's."""
        return f"{self.workflow_id}/{self.step}"


async def waiting_at(database: Database, partner: str, code: str | None = None) -> list[WaitingStep]:
    """What waits for a partner, the longest waiting first; ``code`` names one way of failing."""
    of_partner = select(waiting_steps).where(waiting_steps.c.partner == partner)
    wanted = of_partner if code is None else of_partner.where(waiting_steps.c.code == code)
    return [_waiting(row) for row in await rows_of(database, wanted.order_by(waiting_steps.c.since))]


async def longest_untried(database: Database, partner: str, code: str, limit: int) -> list[WaitingStep]:
    """Those that wait for a partner with that code, the one whose last try is the longest ago first."""
    same = and_(waiting_steps.c.partner == partner, waiting_steps.c.code == code)
    statement = select(waiting_steps).where(same).order_by(waiting_steps.c.failed_at, waiting_steps.c.key)
    return [_waiting(row) for row in await rows_of(database, statement.limit(limit))]


def _waiting(row: Mapping[str, Any]) -> WaitingStep:
    asked = row["asked_seconds"]
    # A process of an earlier release keeps no time of the last failure.
    failed_at = row["failed_at"] or row["since"]
    wait = Wait(row["attempt"], failed_at, row["next_at"], None if asked is None else timedelta(seconds=asked))
    return WaitingStep(row["key"].removesuffix(f"/{row['step']}"), row["step"], row["code"], wait)


async def move(database: Database, step: WaitingStep, next_at: datetime) -> None:
    """It is tried again at another time, unless it has been tried since it was read."""
    statement = update(waiting_steps).where(_is_still(step)).values(next_at=next_at)
    await database.write(lambda connection: connection.execute(statement))


async def drop(database: Database, step: WaitingStep) -> None:
    """It waits no more, because its workflow has ended for example, unless it has been tried since it was read."""
    await database.write(lambda connection: connection.execute(delete(waiting_steps).where(_is_still(step))))


def _is_still(step: WaitingStep) -> ColumnElement[bool]:
    return and_(waiting_steps.c.key == step.key, waiting_steps.c.attempt == step.wait.attempt)


async def partners_waited_for(database: Database) -> list[dict[str, Any]]:
    """``[{partner, code, count, since, next_at}]``: how many wait for each partner, failing in which way.

    ``since`` is the longest waiting one's first failure, ``next_at`` when the first of them is tried again.
    """
    return await _waited_for(database, waiting_steps.c.partner, waiting_steps.c.code)


async def steps_waited_for(database: Database) -> list[dict[str, Any]]:
    """The same for each step: ``[{partner, step, code, count, since, next_at}]``."""
    return await _waited_for(database, waiting_steps.c.partner, waiting_steps.c.step, waiting_steps.c.code)


async def _waited_for(database: Database, *of: Column[Any]) -> list[dict[str, Any]]:
    columns, count = waiting_steps.c, func.count().label("count")
    first = (func.min(columns.since).label("since"), func.min(columns.next_at).label("next_at"))
    statement = select(*of, count, *first).group_by(*of)
    return await rows_of(database, statement.order_by(columns.partner, count.desc(), *of[1:]))


async def failures_of(database: Database, return_id: str) -> list[dict[str, Any]]:
    """``[{at, step, partner, code, words}]`` of a return, oldest first."""
    columns = [failures.c[name] for name in ("at", "step", "partner", "code", "words")]
    statement = select(*columns).where(failures.c.return_id == return_id)
    return await rows_of(database, statement.order_by(failures.c.at, failures.c.step))


async def last_failures(database: Database, return_ids: Sequence[str]) -> dict[tuple[str, str], datetime]:
    """When each step of these returns failed for the last time, by return and step."""
    columns = [failures.c[name] for name in ("return_id", "step", "at")]
    found = dict[tuple[str, str], datetime]()
    for start in range(0, len(return_ids), _TOGETHER):
        some = return_ids[start : start + _TOGETHER]
        for row in await rows_of(database, select(*columns).where(failures.c.return_id.in_(some))):
            found[(row["return_id"], row["step"])] = row["at"]
    return found


def _put(connection: Connection, table: Table, values: dict[str, Any]) -> None:
    """Write a row in the place of the one with the same key."""
    insert = insert_for(table, connection.dialect.name)
    changed = {name: insert.excluded[name] for name in values}
    connection.execute(insert.on_conflict_do_update(index_elements=["key"], set_=changed), values)
