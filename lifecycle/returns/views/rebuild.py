"""The view of an open return from the records alone, while nobody who knows better answers.

The request, the decision and every effect that was carried out are in the database; scans, grades
that moved no stock, and what people said are not.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from lifecycle.contract.grades import Disposition, Grade
from lifecycle.contract.request import Method, ReturnRequest
from lifecycle.contract.times import TimeWindow
from lifecycle.contract.view import Acceptance, Outcome, Reception, View
from lifecycle.returns.aggregate.parcels import Parcel
from lifecycle.returns.aggregate.payment import Payment
from lifecycle.returns.decisions.approval import open_return, open_units
from lifecycle.returns.goods.handover import label_bought
from lifecycle.returns.opening import Opening
from lifecycle.returns.order_money import MoneyAnswer
from lifecycle.returns.state import Return
from lifecycle.returns.views.return_view import view_of

_DISPOSITIONS = frozenset(Disposition)
_GRADES = frozenset(Grade)
#: Kinds of moves that say something of a unit that comes back.
_TELLING = {"receive", *_DISPOSITIONS}
_ENDS: dict[str, Literal["cancelled", "expired", "declined"]] = {
    "tell-cancelled": "cancelled",
    "tell-expired": "expired",
    "tell-declined": "declined",
}


@dataclass(frozen=True)
class Effect:
    """One step that was carried out, by its name, and what it gave."""

    step: str
    at: datetime
    result: Mapping[str, Any]


@dataclass(frozen=True)
class Move:
    """One unit that came to a shelf, or left it."""

    unit_id: str
    kind: str
    grade: str
    location: str
    at: datetime


def view_from_records(
    return_id: str, request: ReturnRequest, opened_at: datetime, effects: Sequence[Effect], moves: Sequence[Move]
) -> View:
    """The view as far as the records go; ``effects`` and ``moves`` oldest first."""
    ret = Return(return_id, request)
    for effect in effects:
        if effect.step == "open":
            open_return(ret, Opening.model_validate(effect.result), opened_at)
        elif ret.opening is not None:
            _take_in(ret, effect)
    for move in moves:
        _move(ret, move)
    return view_of(ret)


def _take_in(ret: Return, effect: Effect) -> None:
    if effect.step in _ENDS:
        ret.ended = _ENDS[effect.step]
        ret.note(effect.at, _ENDS[effect.step])
    elif effect.step.startswith("refund-"):
        _pay(ret, effect)
    else:
        take = _TAKEN.get(_kind(effect.step))
        if take:
            take(ret, effect)


def _kind(step: str) -> str:
    """The step's name without its number."""
    name, _, number = step.rpartition("-")
    return name if name and number.isdigit() else step


def _change(ret: Return, effect: Effect) -> None:
    opening = Opening.model_validate(effect.result)
    known = len(ret.request.items)
    if opening.decision.outcome is Outcome.DECLINED or any(unit.item >= known for unit in opening.units):
        return
    ret.opening, ret.decision, ret.money.claim = opening, opening.decision, opening.claim
    ret.units = open_units(ret.request, opening)
    ret.note(effect.at, "changed")


def _pickup(ret: Return, effect: Effect) -> None:
    ret.way.booked = TimeWindow(start=effect.result["start"], end=effect.result["end"])
    _parcel(ret, effect, Method.PICKUP)


def _drop_off(ret: Return, effect: Effect) -> None:
    ret.way.code, ret.way.points = effect.result["code"], effect.result["points"]
    _parcel(ret, effect, Method.DROP_OFF)


def _parcel(ret: Return, effect: Effect, method: Method = Method.MAIL) -> None:
    ret.request = ret.request.model_copy(update={"method": method})
    parcel = Parcel(effect.result["tracking_code"], effect.result.get("label_url"), effect.step)
    label_bought(ret, parcel, effect.at)


def _void(ret: Return, effect: Effect) -> None:
    for parcel in ret.parcels:
        if parcel.step == effect.result.get("voided"):
            parcel.voided = True


def _pay(ret: Return, effect: Effect) -> None:
    rest = effect.step.removeprefix("refund-")
    known = {tender.tender_id for tender in ret.request.order.tenders}
    tender = rest if rest in known else _kind(rest)
    made = Payment(tender, effect.result["amount"], state=effect.result["status"], reference=effect.result["reference"])
    ret.money.payments.append(made)
    ret.money.begun, ret.money.amount = True, sum(payment.amount for payment in ret.money.payments)
    for unit in ret.counted:
        unit.settled = True


def _claim(ret: Return, effect: Effect) -> None:
    ret.money.claim = MoneyAnswer.model_validate(effect.result).claim


_TAKEN: dict[str, Callable[[Return, Effect], None]] = {
    "change": _change,
    "claim_money": _claim,
    "buy_return_label": _parcel,
    "book_pickup": _pickup,
    "create_drop_off_code": _drop_off,
    "void_label": _void,
}


def _move(ret: Return, move: Move) -> None:
    unit = ret.unit(move.unit_id)
    if unit is None or move.kind not in _TELLING:
        return
    if unit.reception is not Reception.RECEIVED:
        unit.reception, unit.location = Reception.RECEIVED, move.location
        ret.dates.hand_over(ret.dates.handed_over or move.at)
        ret.note(move.at, "received", by="warehouse", detail=unit.unit_id)
    if move.kind in _DISPOSITIONS:
        unit.disposition, unit.acceptance = Disposition(move.kind), Acceptance.ACCEPTED
        unit.grade = Grade(move.grade) if move.grade in _GRADES else unit.grade
