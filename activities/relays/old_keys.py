"""Drops the data keys of workflows that nobody knows any more: Temporal keeps nothing of them, nor do our books.

What was begun under an id that was never heard of again leaves such a key, and so does every run of a schedule. A key
is retired before it is dropped: whoever encrypts with it meanwhile has it back (``gateways.database.data_keys``).
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

import structlog
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from client.names import EARLIER_REPAIR_PREFIX, REPAIR_PREFIX, RETURN_PREFIX, SUPPORT_PREFIX
from gateways.database import data_keys
from gateways.database.data_keys import OldKey
from gateways.database.engine import Database
from gateways.database.reconciliation.books import known_among
from gateways.database.support.cases import known_cases

#: A workflow is begun soon after its key was made, if ever.
YOUNG: Final = timedelta(days=1)
#: How long a key is retired before it is dropped: longer than any process keeps one in memory.
RETIRED: Final = timedelta(hours=1)
#: How long nothing is looked at once all were.
RESTS: Final = timedelta(hours=1)
#: Workflows that Temporal is asked about each time.
_MOST_ASKED: Final = 100
_ANSWERS_WITHIN: Final = timedelta(seconds=10)
log = structlog.get_logger("homeward.watch")


class OldKeys:
    """Looks through the keys, a part at a time, from the first again once it has rested."""

    def __init__(self, client: Client, database: Database) -> None:
        self._client = client
        self._database = database
        self._after = ""
        self._rests_until: datetime | None = None

    async def look(self, now: datetime) -> None:
        """Retire, or drop, those of the next part that nobody needs. Raises ``RPCError``, ``Unavailable``."""
        if self._rests_until and now < self._rests_until:
            return
        part = await data_keys.next_part(self._database, self._after)
        known = await self._in_books([key.workflow_id for key in part])
        old = [key for key in part if key.made_at < now - YOUNG and key.workflow_id not in known]
        for key in old[:_MOST_ASKED]:
            await self._judge(key, now)
        last = old[_MOST_ASKED - 1] if len(old) > _MOST_ASKED else part[-1] if part else None
        self._after, self._rests_until = (last.key_id, None) if last else ("", now + RESTS)

    async def _judge(self, key: OldKey, now: datetime) -> None:
        if await self._is_kept(key.workflow_id):
            if key.retired_at:
                await data_keys.retire(self._database, key, None)
        elif key.retired_at is None:
            await data_keys.retire(self._database, key, now)
        elif key.retired_at < now - RETIRED and await data_keys.drop_retired(self._database, key):
            log.info("data_key_dropped")

    async def _is_kept(self, workflow_id: str) -> bool:
        """Whether Temporal has it, running or closed."""
        try:
            await self._client.get_workflow_handle(workflow_id).describe(rpc_timeout=_ANSWERS_WITHIN)
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return False
            raise
        return True

    async def _in_books(self, workflow_ids: Collection[str]) -> set[str]:
        """Those whose return or question is in our books; of an earlier repair's id nobody knows where it ends."""
        returns = {one: _return_of(one) for one in workflow_ids}
        cases = {one: one.removeprefix(SUPPORT_PREFIX) for one in workflow_ids if one.startswith(SUPPORT_PREFIX)}
        known = await known_among(self._database, {found for found in returns.values() if found})
        asked = await known_cases(self._database, set(cases.values()))
        earlier = {one for one in workflow_ids if one.startswith(EARLIER_REPAIR_PREFIX)}
        return (
            earlier
            | {one for one, of in returns.items() if of in known}
            | {one for one, of in cases.items() if of in asked}
        )


def _return_of(workflow_id: str) -> str | None:
    """The return that a workflow carries, or whose unit it repairs."""
    if workflow_id.startswith(REPAIR_PREFIX):
        return workflow_id.removeprefix(REPAIR_PREFIX).partition(":")[0]
    return workflow_id.removeprefix(RETURN_PREFIX) if workflow_id.startswith(RETURN_PREFIX) else None
