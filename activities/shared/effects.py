"""An effect at a partner, exactly once: ask, do, record. Written once for all of them.

A row that says what is asked for stands in the ledger before the partner is called, and is done
in the transaction that books what came of it. Between the two nobody here knows what happened: a
lost answer, a killed worker, a step that failed for good and is retried by an operator, an activity or a
workflow that was reset, a new run. So whoever finds the row asks the partner before it does
anything else, whatever the attempt's number.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from sqlalchemy import Connection
from temporalio import activity

from gateways.database import ledger
from gateways.database.engine import Database
from gateways.errors import Declined, Unclear

Made = TypeVar("Made")


@dataclass(frozen=True)
class AtPartner(Generic[Made]):
    """One effect: ``ask`` finds what an earlier call may have made, ``do`` makes it, ``record`` books it.

    ``ask`` gives None when the partner has nothing, ``do`` when there was nothing to do. An effect
    without ``ask`` is one that changes nothing the second time: doing it is asking.
    """

    do: Callable[[], Awaitable[Made | None]]
    record: Callable[[Connection, Made], ledger.Result]
    ask: Callable[[], Awaitable[Made | None]] | None = None


async def once_at_partner(
    database: Database,
    effect: ledger.Effect,
    at: datetime,
    prepare: Callable[[Connection], AtPartner[Made]],
) -> ledger.Result | None:
    """The effect's result: of now, or of before; None when there was nothing to do.

    ``prepare`` reads what the effect needs, in the transaction that begins it. Raises
    ``ledger.KeyReused`` when the step was done before with another content: what was really done
    is booked then, and nothing is done again; ``Unclear`` when the partner does not say what it did.
    """

    def begin(connection: Connection) -> tuple[ledger.EffectProgress, AtPartner[Made] | None]:
        standing = ledger.begin(connection, effect, at)
        return standing, prepare(connection) if standing.result is None else None

    standing, partner = await database.write(begin)
    if partner is None:
        return standing.result
    # A later attempt asks even where it finds no row: a version of this code that kept none may have begun it.
    again = standing.again or activity.info().attempt > 1
    if again and (found := await _ask(partner)) is not None:
        return await _found(database, standing.other, effect, at, lambda connection: partner.record(connection, found))
    if standing.other:
        await ledger.begin_anew(database, effect)
    made = await _make(database, effect, partner, again=again)
    if made is None:
        return None
    return await ledger.complete(database, effect, lambda connection: partner.record(connection, made), at)


async def find_at_partner(
    database: Database, effect: ledger.Effect, at: datetime, partner: AtPartner[Made]
) -> ledger.Result | None:
    """What came of an effect, by the ledger or else by the partner, whose word is booked; None for nothing.

    Whatever it was asked for: the caller sees that by the result.
    """
    done = await ledger.find(database, effect.return_id, effect.step)
    found = await partner.ask() if done is None and partner.ask else None
    if found is None:
        return done
    try:
        return await ledger.complete(database, effect, lambda connection: partner.record(connection, found), at)
    except ledger.KeyReused:  # booked a moment ago by another call
        return await ledger.find(database, effect.return_id, effect.step)


async def _ask(partner: AtPartner[Made]) -> Made | None:
    """A refusal to answer is no refusal of the effect: taken for one, it would be done another way besides."""
    try:
        return await partner.ask() if partner.ask else None
    except Declined as error:
        told = f"it is not known whether this was done before: {error}"
        raise Unclear(told, error.code, error.words) from error


async def _found(
    database: Database,
    other: ledger.Effect | None,
    effect: ledger.Effect,
    at: datetime,
    record: Callable[[Connection], ledger.Result],
) -> ledger.Result:
    """Book what an earlier call has made, under what it was asked for."""
    result = await ledger.complete(database, other or effect, record, at)
    if other:
        raise ledger.reused(other, effect)
    return result


async def _make(database: Database, effect: ledger.Effect, partner: AtPartner[Made], *, again: bool) -> Made | None:
    """Do it. Where it was refused, or nothing was to do, nothing stays begun, unless an earlier call began it."""
    try:
        made = await partner.do()
    except Declined:
        if not again:
            await ledger.drop(database, effect)
        raise
    if made is None and not again:
        await ledger.drop(database, effect)
    return made
