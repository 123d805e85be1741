"""How far a return is, in one word, and the words with which one ends (CONTRACT section 2)."""

from enum import StrEnum


class Status(StrEnum):
    """The header status, derived from both tracks (CONTRACT section 2)."""

    REQUESTED = "requested"
    IN_REVIEW = "in_review"
    DECLINED = "declined"
    LABEL_SENT = "label_sent"
    IN_TRANSIT = "in_transit"
    PARTIALLY_RECEIVED = "partially_received"
    RECEIVED = "received"
    SETTLING = "settling"
    REFUNDED = "refunded"
    CREDITED = "credited"
    REPLACED = "replaced"
    EXCHANGED = "exchanged"
    REPAIRED = "repaired"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


#: How a settled return can end; which one it is follows from the resolution.
SETTLED = frozenset(
    {Status.REFUNDED, Status.CREDITED, Status.REPLACED, Status.EXCHANGED, Status.REPAIRED, Status.REJECTED}
)
#: How a return can end that was never settled.
ENDED_UNSETTLED = frozenset({Status.DECLINED, Status.CANCELLED, Status.EXPIRED})
