"""What a settlement leaves out, and why: line by line in the customer's mail.

Nothing where all that was asked for is settled in full.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from lifecycle.contract.fees import Deductions
from lifecycle.contract.resolutions import Resolution
from lifecycle.contract.view import Acceptance, Reception
from lifecycle.returns.state import Return, remedy_of
from lifecycle.returns.units import UnitState

#: Why a unit is not settled, or not as it was asked for.
Fate = Literal["rejected", "unrepaired", "missing", "lost", "looked_at", "not_here", "instead"]


class UnitLine(BaseModel):
    """Units of one line that fare alike; ``why`` in the warehouse's words, or what they get instead."""

    line_id: str
    fate: Fate
    why: str | None = None
    quantity: int = 1


class Statement(Deductions):
    """What is missing of what was asked for; amounts in minor units."""

    units: list[UnitLine] = Field(default=[])
    #: No more could go back: the rest of what was paid for the order has gone back before.
    capped: bool = False
    #: The same, because the order is not paid in full.
    unpaid: bool = False
    #: An operator set the amount.
    by_hand: bool = False
    #: What staff have paid by other means, of all that was paid; below 0 what they took so.
    paid_by_hand: Annotated[int, Field(exclude_if=lambda amount: amount == 0)] = 0
    #: What failed, and staff went on without.
    not_paid: Annotated[int, Field(exclude_if=lambda amount: amount == 0)] = 0
    #: No unit came at all.
    nothing_came: bool = False
    #: Nothing but units that go back as they are, because they were not repaired.
    unrepaired: bool = False


def statement_of(ret: Return) -> Statement | None:
    """Of the settlement that is being carried out; None when there is nothing to say."""
    now, parts = ret.money.current, ret.money.current.breakdown
    payments = ret.money.payments[ret.money.paid_before :]
    units, in_full = _together(_fates(ret)), ret.request.order.payment_state.in_full
    found = Statement(
        units=units,
        **parts.deductions,
        capped=now.capped and in_full,
        unpaid=now.capped and not in_full,
        by_hand=now.by_hand,
        paid_by_hand=sum(payment.amount for payment in payments if payment.by_hand and not payment.of_hold),
        not_paid=max(0, sum(payment.amount for payment in payments if payment.given_up and not payment.of_hold)),
        unrepaired=bool(units) and all(unit.fate == "unrepaired" for unit in units),
        nothing_came=bool(units) and all(unit.reception is Reception.MISSING for unit in ret.expected),
    )
    return found if found != Statement() else None


def _fates(ret: Return) -> Iterator[tuple[str, Fate, str | None]]:
    """``(line_id, fate, why)`` of each unit of which there is something to say."""
    now = set(ret.money.current.units)
    remedies = {remedy_of(ret, unit) for unit in ret.counted if unit.unit_id in now}
    for unit in ret.counted:
        fate, why = _fate(ret, unit, remedies, mine=unit.unit_id in now)
        if fate is not None:
            yield unit.line_id, fate, why


def _fate(ret: Return, unit: UnitState, remedies: set[Resolution], *, mine: bool) -> tuple[Fate | None, str | None]:
    """``mine``: it belongs to the settlement that is being carried out, which gives ``remedies``."""
    if unit.acceptance is Acceptance.REJECTED:
        return (("unrepaired" if unit.bench else "rejected") if mine else None), unit.note
    if mine:
        return _settled(ret, unit, remedies)
    if unit.settled:
        return None, None
    if unit.reception is Reception.MISSING:
        return "missing", None
    return ("looked_at" if unit.reception in (Reception.RECEIVED, Reception.WRONG_ITEM) else "not_here"), None


def _settled(ret: Return, unit: UnitState, remedies: set[Resolution]) -> tuple[Fate | None, str | None]:
    if unit.reception is Reception.LOST:
        return "lost", None
    remedy = remedy_of(ret, unit)
    instead = len(remedies) > 1 and remedy is not ret.request.resolution
    return ("instead", remedy.value) if instead else (None, None)


def _together(fates: Iterable[tuple[str, Fate, str | None]]) -> list[UnitLine]:
    """Units of a line that fare alike are counted, not repeated."""
    return [
        UnitLine(line_id=line_id, fate=fate, why=why, quantity=quantity)
        for (line_id, fate, why), quantity in Counter(fates).items()
    ]
