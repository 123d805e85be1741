"""Which API keys there are: those of the settings, and those of `homeward keys`, which may change at any time."""

import asyncio
import hmac
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from gateways.database import api_keys
from gateways.database.api_keys import digest_of
from gateways.database.engine import Database
from gateways.errors import Unavailable
from starter.shared.access_table import Scopes
from workers.settings import Settings

#: Seconds until a change of the stored keys is seen.
_LOOKED_AT_EVERY: Final = 2.0
#: Seconds that what was read holds while the database does not answer.
_HOLDS: Final = 60.0
_MARK: Final = 12


@dataclass(frozen=True)
class KnownKey:
    """A key: ``label`` is what timelines call it, ``caller`` whose calls repeat each other."""

    digest: str
    scopes: Scopes
    label: str
    caller: str


class StoredKeys:
    """The keys in the database, as every process sees them within seconds."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._reading = asyncio.Lock()
        self._looked_at = self._read_at = float("-inf")
        self._kept: list[tuple[KnownKey, datetime | None]] = []
        self._used: dict[str, float] = {}

    @property
    def any(self) -> bool:
        """Whether there were any when they were last looked at."""
        return bool(self._kept)

    async def now(self) -> list[KnownKey]:
        """Those in force; raises ``Unavailable`` where nobody has been able to look for a minute."""
        async with self._reading:
            if time.monotonic() - self._looked_at >= _LOOKED_AT_EVERY:
                await self._look()
        at = datetime.now(UTC)
        return [key for key, ends_at in self._kept if ends_at is None or ends_at > at]

    async def _look(self) -> None:
        try:
            rows = await api_keys.in_force(self._db, datetime.now(UTC))
        except Unavailable:
            if time.monotonic() - self._read_at >= _HOLDS:
                raise
        else:
            self._read_at = time.monotonic()
            self._kept = [(_known(row["digest"], row["scopes"], row["name"]), row["ends_at"]) for row in rows]
        self._looked_at = time.monotonic()

    async def used(self, key: KnownKey) -> None:
        """Have its last use shown; not worth failing a call for."""
        now, last = time.monotonic(), self._used.get(key.digest, float("-inf"))
        if now - last >= api_keys.USE_IS_KEPT_EVERY.total_seconds():
            self._used[key.digest] = now
            with suppress(Unavailable):
                await api_keys.used(self._db, key.digest, datetime.now(UTC))


def _known(digest: str, scopes: Iterable[str], name: str) -> KnownKey:
    # The name's, not the key's: a call that is repeated with the next key of the same name is the same call.
    return KnownKey(digest, frozenset(scopes), name, digest_of(f"key {name}")[:_MARK])  # type: ignore[arg-type]


def keys_of(settings: Settings) -> list[KnownKey]:
    """The keys of the settings."""
    digests = ((digest_of(key.key.get_secret_value()), key) for key in settings.api_keys)
    return [KnownKey(digest, key.scopes, key.label, digest[:_MARK]) for digest, key in digests]


async def asks_for_keys(settings: Settings, stored: StoredKeys) -> bool:
    """Whether nothing opens without a key; the first one that is stored ends keyless use. Raises ``Unavailable``."""
    return settings.asks_for_keys or bool(await stored.now())


async def find_key(settings: Settings, stored: StoredKeys, given: str) -> KnownKey | None:
    """The key that was given; raises ``Unavailable`` where it may be one in the database, which does not answer."""
    digest = digest_of(given)
    if found := _same(keys_of(settings), digest):
        return found
    if found := _same(await stored.now(), digest):
        await stored.used(found)
    return found


def _same(keys: Iterable[KnownKey], digest: str) -> KnownKey | None:
    found = None
    for key in keys:  # all of them: how long it takes says nothing of which
        if hmac.compare_digest(key.digest, digest):
            found = key
    return found
