"""What the customer wants otherwise, before the goods are handed over (CONTRACT section 7, change_request)."""

from datetime import datetime
from typing import Any

from pydantic import ValidationError

from lifecycle.contract.errors import Refused
from lifecycle.contract.messages import ChangeRequest
from lifecycle.contract.request import Method, ReturnRequest, problems
from lifecycle.contract.resolutions import Resolution
from lifecycle.contract.sizes import check_return
from lifecycle.contract.times import TimeWindow
from lifecycle.contract.view import Outcome
from lifecycle.returns.commands import ProvideHandover, SendMail
from lifecycle.returns.decisions.approval import (
    notify_sibling_returns,
    open_units,
    proceed,
    repair_units_with_personal_data,
)
from lifecycle.returns.goods.advance_replacement import request_hold_release
from lifecycle.returns.goods.handover import renew_handover_means, wait_for_handover
from lifecycle.returns.goods.outbound import drop, require
from lifecycle.returns.goods.repair_bench import send_to_bench
from lifecycle.returns.opening import Opening
from lifecycle.returns.reminders import remind_reviewer_later
from lifecycle.returns.settlement.agreement import agree
from lifecycle.returns.state import Return, all_units, change_resolution, reasons

#: So often one return may be changed. Temporal takes 2,000 updates of one workflow, and staff need theirs.
MOST_CHANGES = 30
CHANGED_TOO_OFTEN = f"this return has been changed {MOST_CHANGES} times; ask the shop"
#: Parts of the request that the policy has to look at again.
_DECIDED = ("items", "resolution", "method", "exchange_for")


def check_change(ret: Return, message: ChangeRequest) -> ReturnRequest:
    """The request as it would be; ``Refused`` after handover or where the parts do not fit together."""
    if ret.closed or ret.ended:
        raise Refused(f"the return is {ret.ended or 'closed'}")
    if ret.handed_over and not chooses_instead(ret, message):
        raise Refused("the goods have been handed over")
    if ret.money.begun:
        raise Refused("the settlement has begun")
    changed = changed_request(ret.request, message)
    if message.pickup_slot is not None:
        _check_slot(ret, changed, message)
    return changed


def check_asked(ret: Return, message: ChangeRequest) -> None:
    """As ``check_change``, and whether one return carries what it would bring: ``InvalidRequest`` where not.

    ``Refused`` as well after ``MOST_CHANGES``. Not in the handler: a replay takes what was accepted once.
    """
    changed = check_change(ret, message)
    if ret.changes_asked >= MOST_CHANGES:
        raise Refused(CHANGED_TOO_OFTEN)
    if message.items is not None:
        check_return(changed)


def chooses_instead(ret: Return, message: ChangeRequest) -> bool:
    """Whether it is the answer to what is out of stock: something else for goods that are here already."""
    short = bool(ret.open_steps_of("stock"))
    others = (message.items, message.method, message.pickup_slot)
    return ret.handed_over and short and all(value is None for value in others)


def choose_instead(ret: Return, message: ChangeRequest, now: datetime) -> None:
    """What they wanted is out of stock: money, credit, or another thing for it."""
    changed = check_change(ret, message)
    ret.request = ret.request.model_copy(update={"exchange_for": changed.exchange_for})
    set_resolution(ret, changed.resolution, now)
    agree(ret)
    ret.note(now, "resolution_changed", by=message.by, detail=ret.request.resolution)


def _check_slot(ret: Return, changed: ReturnRequest, message: ChangeRequest) -> None:
    if changed.method is not Method.PICKUP:
        raise Refused(f"pickup_slot: the method is {changed.method}")
    slot = changed.pickup_slot
    offered = ret.way.slots
    if slot is not None and message.method is None and offered and slot not in offered:
        raise Refused("pickup_slot: expected one of the slots offered")


def changed_request(request: ReturnRequest, message: ChangeRequest) -> ReturnRequest:
    """The request with the message's parts in the place of its own."""
    changes: dict[str, Any] = message.model_dump(mode="json", exclude={"by", "seen"}, exclude_none=True)
    if message.method is not None and message.pickup_slot is None:
        changes["pickup_slot"] = None
    try:
        return ReturnRequest.model_validate({**request.model_dump(mode="json"), **changes})
    except ValidationError as error:
        raise Refused("; ".join(f"{field}: {text}" for field, text in problems(error))) from None


def decides_anew(message: ChangeRequest) -> bool:
    """Whether the policy has to look at it again."""
    return any(getattr(message, name) is not None for name in _DECIDED)


def choose_slot(ret: Return, message: ChangeRequest, now: datetime) -> None:
    """Another time for the pickup: what was booked before is called off."""
    ret.request = check_change(ret, message)
    renew_handover_means(ret)
    ret.note(now, "changed", by=message.by, detail="pickup_slot")


def change(ret: Return, message: ChangeRequest, opening: Opening, now: datetime) -> None:
    """Go on with the changed request as the policy has decided on it.

    What the old one left behind is undone: label, booking, reserved stock, a hold.
    """
    check_change(ret, message)
    before = ret.request
    drop(ret)
    request_hold_release(ret)
    ret.wanted = [item for item in ret.wanted if item.state == "dropped"]
    ret.request = changed_request(ret.request, message)
    ret.opening, ret.money.claim, ret.money.asked_for = opening, opening.claim, None
    ret.decision = opening.decision.model_copy(deep=True)
    ret.units = open_units(ret.request, opening)
    notify_sibling_returns(ret)
    agree(ret)
    repair_units_with_personal_data(ret, now)
    if ret.request.resolution is not before.resolution:
        ret.note(now, "resolution_changed", by=message.by, detail=ret.request.resolution)
    detail = ", ".join(sorted(message.model_fields_set - {"by", "seen"}))
    ret.note(now, "changed", by=message.by, detail=detail, about=all_units(ret))
    if opening.decision.outcome is Outcome.REVIEW:
        _back_to_review(ret, now)
        return
    had_label = bool(ret.parcels) and ret.dates.label_sent is not None and not ret.agenda.has(ProvideHandover)
    proceed(ret, now)
    if not ret.expected:  # what is left of it is kept
        renew_handover_means(ret)
        ret.agenda.withdraw(ProvideHandover)
    elif ret.request.method is not before.method or ret.request.pickup_slot != before.pickup_slot:
        renew_handover_means(ret)
    elif had_label:
        ret.agenda.withdraw(ProvideHandover)


def _back_to_review(ret: Return, now: datetime) -> None:
    remind_reviewer_later(ret, now)
    ret.note(now, "in_review", detail=reasons(ret.opened.decision), about=all_units(ret))
    renew_handover_means(ret)
    ret.agenda.withdraw(ProvideHandover)
    ret.agenda.add(SendMail("in_review"))


def set_resolution(ret: Return, resolution: Resolution, now: datetime) -> None:
    """By an operator: what was reserved or held for the old one is released."""
    drop(ret)
    request_hold_release(ret)
    ret.wanted = [item for item in ret.wanted if item.state == "dropped"]
    change_resolution(ret, resolution)
    for unit in ret.expected:
        unit.remedy = unit.remedy if unit.settled else None
    repair_units_with_personal_data(ret, now)
    ret.unpark(*ret.open_steps_of("stock"))
    unsettled = [unit for unit in ret.expected if not unit.settled]
    require(ret, unsettled)
    for unit in unsettled:
        send_to_bench(ret, unit)


def set_method(ret: Return, method: Method) -> None:
    """By an operator: another method, before the handover."""
    ret.request = ret.request.model_copy(update={"method": method, "pickup_slot": None})
    renew_handover_means(ret)


def slots_offered(ret: Return, slots: list[TimeWindow], now: datetime) -> None:
    """The customer is to choose when the carrier comes; the ship-by date runs."""
    ret.way.slots = slots
    ret.agenda.withdraw(ProvideHandover)
    if ret.dates.ship_by is None:
        wait_for_handover(ret, now)
    ret.agenda.add(SendMail("choose_pickup"))


def slot_refused(ret: Return) -> None:
    """The carrier does not come then: offer what it does."""
    ret.request = ret.request.model_copy(update={"pickup_slot": None})
