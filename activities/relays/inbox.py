"""The inbox's relay: passes on what partners told by webhook and no return could be told at once."""

from collections.abc import Awaitable, Callable

from temporalio import activity

from activities.relays.polling import work_a_shift

#: Passes on the oldest event that is due; tells how many that were.
PassNext = Callable[[], Awaitable[int]]


class InboxActivities:
    """One relay at a time serves all partners; a workflow of its own keeps it alive."""

    def __init__(self, pass_next: PassNext) -> None:
        self._pass_next = pass_next

    @activity.defn
    async def relay_inbox(self) -> None:
        """Pass on what is due until the shift ends or the worker stops."""
        await work_a_shift(self._pass_next)
