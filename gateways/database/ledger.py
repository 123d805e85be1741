"""The effects ledger: each effect of a return happens once, and its result is kept."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from gateways.database.engine import Database, rows_of
from gateways.database.statements import insert_if_new
from gateways.database.tables import effects

Result = dict[str, Any]

_OF = effects.c.key == bindparam("of")
_FIND = select(effects.c.fingerprint, effects.c.result).where(_OF)
_KEEP_RESULT = update(effects).where(_OF).values(result=bindparam("kept"))


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
        if not _enter(connection, effect, at):
            return _done_before(connection, effect)
        result = apply(connection)
        connection.execute(_KEEP_RESULT, {"of": effect.key, "kept": result})
        return result

    return await database.write(work)


def _enter(connection: Connection, effect: Effect, at: datetime) -> bool:
    values = {
        "key": effect.key,
        "return_id": effect.return_id,
        "step": effect.step,
        "fingerprint": effect.fingerprint,
        "at": at,
    }
    return connection.execute(insert_if_new(effects, connection.dialect.name), values).first() is not None


def _done_before(connection: Connection, effect: Effect) -> Result:
    row = connection.execute(_FIND, {"of": effect.key}).one()
    if row.fingerprint != effect.fingerprint:
        raise KeyReused(f"{effect.step} of return {effect.return_id} was done before with another content")
    return dict(row.result or {})


def find_in(connection: Connection, return_id: str, step: str) -> Result | None:
    """The result of a step that was done; null when it was not."""
    row = connection.execute(_FIND, {"of": key(return_id, step)}).first()
    return dict(row.result or {}) if row else None


async def find(database: Database, return_id: str, step: str) -> Result | None:
    """The same, in a transaction of its own."""
    return await database.read(lambda connection: find_in(connection, return_id, step))


async def effects_of(database: Database, return_id: str) -> list[dict[str, Any]]:
    """``[{key, step, at, result}]`` of a return, oldest first."""
    columns = (effects.c.key, effects.c.step, effects.c.at, effects.c.result)
    statement = select(*columns).where(effects.c.return_id == return_id).order_by(effects.c.at, effects.c.key)
    return await rows_of(database, statement)
