"""The effects of steps, each exactly once: at a partner by ask, do, record; in our own database by one transaction.

A row that says what is asked for stands in the ledger before a partner is called, and is done
in the transaction that books what came of it. Between the two nobody here knows what happened: a
lost answer, a killed worker, a step that failed for good and is retried by an operator, an activity or a
workflow that was reset, a new run. So whoever finds the row asks the partner before it does
anything else, whatever the attempt's number.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from pydantic import AwareDatetime, BaseModel
from sqlalchemy import Connection
from temporalio import activity

from activities.shared.errors import application_errors
from gateways.database import ledger
from gateways.database.engine import Database
from gateways.errors import Declined, Unclear

Made = TypeVar("Made")


class StepInput(BaseModel):
    """What every effect is given: whose it is, the name that it is known by within that, the workflow's time.

    ``return_id`` is a return's, or what stands for it in the ledger.
    """

    return_id: str
    step: str
    now: AwareDatetime


@dataclass(frozen=True)
class AtPartner(Generic[Made]):
    """One effect: ``ask`` finds what an earlier call made with the key, ``do`` makes it, ``record`` books it.

    ``asked`` is what makes it what it is, compared when it is asked for again; nothing personal, for it is kept and
    shown. ``ask`` gives None when the partner has nothing, ``do`` when there was nothing to do. An effect
    without ``ask`` is one that changes nothing the second time: doing it is asking. ``begin`` writes what belongs
    into the transaction that begins it.
    """

    asked: Mapping[str, Any]
    do: Callable[[str], Awaitable[Made | None]]
    record: Callable[[Connection, Made], ledger.Result]
    ask: Callable[[str], Awaitable[Made | None]] | None = None
    begin: Callable[[Connection], None] | None = None


class Effects:
    """What steps change, at one kind of partner or in our own database; ``profile`` is how failures are tried again."""

    def __init__(self, database: Database, profile: str) -> None:
        self._database = database
        self._profile = profile

    async def in_database(
        self, given: StepInput, asked: Mapping[str, Any], apply: Callable[[Connection], ledger.Result | None]
    ) -> ledger.Result:
        """The result: of now, or of before. ``asked`` must be what it was when the step was done before."""
        effect = _effect(given, asked)
        with application_errors(self._profile):
            return await ledger.once(self._database, effect, lambda connection: apply(connection) or {}, given.now)

    async def at_partner(self, given: StepInput, partner: AtPartner[Made]) -> ledger.Result:
        """The result: of now, or of before; empty when there was nothing to do.

        Fails with ``KeyReused`` when the step was done before with another content: what was really done
        is booked then, and nothing is done again; with ``Unclear`` when the partner does not say what it did.
        """
        effect = _effect(given, partner.asked)
        with application_errors(self._profile):
            return await _once(self._database, effect, given.now, partner)

    async def find_at_partner(self, given: StepInput, partner: AtPartner[Made]) -> ledger.Result | None:
        """What came of an effect, by the ledger or else by the partner, whose word is booked; None for nothing.

        Whatever it was asked for: the caller sees that by the result.
        """
        effect = _effect(given, partner.asked)
        with application_errors(self._profile):
            return await _find(self._database, effect, given.now, partner)


def _effect(given: StepInput, asked: Mapping[str, Any]) -> ledger.Effect:
    return ledger.Effect(given.return_id, given.step, asked)


async def _once(database: Database, effect: ledger.Effect, at: datetime, partner: AtPartner[Made]) -> ledger.Result:
    # Begun twice, it is asked for before it is done.
    write = database.write if partner.begin else database.write_alone
    standing = await write(lambda connection: _begin(connection, effect, at, partner))
    if standing.result is not None:
        return standing.result
    # A later attempt asks even where it finds no row: a version of this code that kept none may have begun it.
    again = standing.again or activity.info().attempt > 1
    if again and (found := await _ask(partner, effect.key)) is not None:
        return await _found(database, standing.other, effect, at, lambda connection: partner.record(connection, found))
    if standing.other:
        await ledger.begin_anew(database, effect)
    made = await _make(database, effect, partner, again=again)
    if made is None:
        return {}
    return await ledger.complete(database, effect, lambda connection: partner.record(connection, made), at)


def _begin(
    connection: Connection, effect: ledger.Effect, at: datetime, partner: AtPartner[Made]
) -> ledger.EffectProgress:
    standing = ledger.begin(connection, effect, at)
    if standing.result is None and partner.begin:
        partner.begin(connection)
    return standing


async def _find(
    database: Database, effect: ledger.Effect, at: datetime, partner: AtPartner[Made]
) -> ledger.Result | None:
    done = await ledger.find(database, effect.return_id, effect.step)
    found = await partner.ask(effect.key) if done is None and partner.ask else None
    if found is None:
        return done
    try:
        return await ledger.complete(database, effect, lambda connection: partner.record(connection, found), at)
    except ledger.KeyReused:  # booked a moment ago by another call
        return await ledger.find(database, effect.return_id, effect.step)


async def _ask(partner: AtPartner[Made], key: str) -> Made | None:
    """A refusal to answer is no refusal of the effect: taken for one, it would be done another way besides."""
    try:
        return await partner.ask(key) if partner.ask else None
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
        made = await partner.do(effect.key)
    except Declined:
        if not again:
            await ledger.drop(database, effect)
        raise
    if made is None and not again:
        await ledger.drop(database, effect)
    return made
