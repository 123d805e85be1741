"""A parcel that held nothing of its return: no refund and no silence, an operator decides.

While no unit of the return has come, no settlement begins, the limit pays nothing and the return does not
expire. The operator's answers: ``retry`` has the parcel counted again, ``mark_done`` ends the return as
rejected with nothing owed, ``skip`` waits for parcels that come late.
"""

from collections.abc import Sequence
from datetime import datetime

from lifecycle.contract.messages import Receipt, ResolveAttention
from lifecycle.contract.view import Acceptance, Extra, Reception
from lifecycle.returns.aggregate.parked_step import ParkedReturnStep
from lifecycle.returns.commands import SendMail
from lifecycle.returns.late_goods import late_until, wait_until
from lifecycle.returns.state import Return, these
from lifecycle.returns.units import COMING, GONE, IN_HAND, NOT_HELD, UnitState

#: The step's name, as attention shows it.
STEP = "empty_parcel"
#: How long a parcel that is to be counted again may wait for that, in business days.
RECOUNT_DAYS = 5


def nothing_here(ret: Return) -> bool:
    """Whether the warehouse has no unit of this return, nor ever said more than that it has none."""
    return not any(unit.reception in IN_HAND or unit.gone_back for unit in ret.expected)


def came_empty(ret: Return, receipt: Receipt, extras: Sequence[Extra], now: datetime) -> None:
    """A receipt brought no unit, and none is here: an operator looks at it, the customer is mailed, once."""
    if not nothing_here(ret) or all(unit.judged for unit in ret.expected):
        return
    held = names_of(ret, extras) if extras else None
    if not ret.came_empty:
        key = "empty_parcel.extras" if held else "empty_parcel.empty"
        ret.agenda.add(SendMail(STEP, why=[{"key": key, "extras": held}]))
    ret.came_empty = True
    error = f"the parcel held nothing of this return, only {held}" if held else "the parcel was empty"
    _park(ret, error, now, receipt.note, receipt.photos)


def names_of(ret: Return, extras: Sequence[Extra]) -> str:
    """What came besides, as operators and customers read it: ``1 MUG-1, 2 SHOE-42``."""
    skus = {line.line_id: line.sku for line in ret.request.order.lines}
    return ", ".join(
        f"{extra.quantity} {extra.sku or skus.get(extra.line_id or '') or extra.line_id}" for extra in extras
    )


def _park(ret: Return, error: str, now: datetime, note: str | None = None, photos: Sequence[str] = ()) -> None:
    known = _open(ret)
    if known is not None:
        known.update(error, note, photos)
        return
    ret.park(ParkedReturnStep("empty_parcel", error, now, note=note, photos=list(photos)))


def _open(ret: Return) -> ParkedReturnStep | None:
    return next(iter(ret.open_steps_of(STEP)), None)


def keep_watch(ret: Return, now: datetime) -> None:
    """Nobody has to answer once a unit is here; an operator has to when all of them are set to missing."""
    parked = _open(ret)
    if ret.came_empty and not nothing_here(ret):
        ret.came_empty = False
        if not ret.money.begun:
            wait_until(ret, None)
        if parked is not None:
            ret.unpark_settled(parked, now)
    elif ret.live and not ret.money.begun and not ret.came_empty and _all_missing(ret):
        ret.came_empty = True
        _park(ret, "none of its units has come", now)


def _all_missing(ret: Return) -> bool:
    return bool(ret.expected) and all(unit.reception is Reception.MISSING for unit in ret.expected)


def unpaid_at_limit(ret: Return, now: datetime) -> bool:
    """Whether the limit has to leave it unpaid: an operator has it, or gets it again unless they chose to wait."""
    if not ret.came_empty:
        return False
    if _open(ret) is None and ret.dates.late_until is None:
        _park(ret, "nothing has come since its empty parcel", now)
    return True


def still_nothing(ret: Return, now: datetime) -> bool:
    """The time to wait is over: whether an operator has to look again, because nothing has come since."""
    if ret.came_empty:
        _park(ret, "nothing has come since its empty parcel", now)
    return ret.came_empty


def resolve(ret: Return, message: ResolveAttention, now: datetime) -> None:
    """Take the operator's answer; of a return that has ended there is nothing left to decide."""
    if not ret.live:
        return
    waiting = [unit for unit in ret.expected if unit.reception in COMING | GONE and not unit.judged]
    if message.action == "mark_done":
        _nothing_owed(ret, waiting, now)
        return
    if message.action == "retry":
        _await_again(ret, [unit for unit in waiting if unit.reception is Reception.MISSING and not unit.settled])
    if not ret.money.begun:
        recount = ret.opened.calendar.business_deadline(now, RECOUNT_DAYS)
        wait_until(ret, recount if message.action == "retry" else late_until(ret, now, at_least=1))


def _await_again(ret: Return, units: Sequence[UnitState]) -> None:
    for unit in units:
        unit.reception = Reception.IN_TRANSIT if ret.handed_over else Reception.AWAITING


def _nothing_owed(ret: Return, units: Sequence[UnitState], now: datetime) -> None:
    """What is paid stays paid; the rest is rejected."""
    for unit in units:
        if unit.reception is not Reception.LOST:
            unit.reception = Reception.MISSING
        if unit.settled:
            detail = f"{unit.unit_id}: settled, and its parcel was empty"
            ret.note(now, "shortfall", by="warehouse", detail=detail, about=these([unit]))
        else:
            unit.acceptance, unit.refund, unit.note = Acceptance.REJECTED, 0, NOT_HELD
