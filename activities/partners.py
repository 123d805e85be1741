"""How long each kind of partner may take, and how it is tried again: one table.

The workflow takes queue, time-out and safe default from here; how long to wait after a
failure, and when to give up, is decided by the activity when it fails.
"""

from dataclasses import dataclass
from datetime import timedelta

from temporalio.common import RetryPolicy


@dataclass(frozen=True)
class Partner:
    """One kind of partner. ``attempt`` bounds a single try; waits double from ``first`` to ``longest``."""

    queue: str
    attempt: timedelta
    first: timedelta
    longest: timedelta
    give_up_after: timedelta

    def wait(self, attempt: int) -> timedelta:
        """How long to wait after the given attempt, counted from 1."""
        doubled: timedelta = self.first * 2 ** min(attempt - 1, 30)
        return min(doubled, self.longest)

    def waited(self, attempt: int) -> timedelta:
        """How long all attempts up to the given one have waited."""
        return sum((self.wait(number) for number in range(1, attempt)), timedelta())

    @property
    def retry_policy(self) -> RetryPolicy:
        """The safe default for failures that no activity sorted, such as a worker that died."""
        return RetryPolicy(initial_interval=self.first, backoff_coefficient=2.0, maximum_interval=self.longest)


PARTNERS: dict[str, Partner] = {
    "carrier": Partner(
        queue="returns-carrier",
        attempt=timedelta(seconds=30),
        first=timedelta(seconds=1),
        longest=timedelta(minutes=5),
        give_up_after=timedelta(hours=12),
    ),
    "payment": Partner(
        queue="returns-payment",
        attempt=timedelta(seconds=30),
        first=timedelta(seconds=1),
        longest=timedelta(minutes=10),
        give_up_after=timedelta(hours=24),
    ),
    "inventory": Partner(
        queue="returns-inventory",
        attempt=timedelta(seconds=10),
        first=timedelta(seconds=1),
        longest=timedelta(minutes=1),
        give_up_after=timedelta(hours=24),
    ),
    "records": Partner(
        queue="returns",
        attempt=timedelta(seconds=10),
        first=timedelta(seconds=1),
        longest=timedelta(minutes=1),
        give_up_after=timedelta(days=7),
    ),
    "support": Partner(
        queue="support",
        attempt=timedelta(seconds=15),
        first=timedelta(seconds=1),
        longest=timedelta(minutes=1),
        give_up_after=timedelta(days=7),
    ),
}
