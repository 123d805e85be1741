"""The effects ledger: each effect of a return happens once, and its result is kept."""

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from gateways.database.engine import Database
from gateways.database.tables import effects

Result = dict[str, Any]


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
    apply: Callable[[AsyncConnection], Awaitable[Result]],
    at: datetime,
) -> Result:
    """Apply the effect and keep its result in one transaction; done before, give that result back.

    Raises ``KeyReused`` when the same step was done with another content.
    """
    async with database.begin() as connection:
        if not await _enter(connection, database, effect, at):
            return await _done_before(connection, effect)
        result = await apply(connection)
        await connection.execute(update(effects).where(effects.c.key == effect.key).values(result=result))
        return result


async def _enter(connection: AsyncConnection, database: Database, effect: Effect, at: datetime) -> bool:
    values = {
        "key": effect.key,
        "return_id": effect.return_id,
        "step": effect.step,
        "fingerprint": effect.fingerprint,
        "at": at,
    }
    dialect = sqlite if database.sqlite else postgresql
    statement = dialect.insert(effects).values(values).on_conflict_do_nothing().returning(effects.c.key)
    return (await connection.execute(statement)).first() is not None


async def _done_before(connection: AsyncConnection, effect: Effect) -> Result:
    row = (await connection.execute(select(effects).where(effects.c.key == effect.key))).one()
    if row.fingerprint != effect.fingerprint:
        raise KeyReused(f"{effect.step} of return {effect.return_id} was done before with another content")
    return dict(row.result or {})


async def find(database: Database, return_id: str, step: str) -> Result | None:
    """The result of a step that was done; null when it was not."""
    async with database.read() as connection:
        row = (await connection.execute(select(effects.c.result).where(effects.c.key == key(return_id, step)))).first()
        return dict(row.result or {}) if row else None


async def effects_of(database: Database, return_id: str) -> list[dict[str, Any]]:
    """``[{key, step, at, result}]`` of a return, oldest first."""
    columns = (effects.c.key, effects.c.step, effects.c.at, effects.c.result)
    async with database.read() as connection:
        statement = select(*columns).where(effects.c.return_id == return_id).order_by(effects.c.at, effects.c.key)
        return [dict(row) for row in (await connection.execute(statement)).mappings()]
