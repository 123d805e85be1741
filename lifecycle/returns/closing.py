"""When a return closes: both tracks have ended, and nothing is left to do (CONTRACT section 2)."""

from datetime import datetime

from lifecycle.contract.view import Reception
from lifecycle.returns.state import Return, all_units
from lifecycle.returns.units import COMING, GONE


def may_close(ret: Return) -> bool:
    """Whether both tracks have ended and nothing is left to do."""
    held = ret.hold is not None and ret.hold.state in ("placing", "held") and not ret.hold.left
    if ret.decision is None or ret.agenda.busy or ret.open_steps or held or ret.money.question:
        return False
    if ret.ended:
        return ret.dates.late_until is None or ret.late_over
    return ret.settled and not ret.money.round_open and goods_ended(ret)


def goods_ended(ret: Return) -> bool:
    """Whether the item's end is reached: every unit is judged, or has not come in all the time it had.

    One that may hold the customer's data goes nowhere before it is wiped.
    """
    return all(
        (unit.judged and not unit.needs_wipe) or (ret.late_over and unit.reception in COMING | GONE)
        for unit in ret.expected
    )


def close(ret: Return, now: datetime) -> None:
    """End it: what never came in the late window counts as lost."""
    for unit in ret.expected:
        if not ret.ended and unit.reception in COMING:
            unit.reception = Reception.LOST
    ret.closed = True
    ret.note(now, "closed", about=all_units(ret))


def reopen(ret: Return, now: datetime, by: str = "engine") -> None:
    """Go on after the end: something has to be seen to after all."""
    ret.closed = False
    ret.note(now, "reopened", by=by)
