"""How long each kind of partner may take, and how it is tried again: one table.

The workflow takes queue, time-out and safe default from here; how long to wait after a
failure, and when it fails for good, is decided by the activity when it fails.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from temporalio.common import RetryPolicy

from client.names import CARRIER_QUEUE, INVENTORY_QUEUE, PAYMENT_QUEUE, RETURNS_QUEUE, SUPPORT_QUEUE
from lifecycle.shared.waits import doubled

#: What part of a wait chance may add to it.
JITTER = 0.2
#: How many waiting steps are tried each second once their partner is back.
RECOVERY_RPS = 5.0


@dataclass(frozen=True)
class Profile:
    """One kind of partner. ``attempt`` bounds a single try; waits double from ``first`` to ``longest``.

    ``give_up_after`` is the time on the wall from the first failure to the one that is the last; ``ours`` is
    our own database, for which nothing changes it.
    """

    queue: str
    attempt: timedelta
    longest: timedelta
    give_up_after: timedelta
    first: timedelta = timedelta(seconds=1)
    ours: bool = False

    @property
    def retry_policy(self) -> RetryPolicy:
        """The safe default for failures that no activity classified, such as a worker that died."""
        return RetryPolicy(initial_interval=self.first, backoff_coefficient=2.0, maximum_interval=self.longest)


PROFILES: dict[str, Profile] = {
    "carrier": Profile(
        CARRIER_QUEUE, attempt=timedelta(seconds=30), longest=timedelta(minutes=5), give_up_after=timedelta(hours=12)
    ),
    "payment": Profile(
        PAYMENT_QUEUE, attempt=timedelta(seconds=30), longest=timedelta(minutes=10), give_up_after=timedelta(hours=24)
    ),
    "inventory": Profile(
        INVENTORY_QUEUE, attempt=timedelta(seconds=10), longest=timedelta(minutes=1), give_up_after=timedelta(hours=24)
    ),
    "records": Profile(
        RETURNS_QUEUE,
        attempt=timedelta(seconds=10),
        longest=timedelta(minutes=1),
        give_up_after=timedelta(days=7),
        ours=True,
    ),
    "support": Profile(
        SUPPORT_QUEUE,
        attempt=timedelta(seconds=15),
        longest=timedelta(minutes=1),
        give_up_after=timedelta(days=7),
        ours=True,
    ),
}


@dataclass(frozen=True)
class RetryRules:
    """How a partner's failed steps are tried again: its profile, the process's settings, and what operators changed.

    Of what a partner asks for by ``Retry-After``, no more than ``retry_after_maximum`` counts. Once a partner is
    back that had failed for everybody, ``recovery_rps`` of the steps that wait are tried each second.
    """

    initial: timedelta
    maximum: timedelta
    give_up_after: timedelta
    retry_after_maximum: timedelta
    recovery_rps: float = RECOVERY_RPS

    def wait(self, attempt: int, asked: timedelta | None, chance: float) -> timedelta:
        """How long to wait after the given attempt, counted from 1.

        The larger of our own wait and what the partner ``asked`` for, as far as it counts. ``chance``, from 0
        to 1, makes it up to a fifth longer, so that many that failed together do not come back together;
        never shorter than what was asked for.
        """
        own = doubled(self.initial, self.maximum, attempt - 1)
        wait = max(own, min(asked, self.retry_after_maximum)) if asked else own
        return wait + wait * (JITTER * chance)


def rules_of(
    partner: str, give_up_after: timedelta | None, retry_after_maximum: timedelta, changed: Mapping[str, Any]
) -> RetryRules:
    """The rules that hold: what operators ``changed``, else the settings of the process, else the partner's profile.

    For our own database neither of them changes anything.
    """
    profile = PROFILES[partner]
    if profile.ours:
        return RetryRules(profile.first, profile.longest, profile.give_up_after, retry_after_maximum)

    def of(name: str, otherwise: timedelta) -> timedelta:
        value = changed.get(name)
        return otherwise if value is None else timedelta(seconds=value)

    return RetryRules(
        initial=of("initial_seconds", profile.first),
        maximum=of("maximum_seconds", profile.longest),
        give_up_after=of("give_up_after_seconds", profile.give_up_after if give_up_after is None else give_up_after),
        retry_after_maximum=of("retry_after_maximum_seconds", retry_after_maximum),
        recovery_rps=recovery_rps(changed),
    )


def recovery_rps(changed: Mapping[str, Any]) -> float:
    """How many waiting steps are tried each second once their partner is back, as operators ``changed`` it."""
    return changed.get("recovery_rps") or RECOVERY_RPS


def profile_of(queue: str) -> str | None:
    """The profile of a task queue; None where what runs never fails for good."""
    return next((name for name, partner in PROFILES.items() if partner.queue == queue), None)
