"""Fault words: how a sandbox is made to fail as a real partner fails (CONTRACT section 9).

``fault:before|after|busy|down|refused|pending[:times]`` somewhere in a text. With a number it
fails so many tries of each idempotency key and then works; without one, for ever. The count
is kept in the database, so a restart does not begin it anew.
"""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.dialects import postgresql, sqlite

from gateways.database.engine import Database
from gateways.errors import Busy, Declined, Unavailable
from gateways.sandbox.tables import sandbox_faults

_WORD = re.compile(r"(?<![\w])fault:(before|after|busy|down|refused|pending)(?::(\d{1,4}))?(?![\w:])")
#: What a busy sandbox asks for in Retry-After.
RETRY_AFTER = timedelta(seconds=1)


@dataclass(frozen=True)
class Fault:
    """How to fail, and how often; None is for ever."""

    kind: str
    times: int | None = None


def parse(text: str | None) -> Fault | None:
    """The fault word in a text; None when there is none."""
    match = _WORD.search(text or "")
    return Fault(match[1], int(match[2]) if match[2] else None) if match else None


@asynccontextmanager
async def failing_as_asked(database: Database, key: str, texts: Sequence[str | None]) -> AsyncIterator[None]:
    """Around one effect of a sandbox: raise what the first fault word says, before or after it.

    ``pending`` is not a failure and is left to the payment sandbox. A refusal quotes what it was sent, as real
    partners do.
    """
    told, fault = next(((text, found) for text in texts if (found := parse(text))), (None, None))
    if fault is None or fault.kind == "pending" or not await _strikes(database, key, fault):
        yield
        return
    if fault.kind == "before":
        raise Unavailable("the connection was lost before the request got through", "connection_lost")
    if fault.kind == "busy":
        raise Busy("too many requests", "429", RETRY_AFTER)
    if fault.kind == "down":
        raise Unavailable("the partner answers 503", "503")
    if fault.kind == "refused":
        raise Declined("the partner refused", "refused", f"cannot be done: {told}")
    yield
    raise Unavailable("no answer in time", "timeout")


async def _strikes(database: Database, key: str, fault: Fault) -> bool:
    """Count this try; whether the fault still strikes."""
    if fault.times is None:
        return True
    dialect = sqlite if database.sqlite else postgresql
    statement = dialect.insert(sandbox_faults).values(key=key, times=1)
    statement = statement.on_conflict_do_update(
        index_elements=["key"], set_={"times": sandbox_faults.c.times + 1}
    ).returning(sandbox_faults.c.times)
    count: int = await database.write(lambda connection: connection.execute(statement).scalar_one())
    return count <= fault.times
