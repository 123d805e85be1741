"""The watch: looks through the open returns, a part each minute, for those that no workflow carries.

It forgets old idempotency keys, ended sessions, counts and messages on the way, which nobody else comes by.
"""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import Connection
from temporalio import activity
from temporalio.client import Client, WorkflowExecution
from temporalio.service import RPCError

from activities.relays.old_keys import OldKeys
from activities.relays.polling import poll
from activities.shared.mails import compose, operations
from client.names import return_workflow_id
from client.orphans.carried import described, is_carried, return_id_of, running, state_of
from client.search_attributes import columns_of_execution
from gateways.database import rates, sessions
from gateways.database.engine import Database
from gateways.database.idempotency import Place, forget_old
from gateways.database.messages import outbox
from gateways.database.messages.retention import Kept, Places, purge
from gateways.database.returns import orphans
from gateways.database.returns.orphans import OpenReturn, Orphan
from gateways.database.returns.rebuild import view_from_database
from gateways.database.returns.records import get_return
from gateways.database.staff import sessions as staff_sessions
from gateways.errors import GatewayError
from lifecycle.contract.policy import Shop
from lifecycle.contract.statuses import Status
from lifecycle.returns.orphaned import GONE, how

#: How often it looks, at how many open returns each time, and how many of one page.
EVERY: Final = timedelta(minutes=1)
MOST: Final = 2000
_PAGE: Final = 100
#: How many it asks Temporal about singly each time: lists lag, so what they do not show may be there.
_MOST_ASKED: Final = 200
#: One mail to operations in this time, however many are found.
_DIGEST: Final = timedelta(minutes=15)
_MOST_NAMED: Final = 50
#: What may stand in a search query as it is.
_PLAIN = re.compile(r"^[\w.:/#@+-]+$")

log = structlog.get_logger("homeward.watch")


class WatchActivities:
    """One watch at a time serves all returns; a workflow of its own keeps it alive."""

    def __init__(
        self,
        client: Client,
        database: Database,
        shop: Callable[[], Shop],
        kept: Kept = Kept(),  # noqa: B008 (frozen)
    ) -> None:
        self._client = client
        self._database = database
        self._shop = shop
        self._after = ""
        self._forgotten_to: Place | None = None
        self._kept = kept
        self._purged_to = Places()
        self._old_keys = OldKeys(client, database)
        self._next = datetime.min.replace(tzinfo=UTC)

    @activity.defn
    async def watch_returns(self) -> None:
        """Look each minute until the run ends or the worker stops."""
        await poll(self._look_when_due)

    async def _look_when_due(self) -> int:
        now = datetime.now(UTC)
        if now >= self._next:
            self._next = now + EVERY
            try:
                await self.look()
                await self.forget()
            except (RPCError, GatewayError) as error:
                log.warning("the watch could not look", exc_info=error)
        return 0

    async def forget(self) -> None:
        """Drop the next part of the old keys and messages, and what has ended. Raises ``RPCError``, ``Unavailable``."""
        self._forgotten_to = await self._database.write(self._forget)
        now = datetime.now(UTC)
        await sessions.prune(self._database, now)
        await staff_sessions.prune(self._database, now)
        await rates.prune(self._database, now)
        self._purged_to = await purge(self._database, self._kept, self._purged_to, now)
        await self._old_keys.look(now)

    async def look(self) -> None:
        """Look at the next part of the open returns, from the first again after the last; log what was found.

        Raises ``RPCError``, ``Unavailable``.
        """
        seen = asked = 0
        while seen < MOST and asked < _MOST_ASKED:
            page = await orphans.open_returns(self._database, self._after, _PAGE)
            running = await self._running(page)
            for row in page:
                if (row.return_id in running) == row.orphaned:
                    await self._ask(row)
                    asked += 1
                self._after = row.return_id
                if asked >= _MOST_ASKED:
                    break
            else:
                seen += len(page)
                if len(page) < _PAGE:
                    self._after = ""
                    break
        await self._database.write(self._mail_operations)

    async def _running(self, page: Sequence[OpenReturn]) -> set[str]:
        """Those of the page that a list shows as running, a moment behind."""
        ids = [f"'{return_workflow_id(row.return_id)}'" for row in page if _PLAIN.match(row.return_id)]
        if not ids:
            return set()
        found = running(self._client, f"WorkflowId IN ({', '.join(ids)})")
        return {return_id_of(execution) async for execution in found}

    async def _ask(self, row: OpenReturn) -> None:
        """Ask Temporal itself, and remember what it says."""
        execution = await described(self._client, row.return_id)
        if is_carried(execution):
            if row.orphaned:
                await orphans.drop_orphan(self._database, row.return_id)
            return
        if row.orphaned or not await orphans.keep_orphan(self._database, await self._orphan(row, execution)):
            return
        # Somebody may have had it carried on between the question and the answer.
        if is_carried(await described(self._client, row.return_id)):
            await orphans.drop_orphan(self._database, row.return_id)
            return
        log.error("no workflow carries a return", return_id=row.return_id, code=state_of(execution))

    async def _orphan(self, row: OpenReturn, execution: WorkflowExecution | None) -> Orphan:
        now = datetime.now(UTC)
        if execution is None:
            return Orphan(row.return_id, row.order_id, now, GONE, await self._recorded(row.return_id), None, False)
        shown, since = columns_of_execution(execution), execution.close_time or now
        why = state_of(execution)
        return Orphan(row.return_id, row.order_id, since, why, shown.status, shown.resolve_by, shown.escalated)

    async def _recorded(self, return_id: str) -> str:
        """Where its records say that it stands."""
        row = await get_return(self._database, return_id)
        return (await view_from_database(self._database, row)).status.value if row else Status.REQUESTED.value

    def _forget(self, connection: Connection) -> Place | None:
        return forget_old(connection, self._forgotten_to, datetime.now(UTC))

    def _mail_operations(self, connection: Connection) -> None:
        """Write to operations about those that they do not know of, in one mail each quarter of an hour."""
        found, count = orphans.unreported(connection, _MOST_NAMED)
        if not found:
            return
        now = datetime.now(UTC)
        named = [
            {"return_id": one.return_id, "order_id": one.order_id, "status": one.status, "how": how(one.why)}
            for one in found
        ]
        values, key = {"orphans": named, "count": count}, f"orphaned/{int(now.timestamp() // _DIGEST.total_seconds())}"
        mail = compose("orphaned", values, operations(self._shop()), record=found[0].return_id, key=key, at=now)
        if outbox.put(connection, mail):
            orphans.mark_reported(connection)
