"""The effects ledger: each effect of a return happens once, and its result is kept.

An effect on our own database is applied and kept in one transaction (``once``). One at a partner
is begun before the partner is called and done when what came of it is booked: between the two
nobody here knows whether it happened, so whoever finds it begun has to ask the partner
(``activities/shared/effects.py``).
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update

from gateways.database.engine import Database, rows_of
from gateways.database.last_change import touch
from gateways.database.statements import insert_if_new
from gateways.database.tables.steps import effects

Result = dict[str, Any]

BEGUN = "begun"
DONE = "done"

_OF = effects.c.key == bindparam("of")
_IS_BEGUN = effects.c.state == BEGUN
_FIND = select(effects.c.fingerprint, effects.c.result, effects.c.state, effects.c.asked).where(_OF)
_KEEP_RESULT = update(effects).where(_OF).values(result=bindparam("kept"))
_ASK_ANEW = update(effects).where(_OF, _IS_BEGUN).values(fingerprint=bindparam("digest"), asked=bindparam("content"))
_COMPLETE = (
    update(effects)
    .where(_OF, _IS_BEGUN)
    .values(state=DONE, at=bindparam("done_at"), result={})
    .returning(effects.c.key)
)
_DROP = delete(effects).where(_OF, _IS_BEGUN)


class KeyReused(Exception):
    """The same effect was asked for before, with another content."""


@dataclass(frozen=True)
class Effect:
    """One effect of one return: ``step`` names it, ``request`` is what makes it what it is."""

    return_id: str
    step: str
    request: Mapping[str, Any]

    @property
    def key(self) -> str:
        """The idempotency key."""
        return key(self.return_id, self.step)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the content."""
        text = json.dumps(self.request, sort_keys=True, separators=(",", ":"), default=str)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class EffectProgress:
    """How far an effect at a partner is: ``result`` of one that is done, None while it is only begun.

    ``again``: an earlier call has begun it. ``other`` is what that call asked for, where it is
    not what is asked for now.
    """

    result: Result | None = None
    again: bool = False
    other: Effect | None = None


def key(return_id: str, step: str) -> str:
    """The idempotency key of a step: the workflow's id and the step's name, never an attempt's."""
    return f"return-{return_id}/{step}"


async def once(
    database: Database,
    effect: Effect,
    apply: Callable[[Connection], Result],
    at: datetime,
) -> Result:
    """Apply the effect and keep its result in one transaction; done before, give that result back.

    Raises ``KeyReused`` when the same step was done with another content.
    """

    def work(connection: Connection) -> Result:
        if not _enter(connection, effect, at, DONE):
            return _done_before(connection, effect)
        return _apply(connection, effect, apply)

    return await database.write(work)


def begin(connection: Connection, effect: Effect, at: datetime) -> EffectProgress:
    """Keep, before a partner is called, that it will be.

    ``effect.request`` must hold nothing personal: it is kept to be compared and shown. Raises
    ``KeyReused`` when the same step was done with another content.
    """
    if _enter(connection, effect, at, BEGUN):
        return EffectProgress()
    row = connection.execute(_FIND, {"of": effect.key}).one()
    if row.state == DONE:
        return EffectProgress(result=_done_before(connection, effect))
    same = row.fingerprint == effect.fingerprint
    return EffectProgress(again=True, other=None if same else Effect(effect.return_id, effect.step, row.asked or {}))


async def begin_anew(database: Database, effect: Effect) -> None:
    """The partner has nothing of what an earlier call asked for: from now on this is what is asked for."""
    values = {"of": effect.key, "digest": effect.fingerprint, "content": dict(effect.request)}
    await database.write(lambda connection: connection.execute(_ASK_ANEW, values))


async def complete(database: Database, effect: Effect, apply: Callable[[Connection], Result], at: datetime) -> Result:
    """Book what came of a begun effect, once: of two that come with the same, one books it and both get it.

    Raises ``KeyReused`` when the other one had asked for something else.
    """

    def work(connection: Connection) -> Result:
        begun = connection.execute(_COMPLETE, {"of": effect.key, "done_at": at}).first() is not None
        if not begun and not _enter(connection, effect, at, DONE):
            return _done_before(connection, effect)
        return _apply(connection, effect, apply)

    return await database.write(work)


async def drop(database: Database, effect: Effect) -> None:
    """Nothing came of a begun effect, and that is certain: nothing is kept of it."""
    await database.write(lambda connection: connection.execute(_DROP, {"of": effect.key}))


def reused(before: Effect, now: Effect) -> KeyReused:
    """What to say of a step that was done with another content: where the two differ."""
    names = sorted(
        name for name in {*before.request, *now.request} if before.request.get(name) != now.request.get(name)
    )
    one, other = (", ".join(f"{name} {effect.request.get(name)}" for name in names) for effect in (before, now))
    what = f" ({one}; asked for now: {other})" if before.request else ""
    return KeyReused(f"{now.step} was done before with another content{what}, and was not done again")


def _enter(connection: Connection, effect: Effect, at: datetime, state: str) -> bool:
    values = {
        "key": effect.key,
        "return_id": effect.return_id,
        "step": effect.step,
        "fingerprint": effect.fingerprint,
        "at": at,
        "state": state,
    }
    values |= {"asked": dict(effect.request)} if state == BEGUN else {"result": {}}
    return connection.execute(insert_if_new(effects, connection.dialect.name), values).first() is not None


def _apply(connection: Connection, effect: Effect, apply: Callable[[Connection], Result]) -> Result:
    result = apply(connection)
    touch(connection, effect.return_id)
    if result:
        connection.execute(_KEEP_RESULT, {"of": effect.key, "kept": result})
    return result


def _done_before(connection: Connection, effect: Effect) -> Result:
    row = connection.execute(_FIND, {"of": effect.key}).one()
    if row.fingerprint != effect.fingerprint:
        raise reused(Effect(effect.return_id, effect.step, row.asked or {}), effect)
    return dict(row.result or {})


def find_in(connection: Connection, return_id: str, step: str) -> Result | None:
    """The result of a step that was done; None when it was not."""
    row = connection.execute(_FIND, {"of": key(return_id, step)}).first()
    return dict(row.result or {}) if row and row.state == DONE else None


async def find(database: Database, return_id: str, step: str) -> Result | None:
    """The same, in a transaction of its own."""
    return await database.read(lambda connection: find_in(connection, return_id, step))


async def effects_of(database: Database, return_id: str) -> list[dict[str, Any]]:
    """``[{key, step, at, state, result}]`` of a return, oldest first; ``result`` is None while it is only begun."""
    columns = (effects.c.key, effects.c.step, effects.c.at, effects.c.state, effects.c.result)
    statement = select(*columns).where(effects.c.return_id == return_id).order_by(effects.c.at, effects.c.key)
    return await rows_of(database, statement)
