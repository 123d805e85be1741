"""The daily comparison: what it finds is kept, and operations are written to about what is new."""

from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Connection
from temporalio import activity
from temporalio.client import Client
from temporalio.exceptions import ApplicationError

from activities.reconciliation.reconciler import LOOKS_BACK, Reconciler
from activities.shared.mails import compose, operations
from gateways.carrier.protocol import Carrier
from gateways.database.engine import Database
from gateways.database.messages import outbox
from gateways.database.reconciliation import findings
from gateways.errors import GatewayError
from gateways.payment.protocol import Payments
from lifecycle.contract.policy import Shop
from lifecycle.reconciliation.finding import Finding

_MOST_NAMED: Final = 50


class ReconciliationActivities:
    """One comparison at a time; a schedule of Temporal's begins it."""

    def __init__(
        self, client: Client, database: Database, payments: Payments, carrier: Carrier, shop: Callable[[], Shop]
    ) -> None:
        self._client = client
        self._database = database
        self._payments = payments
        self._carrier = carrier
        self._shop = shop

    @activity.defn
    async def reconcile(self) -> int:
        """Compare, keep what was found, and write to operations; gives how much that is."""
        now = datetime.now(UTC)
        try:
            found = await self._found(now)
        except GatewayError as error:
            failed = ApplicationError(str(error), type=error.code)
        else:
            await self._database.write(lambda connection: keep_and_tell(connection, found, self._shop(), now))
            return len(found)
        # Not within the handler: a partner's own words may stand in what lies behind.
        raise failed

    async def _found(self, now: datetime) -> list[Finding]:
        with closing(
            Reconciler(self._client, self._database, self._payments, self._carrier, activity.heartbeat)
        ) as reconciler:
            return await reconciler.findings(now - LOOKS_BACK, now)


def keep_and_tell(connection: Connection, found: Sequence[Finding], shop: Shop, now: datetime) -> None:
    """Keep what was found; one mail names what operations do not know of. Orphans have a mail of their own."""
    new = [one for one in findings.keep(connection, found, now) if one.kind != "orphaned"]
    if new:
        values = {"findings": new[:_MOST_NAMED], "count": len(new)}
        key = f"reconciled/{now.isoformat()}"
        outbox.put(connection, compose("reconciled", values, operations(shop), record="reconciled", key=key, at=now))
    findings.mark_told(connection)
