"""Keeps what never ends running: whoever polls the messages queue looks each minute that it does."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from datetime import timedelta
from typing import Final

import structlog
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.service import RPCError

from client.names import MESSAGES_QUEUE
from gateways.database.engine import Database
from gateways.database.messages import subscriptions
from gateways.errors import Unavailable
from workers.daily import keep_scheduled
from workers.settings import Settings
from workflows.relays import EVENTS, INBOX, RELAYS, Relay

#: How often a worker looks whether one is gone, such as after a stray ``terminate``.
EVERY: Final = timedelta(minutes=1)
#: How long a new one waits before its work: the activity of one that was ended learns of it by a heartbeat, and
#: two at once could send a mail twice.
LETS_GO_WITHIN: Final = timedelta(seconds=20)
_ANSWERS_WITHIN: Final = timedelta(seconds=10)
_log = structlog.get_logger("homeward.workers")


async def keep_running(client: Client, relay: Relay, begins_after: timedelta | None = None) -> None:
    """One serves all; the one that runs already goes on. Raises ``RPCError``."""
    await client.start_workflow(
        relay.workflow.__name__,
        id=relay.workflow_id,
        task_queue=MESSAGES_QUEUE,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        static_summary=relay.summary,
        start_delay=begins_after,
        rpc_timeout=_ANSWERS_WITHIN,
    )


async def relays_wanted(settings: Settings, db: Database, *, passes: bool = True) -> list[Relay]:
    """Those that should run: events have one where somebody subscribes, the inbox where it can be passed on."""
    subscribed = settings.names_subscribers or await db.read(subscriptions.any_there)
    wanted = {EVENTS: subscribed, INBOX: passes}
    return [relay for relay in RELAYS if wanted.get(relay, True)]


async def relays_kept(settings: Settings, db: Database, *, passes: bool = True) -> list[Relay]:
    """The same, for who keeps them: it says too, to every process, whether its settings name subscribers."""
    await subscriptions.note_settings(db, names=settings.names_subscribers)
    return await relays_wanted(settings, db, passes=passes)


async def keep_all_running(
    client: Client, wanted: Callable[[], Awaitable[Collection[Relay]]], stop: asyncio.Event
) -> None:
    """Look after the relays until ``stop`` is set; while Temporal is away, they are looked after later."""
    relays = await wanted()
    while not stop.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), EVERY.total_seconds())
            return
        with suppress(Unavailable):
            relays = await wanted()
        for relay in relays:
            try:
                await keep_running(client, relay, LETS_GO_WITHIN)
            except (RPCError, RuntimeError) as error:
                _log.warning("a relay could not be looked after", relay=relay.workflow_id, exc_info=error)
        try:
            await keep_scheduled(client)
        except (RPCError, RuntimeError) as error:
            _log.warning("the daily comparison could not be looked after", exc_info=error)
