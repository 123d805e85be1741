"""When a return is settled, and how often one looks."""

import random
import time
from typing import Final

from homeward_client.answers import View
from homeward_client.choices import Status
from homeward_client.errors import NotSettledInTime

#: The customer has what is owed, or nothing is owed. A status that a newer Homeward adds is waited through.
ENDS: Final = frozenset(
    {
        Status.REFUNDED,
        Status.CREDITED,
        Status.REPLACED,
        Status.EXCHANGED,
        Status.REPAIRED,
        Status.REJECTED,
        Status.DECLINED,
        Status.CANCELLED,
        Status.EXPIRED,
    }
)
_LONGEST: Final = 30.0


def settled(view: View) -> bool:
    """Whether the customer waits for nothing more."""
    return view.closed or view.status in ENDS


class Looks:
    """The looks at one return."""

    def __init__(self, return_id: str, within: float) -> None:
        self._return_id = return_id
        self._within = within
        self._until = time.monotonic() + within
        self._pause = 1.0

    def pause(self, view: View) -> float:
        """Seconds until the next look; raises ``NotSettledInTime`` where none is left."""
        left = self._until - time.monotonic()
        if left <= 0:
            raise NotSettledInTime(f"{self._return_id} is {view.status} after {self._within:g} s")
        pause = self._pause * random.uniform(0.8, 1)  # noqa: S311 # nothing is kept secret by it
        self._pause = min(1.5 * self._pause, _LONGEST)
        return min(pause, left)
