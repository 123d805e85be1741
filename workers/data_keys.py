"""The data key of each workflow, made at its first payload and read from the database once a minute."""

import time
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime
from secrets import token_urlsafe
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateways.database import data_keys
from gateways.database.data_keys import WrappedKey
from gateways.database.engine import Database
from workers.master_keys import MasterKeys

_ID_BYTES: Final = 9
#: Seconds that a key is kept in memory: so long after it was dropped this process may still read.
KEPT: Final = 60.0
_MOST: Final = 20_000


@dataclass(frozen=True)
class DataKey:
    """A key in the clear, in memory alone."""

    key_id: str
    cipher: AESGCM


class DataKeys:
    """Finds and makes data keys; raises ``Unavailable`` and ``UnknownMasterKeyError``."""

    def __init__(self, db: Database, masters: MasterKeys) -> None:
        self._db = db
        self._masters = masters
        #: By ``(kind, id)``, with the time until which each holds.
        self._kept: OrderedDict[tuple[str, str], tuple[DataKey, float]] = OrderedDict()

    async def of_workflow(self, workflow_id: str) -> DataKey:
        """The key of a workflow, made where it has none."""
        place = ("workflow", workflow_id)
        if found := self._held(place):
            return found
        wrapped = await data_keys.of_workflow(self._db, workflow_id) or await self._make(workflow_id)
        return self._hold(place, self._opened(wrapped))

    async def has(self, workflow_id: str) -> bool:
        """Whether it has one."""
        place = ("workflow", workflow_id)
        if self._held(place):
            return True
        wrapped = await data_keys.of_workflow(self._db, workflow_id)
        return bool(wrapped and self._hold(place, self._opened(wrapped)))

    async def by_id(self, key_id: str) -> DataKey | None:
        """The key that something was encrypted with; None where it was dropped."""
        place = ("id", key_id)
        if found := self._held(place):
            return found
        wrapped = await data_keys.by_id(self._db, key_id)
        return self._hold(place, self._opened(wrapped)) if wrapped else None

    async def _make(self, workflow_id: str) -> WrappedKey:
        key_id = token_urlsafe(_ID_BYTES)
        wrapped = self._masters.wrap(AESGCM.generate_key(256), key_id)
        made = WrappedKey(key_id, workflow_id, self._masters.current, wrapped)
        return await data_keys.keep(self._db, made, datetime.now(UTC))

    def _opened(self, kept: WrappedKey) -> DataKey:
        return DataKey(kept.key_id, AESGCM(self._masters.unwrap(kept.wrapped, kept.master, kept.key_id)))

    def _held(self, place: tuple[str, str]) -> DataKey | None:
        key, until = self._kept.get(place, (None, 0.0))
        return key if until > time.monotonic() else None

    def _hold(self, place: tuple[str, str], key: DataKey) -> DataKey:
        self._kept[place] = (key, time.monotonic() + KEPT)
        self._kept.move_to_end(place)
        while len(self._kept) > _MOST:
            self._kept.popitem(last=False)
        return key


async def rewrap(db: Database, masters: MasterKeys) -> int:
    """Have all data keys wrapped by the current master key, a part at a time; how many were not."""

    def anew(key: WrappedKey) -> str:
        return masters.wrap(masters.unwrap(key.wrapped, key.master, key.key_id), key.key_id)

    count = 0
    while part := await data_keys.rewrap(db, masters.current, anew):
        count += part
    return count
