"""What an operator may change by hand, field by field (CONTRACT section 7, override)."""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from lifecycle.contract.errors import Refused
from lifecycle.contract.grades import GRADES, Disposition, Grade
from lifecycle.contract.messages import Override
from lifecycle.contract.money import format_money
from lifecycle.contract.request import Method, problems
from lifecycle.contract.resolutions import Resolution
from lifecycle.contract.times import Instant
from lifecycle.contract.view import Acceptance, Reception
from lifecycle.returns.aggregate.about import About
from lifecycle.returns.commands import BookStock
from lifecycle.returns.decisions.change_request import set_method, set_resolution
from lifecycle.returns.goods.handover import hand_over, reopen
from lifecycle.returns.goods.repair_bench import send_to_bench
from lifecycle.returns.resolutions.table import rule_of
from lifecycle.returns.settlement.agreement import agree
from lifecycle.returns.settlement.settling import most
from lifecycle.returns.state import Return
from lifecycle.returns.units import COMING, IN_HAND, UnitState

_Change = Callable[[datetime], None]
Choice = TypeVar("Choice", bound=StrEnum)

_UNIT_FIELDS: dict[str, TypeAdapter[Any]] = {
    "reception": TypeAdapter(Reception),
    "acceptance": TypeAdapter(Acceptance),
    "grade": TypeAdapter(Grade),
    "disposition": TypeAdapter(Disposition),
}
_INSTANT: TypeAdapter[datetime] = TypeAdapter(Instant)
_DAYS = ("ship_by", "target", "limit")
#: Receptions that say that the customer has done their part.
_HANDED_OVER = IN_HAND | {Reception.IN_TRANSIT, Reception.LOST}


def check_override(ret: Return, message: Override) -> _Change:
    """The change to make; ``Refused`` when the field, the value or the state does not allow it."""
    if ret.opening is None:
        raise Refused("the policy has not decided yet")
    if ret.closed:
        raise Refused("the return is closed")
    change = _of_unit(ret, message) if message.unit_id else _of_return(ret, message)
    _check_accepted_stays(ret, message)
    return change


def check_new(ret: Return, message: Override, now: datetime) -> None:
    """The same of a message that comes now: a day that is promised is still to come.

    Apart from the change itself, as what was promised once is taken again when a return's history is replayed.
    """
    check_override(ret, message)
    if message.field in _DAYS and _INSTANT.validate_python(message.value) <= now:
        raise Refused(f"value: expected an instant that is still to come, it is {now.isoformat(timespec='seconds')}")


def _check_accepted_stays(ret: Return, message: Override) -> None:
    """Refuse to send a unit back to the customer that is not rejected: they are paid for it."""
    unit = ret.unit(message.unit_id or "")
    home = message.field == "disposition" and message.value == Disposition.RETURN_TO_CUSTOMER
    if unit is not None and home and unit.acceptance is not Acceptance.REJECTED:
        raise Refused(f"value: {unit.unit_id} is {unit.acceptance}, only a rejected unit goes back; reject it instead")


def override(ret: Return, message: Override, now: datetime) -> None:
    """Change the field, and record who did it and why."""
    change, before = check_override(ret, message), ret.request.resolution
    if _says_handed_over(message):
        reopen(ret, now, by=message.by)
    change(now)
    if _says_handed_over(message) and ret.live:
        hand_over(ret, now, now, by=message.by)
    if ret.request.resolution is not before:
        ret.note(now, "resolution_changed", by=message.by, detail=ret.request.resolution)
    name = f"{message.unit_id}.{message.field}" if message.unit_id else message.field
    about = About(units=[message.unit_id]) if message.unit_id else None
    ret.note(now, "overridden", by=message.by, detail=f"{name} = {message.value}: {message.why}", about=about)


def _says_handed_over(message: Override) -> bool:
    return message.field == "reception" and isinstance(message.value, str) and message.value in _HANDED_OVER


def _of_unit(ret: Return, message: Override) -> _Change:
    unit = ret.unit(message.unit_id or "")
    if unit is None:
        raise Refused(f"unit_id: the return has no unit {message.unit_id}")
    if unit.settled:
        raise Refused(f"unit_id: {unit.unit_id} is paid already")
    comes_late = _says_handed_over(message) and ret.dates.late_until is not None
    if ret.ended and not comes_late:
        raise Refused(f"unit_id: the return is {ret.ended}")
    if message.field not in _UNIT_FIELDS:
        raise Refused(f"field: expected one of {', '.join(_UNIT_FIELDS)} for a unit, got {message.field}")
    try:
        value = _UNIT_FIELDS[message.field].validate_python(message.value)
    except ValidationError as error:
        raise Refused(f"value: {problems(error)[0][1]}") from None
    if message.field in ("grade", "disposition") and unit.reception in COMING:
        raise Refused(f"field: {unit.unit_id} is {unit.reception}; set its reception first")
    if value is Disposition.RETURN_TO_SUPPLIER and unit.supplier_id is None:
        raise Refused(f"value: line {unit.line_id} names no supplier_id")
    return lambda _: _set_unit(ret, unit, message.field, value)


def _set_unit(ret: Return, unit: UnitState, field: str, value: Any) -> None:
    setattr(unit, field, value)
    if value is Acceptance.REJECTED:
        unit.refund, unit.disposition = 0, Disposition.RETURN_TO_CUSTOMER
    elif value is Reception.NOT_EXPECTED:
        unit.acceptance, unit.refund = Acceptance.REJECTED, 0
    elif field == "acceptance":
        unit.refund = None
        if unit.disposition is Disposition.RETURN_TO_CUSTOMER:
            unit.disposition = GRADES[unit.grade].disposition if unit.grade else None
    elif field == "grade":
        unit.disposition = GRADES[value].disposition
        if unit.acceptance is Acceptance.PENDING:
            unit.acceptance = Acceptance.ACCEPTED
    if field == "reception":
        send_to_bench(ret, unit)
    if unit.judged and unit.reception in IN_HAND:
        ret.agenda.add(BookStock("restock", f"an override of {field}", (unit.unit_id,)))


def _of_return(ret: Return, message: Override) -> _Change:
    if message.field not in _RETURN_FIELDS:
        raise Refused(f"field: expected one of {', '.join(_RETURN_FIELDS)}, got {message.field}")
    return _RETURN_FIELDS[message.field](ret, message)


def _one_of(values: type[Choice], message: Override) -> Choice:
    if not isinstance(message.value, str) or message.value not in set(values):
        raise Refused(f"value: expected one of {', '.join(sorted(values))}")
    return values(message.value)


def _instant(ret: Return, message: Override) -> _Change:
    try:
        value = _INSTANT.validate_python(message.value)
    except ValidationError as error:
        raise Refused(f"value: {problems(error)[0][1]}") from None
    if ret.ended or ret.settled:
        raise Refused(f"field: {message.field} has no meaning once the return is settled or ended")
    target, limit = ret.dates.target, ret.dates.limit
    if message.field == "limit" and target and value < target:
        raise Refused("value: expected an instant not before the target")
    if message.field == "target" and limit and value > limit:
        raise Refused("value: expected an instant not after the limit")
    return lambda _: ret.dates.set_by_hand(message.field, value)


def _resolution(ret: Return, message: Override) -> _Change:
    resolution = _one_of(Resolution, message)
    if ret.money.begun or ret.ended:
        raise Refused("field: the return is settled or ended")
    if rule_of(resolution).sends == "chosen_items" and not ret.request.exchange_for:
        raise Refused("value: the request does not say what to exchange for; use change_request")
    if any(unit.bench is not None for unit in ret.expected):
        raise Refused("field: a unit is on the repair bench")
    return lambda now: _set_resolution(ret, resolution, now)


def _set_resolution(ret: Return, resolution: Resolution, now: datetime) -> None:
    before = ret.request.resolution
    set_resolution(ret, resolution, now)
    if resolution is not before:
        agree(ret)


def _method(ret: Return, message: Override) -> _Change:
    method = _one_of(Method, message)
    if ret.handed_over or ret.money.begun or not ret.live:
        raise Refused("field: the goods are handed over, or nothing is awaited")
    return lambda _: set_method(ret, method)


def _amount(ret: Return, message: Override) -> _Change:
    value = message.value
    if type(value) is not int or not 0 <= value <= most(ret):
        money = format_money(most(ret), ret.request.order.currency)
        raise Refused(f"value: expected minor units from 0 to {most(ret)} ({money})")
    if ret.money.begun or ret.ended:
        raise Refused("field: the amount is settled or not owed any more")
    return lambda _: setattr(ret.money, "overridden", value)


_RETURN_FIELDS: dict[str, Callable[[Return, Override], _Change]] = {
    "resolution": _resolution,
    "method": _method,
    "amount": _amount,
    **dict.fromkeys(_DAYS, _instant),
}
