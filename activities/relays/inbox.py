"""The inbox's relay: forwards webhook events that no return could take at once."""

from collections.abc import Awaitable, Callable

from temporalio import activity

from activities.relays.polling import poll
from gateways.database.changes import Changes

#: Forwards the oldest event that is due; returns how many that were.
PassNext = Callable[[], Awaitable[int]]


class InboxActivities:
    """One relay at a time serves all partners; a workflow of its own keeps it alive."""

    def __init__(self, pass_next: PassNext, changes: Changes) -> None:
        self._pass_next = pass_next
        self._changes = changes

    @activity.defn
    async def relay_inbox(self) -> None:
        """Pass on what is due until the run ends or the worker stops."""
        await poll(self._pass_next, self._changes)
