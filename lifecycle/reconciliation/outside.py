"""What partners and Temporal say of returns, whatever our own books say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

#: How Temporal says that a workflow runs, and that it has come to its end by itself.
RUNNING: Final = "running"
COMPLETED: Final = "completed"
#: The provider's words for a refund that came to nothing, and for an amount that is set aside.
FAILED: Final = "failed"
HELD: Final = "held"


@dataclass(frozen=True)
class MadePayment:
    """A refund, a charge or a hold as the provider lists it; ``amount`` in minor units.

    ``key`` is what Homeward made it with, None for what somebody else made. ``payment`` is what a refund pays back.
    ``state`` is the provider's: of a refund ``pending`` ``succeeded`` ``failed``, of a hold ``held`` ``released``
    ``captured`` ``expired``. ``at`` is None where the provider keeps no time.
    """

    kind: Literal["refund", "charge", "hold"]
    reference: str
    key: str | None
    payment: str | None
    amount: int
    state: str
    at: datetime | None


@dataclass(frozen=True)
class MadeParcel:
    """A label, pickup, drop-off code or parcel as the carrier lists it.

    ``usable``: it is paid for, is not void, and the carrier has not seen it.
    """

    tracking_code: str
    key: str
    usable: bool


@dataclass(frozen=True)
class Outside:
    """All of one return: ``workflow`` is how its workflow stands, ``status`` what Temporal's lists show."""

    workflow: str
    status: str | None
    payments: Sequence[MadePayment] = ()
    parcels: Sequence[MadeParcel] = ()


def return_of(key: str) -> str | None:
    """The return that an idempotency key belongs to; None for one of another kind."""
    head, slash, _ = key.rpartition("/")
    return head.removeprefix("return-") if slash and head.startswith("return-") else None


def step_of(key: str) -> str:
    """The step that an idempotency key belongs to."""
    return key.rpartition("/")[2]
