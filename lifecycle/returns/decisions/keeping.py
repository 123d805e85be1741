"""Goods that stay with the customer: no parcel is awaited, and what they are worth is settled at once.

``decisions.approval`` asks, when a return is let through, with the worth of one that gives money alone.
"""

from datetime import datetime

from lifecycle.contract.view import Reception
from lifecycle.returns.state import Return


def stay(ret: Return, worth: int | None) -> bool:
    """Whether the goods stay with the customer, by their ``worth`` as new in minor units, None where no money is given.

    They do when that is less than the policy's bound, strictly, and they have not been handed over.
    """
    return worth is not None and worth < ret.opened.terms.keep_item_below and not ret.handed_over


def let_keep(ret: Return, now: datetime) -> None:
    """All units that were to come stay where they are."""
    kept = ret.expected
    for unit in kept:
        unit.reception, unit.kept = Reception.NOT_EXPECTED, True
    ret.note(now, "kept", detail=", ".join(unit.unit_id for unit in kept))
