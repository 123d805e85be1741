"""Circuit breakers: of a partner that fails for everybody, one waiting step at a time is tried.

One opens, for a partner and a code, when the fifth step waits with that code and nothing of the partner has worked
since each of them failed last. It closes when a step that had waited so works. Then what waits is hurried, and the
breaker is gone.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, delete, func, select, update

from gateways.database.engine import Database, rows_of
from gateways.database.failing_steps import StepFailure, WaitingStep
from gateways.database.statements import insert_for
from gateways.database.tables.steps import breakers, last_successes, waiting_steps

#: So many steps that wait are everybody.
OPENS_AT: Final = 5
#: How often one of them is tried while the breaker is open.
PROBED_EVERY: Final = timedelta(seconds=5)
#: By themselves they are tried so much later than their turn would come: only where nobody tries them in turn.
_LATER: Final = 3
_LONGEST_HOLD: Final = timedelta(hours=1)


@dataclass(frozen=True)
class Breaker:
    """One that is open, or, with ``closed_at``, whose steps are being hurried.

    ``probe`` is the key of the step that was tried last, at ``probed_at``.
    """

    partner: str
    code: str
    opened_at: datetime
    closed_at: datetime | None = None
    probe: str | None = None
    probed_at: datetime | None = None


_COLUMNS = [breakers.c[name] for name in Breaker.__dataclass_fields__]


def hold(connection: Connection, failure: StepFailure, now: datetime) -> timedelta | None:
    """How long a step that failed waits at least, as others are tried for it; None while no breaker is open.

    The step counts among those that wait, whether or not that is kept yet.
    """
    of_breaker = _of(failure.partner, failure.code)
    is_open = select(breakers.c.code).where(of_breaker, breakers.c.closed_at.is_(None))
    if connection.execute(is_open).first() is None:
        if _others(connection, failure, last_success(connection, failure.partner)) + 1 < OPENS_AT:
            return None
        _open(connection, failure, now)
    turns = _others(connection, failure, None) + 1
    return min(PROBED_EVERY * turns * _LATER, _LONGEST_HOLD)


def last_success(connection: Connection, partner: str) -> datetime | None:
    """When something of the partner worked last, as far as that matters: none is kept while nothing fails."""
    found = select(last_successes.c.at).where(last_successes.c.partner == partner)
    return connection.execute(found).scalar()


def _others(connection: Connection, failure: StepFailure, after: datetime | None) -> int:
    same = and_(waiting_steps.c.partner == failure.partner, waiting_steps.c.code == failure.code)
    others = select(func.count()).where(same, waiting_steps.c.key != failure.key)
    if after is not None:
        others = others.where(waiting_steps.c.failed_at > after)
    return connection.execute(others).scalar_one()


def _open(connection: Connection, failure: StepFailure, now: datetime) -> None:
    values = {"opened_at": now, "closed_at": None, "probe": None, "probed_at": None}
    opened = insert_for(breakers, connection.dialect.name).values(partner=failure.partner, code=failure.code, **values)
    connection.execute(opened.on_conflict_do_update(index_elements=["partner", "code"], set_=values))


def works(connection: Connection, partner: str, code: str | None, now: datetime) -> None:
    """Something of the partner works: a step that had waited with ``code``, or, with None, had not waited."""
    insert = insert_for(last_successes, connection.dialect.name).values(partner=partner, at=now)
    connection.execute(insert.on_conflict_do_update(index_elements=["partner"], set_={"at": now}))
    if code is not None:
        closing = update(breakers).where(_of(partner, code), breakers.c.closed_at.is_(None))
        connection.execute(closing.values(closed_at=now))


async def breakers_of(database: Database, partner: str | None = None) -> list[Breaker]:
    """All there are, or those of a partner; the one that opened first comes first."""
    statement = select(*_COLUMNS).order_by(breakers.c.opened_at, breakers.c.partner, breakers.c.code)
    if partner is not None:
        statement = statement.where(breakers.c.partner == partner)
    return [Breaker(**row) for row in await rows_of(database, statement)]


async def keep_probe(database: Database, breaker: Breaker, step: WaitingStep, now: datetime) -> None:
    """That step is being tried."""
    statement = update(breakers).where(_is_still(breaker)).values(probe=step.key, probed_at=now)
    await database.write(lambda connection: connection.execute(statement))


async def drop(database: Database, breaker: Breaker) -> None:
    """Nothing waits that it would concern, unless it has changed since it was read."""
    await database.write(lambda connection: connection.execute(delete(breakers).where(_is_still(breaker))))


def _of(partner: str, code: str) -> ColumnElement[bool]:
    return and_(breakers.c.partner == partner, breakers.c.code == code)


def _is_still(breaker: Breaker) -> ColumnElement[bool]:
    closed = breakers.c.closed_at
    same = closed.is_(None) if breaker.closed_at is None else closed == breaker.closed_at
    return and_(_of(breaker.partner, breaker.code), breakers.c.opened_at == breaker.opened_at, same)
