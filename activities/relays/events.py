"""Delivers events to subscribers: in order for each return, different returns side by side, for days."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import structlog
from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from activities.relays.polling import PAUSE, poll
from gateways.database.engine import Database
from gateways.database.messages import deliveries
from gateways.database.messages.deliveries import Due, Outcome
from gateways.errors import Busy, GatewayError
from gateways.subscribers.protocol import EventSender, Gone
from lifecycle.shared.waits import doubled

#: How many events of different returns are brought to one subscriber at once.
AT_ONCE = 10
FIRST_WAIT, LONGEST_WAIT, GIVE_UP_AFTER = timedelta(seconds=5), timedelta(hours=1), timedelta(days=5)
#: When another process is asked, where this one knows of no subscribers.
_LOOK_ELSEWHERE = timedelta(seconds=10)
#: Seconds in which several may end, to be kept in one transaction.
_GATHER = 0.005
#: Seconds in which what is under way may end when the worker stops.
_LAST_WORDS = 2.0

log = structlog.get_logger()


class DeliveryActivities:
    """One of these at a time serves all subscribers; a workflow of its own keeps it alive."""

    def __init__(self, database: Database, sender: EventSender | None) -> None:
        """Without a sender nothing can be sent."""
        self._database = database
        self._sender = sender

    @activity.defn
    async def deliver_events(self) -> None:
        """Deliver what is due until the run ends or the worker stops."""
        if self._sender is not None:
            await self._sender.refresh()
        if self._sender is None or not self._sender.anybody:
            # Another process may know some: while settings are being changed, processes differ.
            raise ApplicationError(
                "no subscribers are named in HOMEWARD_SUBSCRIBERS, nor made by the API",
                type="NoSubscribers",
                next_retry_delay=_LOOK_ELSEWHERE,
                category=ApplicationErrorCategory.BENIGN,
            )
        under_way = Deliveries(self._database, self._sender)
        try:
            await poll(under_way.advance, self._database.changes)
        finally:
            await under_way.end()


class Deliveries:
    """What is under way to subscribers; whatever is lost here is delivered again."""

    def __init__(self, database: Database, sender: EventSender) -> None:
        self._database = database
        self._sender = sender
        self._under_way: dict[asyncio.Task[Outcome], Due] = {}
        #: Until when a subscriber has asked for quiet.
        self._quiet: dict[str, datetime] = {}

    async def advance(self) -> int:
        """Begin what is due, wait a moment and store what has ended; returns how much is being done."""
        now = datetime.now(UTC)
        await self._sender.refresh()
        new = 0
        if self._sender.anybody:
            new = await deliveries.fan_out(self._database, self._sender.subscribers, now)
        silent = await deliveries.silent(self._database)
        for subscriber in self._sender.subscribers:
            if subscriber not in silent and self._quiet.get(subscriber, now) <= now:
                await self._begin(subscriber, now)
        busy = len(self._under_way)
        if busy:
            await asyncio.wait(self._under_way, timeout=PAUSE.total_seconds(), return_when=asyncio.FIRST_COMPLETED)
            await asyncio.sleep(_GATHER)
            await self._keep()
        return new + busy

    async def end(self) -> None:
        """Store what ends within a moment; the rest is delivered again by whoever comes after."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=_LAST_WORDS)
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        with suppress(GatewayError):
            await self._keep()

    async def _begin(self, subscriber: str, now: datetime) -> None:
        """Fill the places that are free with returns that none is under way for."""
        taken = {due.event.return_id for due in self._under_way.values() if due.subscriber == subscriber}
        if len(taken) >= AT_ONCE:
            return
        found = await deliveries.next_due(self._database, subscriber, now, AT_ONCE)
        waiting = [due for due in found if due.event.return_id not in taken]
        for due in waiting[: AT_ONCE - len(taken)]:
            self._under_way[asyncio.create_task(self._deliver(due))] = due

    async def _deliver(self, due: Due) -> Outcome:
        try:
            await self._sender.deliver(due.subscriber, due.event)
        except Gone as error:
            log.warning("subscriber_gone", return_id=due.event.return_id, code=error.code)
            return Outcome(due, str(error), datetime.now(UTC), gone=True)
        except GatewayError as error:
            return self._failed(due, error)
        except Exception as error:
            log.exception("event_failed", return_id=due.event.return_id)
            return self._failed(due, GatewayError(type(error).__name__, "unforeseen"))
        return Outcome(due)

    def _failed(self, due: Due, error: GatewayError) -> Outcome:
        now = datetime.now(UTC)
        wait = doubled(FIRST_WAIT, LONGEST_WAIT, due.attempts)
        if isinstance(error, Busy) and error.retry_after is not None:
            wait = error.retry_after
            self._quiet[due.subscriber] = now + wait
        known = {"return_id": due.event.return_id, "attempt": due.attempts + 1, "code": error.code}
        if due.failing_since and now - due.failing_since > GIVE_UP_AFTER:
            log.warning("event_given_up", **known)
            return Outcome(due, str(error))
        log.warning("event_delayed", **known)
        return Outcome(due, str(error), now + wait)

    async def _keep(self) -> None:
        ended = [task for task in self._under_way if task.done()]
        for task in ended:
            self._under_way.pop(task)
        outcomes = [task.result() for task in ended if not task.cancelled()]
        await deliveries.settle(self._database, outcomes, datetime.now(UTC))
