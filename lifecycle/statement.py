"""What a settlement leaves out, and why: the customer is told with the mail of it, line by line.

Nothing where all that was asked for is settled in full.
"""

from collections.abc import Iterator
from typing import Literal

from pydantic import BaseModel

from lifecycle.state import Return, remedy_of
from lifecycle.units import UnitState
from lifecycle.view import Acceptance, Reception

#: Why a unit is not settled, or not as it was asked for.
Fate = Literal["rejected", "unrepaired", "missing", "lost", "looked_at", "not_here", "instead"]


class UnitLine(BaseModel):
    """Units of one line that fare alike; ``why`` in the warehouse's words, or what they get instead."""

    line_id: str
    fate: Fate
    why: str | None = None
    quantity: int = 1


class Statement(BaseModel):
    """What is missing of what was asked for; amounts in minor units."""

    units: list[UnitLine] = []
    restocking_fee: int = 0
    return_shipping_fee: int = 0
    condition_deduction: int = 0
    #: No more could go back: the rest of what was paid for the order has gone back before.
    capped: bool = False
    #: A person set the amount.
    by_hand: bool = False
    #: No unit came at all.
    nothing_came: bool = False
    #: Nothing but units that go back as they are, because they were not repaired.
    unrepaired: bool = False


def statement_of(ret: Return) -> Statement | None:
    """Of the settlement that is being carried out; None when there is nothing to say."""
    now, parts = ret.money.current, ret.money.current.breakdown
    units = _together(list(_lines(ret)))
    found = Statement(
        units=units,
        restocking_fee=parts.restocking_fee,
        return_shipping_fee=parts.return_shipping_fee,
        condition_deduction=parts.condition_deduction,
        capped=now.capped,
        by_hand=now.by_hand,
        unrepaired=bool(units) and all(unit.fate == "unrepaired" for unit in units),
        nothing_came=bool(units) and all(unit.reception is Reception.MISSING for unit in ret.expected),
    )
    return found if found != Statement() else None


def _lines(ret: Return) -> Iterator[UnitLine]:
    for unit in ret.counted:
        fate, why = _fate(ret, unit)
        if fate is not None:
            yield UnitLine(line_id=unit.line_id, fate=fate, why=why)


def _fate(ret: Return, unit: UnitState) -> tuple[Fate | None, str | None]:
    mine = unit.unit_id in ret.money.current.units
    if unit.acceptance is Acceptance.REJECTED:
        return (("unrepaired" if unit.bench else "rejected") if mine else None), unit.note
    if mine:
        return _settled(ret, unit)
    if unit.settled:
        return None, None
    if unit.reception is Reception.MISSING:
        return "missing", None
    return ("looked_at" if unit.reception in (Reception.RECEIVED, Reception.WRONG_ITEM) else "not_here"), None


def _settled(ret: Return, unit: UnitState) -> tuple[Fate | None, str | None]:
    if unit.reception is Reception.LOST:
        return "lost", None
    remedy = remedy_of(ret, unit)
    several = len({remedy_of(ret, other) for other in ret.counted if other.unit_id in ret.money.current.units}) > 1
    return ("instead", remedy.value) if several and remedy is not ret.request.resolution else (None, None)


def _together(lines: list[UnitLine]) -> list[UnitLine]:
    """Units of a line that fare alike are counted, not repeated."""
    found: list[UnitLine] = []
    for line in lines:
        same = next((one for one in found if one.model_copy(update={"quantity": 1}) == line), None)
        if same is None:
            found.append(line)
        else:
            same.quantity += 1
    return found
