"""Looks, before a version serves, whether it goes on with what is open."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from temporalio import activity
from temporalio.exceptions import ApplicationError

#: How many that break are named in the failure.
_MOST_NAMED = 20


@dataclass(frozen=True)
class Checked:
    """How many open workflows there are of each type, how many were replayed, and the ids of those that break."""

    open: Mapping[str, int]
    replayed: Mapping[str, int]
    breaking: tuple[str, ...]


#: Replays open workflows on the code of this process.
Check = Callable[[], Awaitable[Checked]]


class RolloutActivities:
    """What a gate asks of the version that it stands before."""

    def __init__(self, check: Check) -> None:
        self._check = check

    @activity.defn
    async def check_open_workflows(self) -> Checked:
        """Replay them; raises ``ApplicationError`` ``OpenWorkflowsBreak`` when one would not go on."""
        found = await self._check()
        if found.breaking:
            named = ", ".join(found.breaking[:_MOST_NAMED])
            told = f"open workflows that would break: {len(found.breaking)}, such as {named}"
            advice = "`homeward deploy check` says where each breaks"
            raise ApplicationError(f"{told}; {advice}", type="OpenWorkflowsBreak", non_retryable=True)
        return found
