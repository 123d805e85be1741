"""What staff may press: what each form says, made into the message that the contract has for it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

from pydantic import BaseModel
from starlette.datastructures import FormData

from client.errors import InvalidInput
from client.returns import Homeward
from lifecycle.contract import messages
from lifecycle.contract.view import View
from starter.portal.shared.forms import field
from starter.portal.warehouse.amounts import example, minor_units

#: Facts that are changed by hand, and whether they are one unit's.
RETURN_FACTS: Final = ("amount", "resolution", "method", "ship_by", "target", "limit")
UNIT_FACTS: Final = ("reception", "acceptance", "grade", "disposition")
_DAYS: Final = ("ship_by", "target", "limit")
_LONGEST_NUMBER: Final = 6
_LAST_MOMENT: Final = time(23, 59, 59)


@dataclass(frozen=True)
class Pressed:
    """A form that was sent: by whom, about what, at a shop in that zone."""

    form: FormData
    by: str
    view: View
    zone: ZoneInfo

    def said(self, name: str) -> str | None:
        """A field; None for an empty one."""
        return field(self.form, name) or None


@dataclass(frozen=True)
class Act:
    """``update`` is what the roles speak of; ``make`` the message of a form, ``send`` how it goes out."""

    update: str
    make: Callable[[Pressed], BaseModel]
    send: Callable[..., Awaitable[Any]]


def _approve(pressed: Pressed) -> BaseModel:
    return messages.Approve(by=pressed.by, note=pressed.said("note"))


def _decline(pressed: Pressed) -> BaseModel:
    return messages.Decline.model_validate({"by": pressed.by, "reason": pressed.said("reason")})


def _cancel(pressed: Pressed) -> BaseModel:
    return messages.Cancel(by=pressed.by, reason=pressed.said("reason"))


def _answer(action: messages.AttentionAction) -> Callable[[Pressed], BaseModel]:
    def make(pressed: Pressed) -> BaseModel:
        said = {name: pressed.said(name) for name in ("step", "reference", "why")}
        return messages.ResolveAttention.model_validate({"by": pressed.by, "action": action, **said})

    return make


def _change(pressed: Pressed) -> BaseModel:
    wanted = {name: pressed.said(name) for name in ("resolution", "method")}
    return messages.ChangeRequest.model_validate({"by": pressed.by, **wanted})


def _slot(pressed: Pressed) -> BaseModel:
    """Another of the times that the carrier offers."""
    start, _, end = (pressed.said("slot") or "").partition("/")
    return messages.ChangeRequest.model_validate({"by": pressed.by, "pickup_slot": {"start": start, "end": end}})


def _items(pressed: Pressed) -> BaseModel:
    """Of each line how many come back, and why; those of which none does are left out."""
    items = []
    for line_id in map(str, pressed.form.getlist("line")):
        told = {name: pressed.said(f"{name}:{line_id}") for name in ("quantity", "reason", "note")}
        quantity = _number(told["quantity"])
        if quantity not in (None, 0):
            items.append({"line_id": line_id, **told, "quantity": quantity})
    return messages.ChangeRequest.model_validate({"by": pressed.by, "items": items})


def _number(typed: str | None) -> int | str | None:
    """A number as a message has it; anything else stays what it is, and is refused there."""
    return int(typed) if typed and typed.isdecimal() and len(typed) <= _LONGEST_NUMBER else typed


def _exchange(pressed: Pressed) -> BaseModel:
    """Other things for what comes back, at their price with tax."""
    price = _money(pressed.said("price") or "", "price", pressed.view.settlement.currency)
    thing = {"sku": pressed.said("sku"), "quantity": _number(pressed.said("quantity")), "unit_price": price}
    return messages.ChangeRequest.model_validate({"by": pressed.by, "resolution": "exchange", "exchange_for": [thing]})


def _nothing(_: Pressed) -> BaseModel:
    return BaseModel()


def _release(pressed: Pressed) -> BaseModel:
    return messages.Release.model_validate({"by": pressed.by, "why": pressed.said("why")})


def _charge(pressed: Pressed) -> BaseModel:
    """Whether the customer pays what the page showed."""
    asked, answer = pressed.view.settlement.asked, pressed.said("answer")
    told = {"by": pressed.by, "accepted": answer == "pay", "instead": answer if answer != "pay" else None}
    return messages.AnswerCharge.model_validate({**told, "amount": asked.amount if asked else None})


def _wipe(pressed: Pressed) -> BaseModel:
    said = {name: pressed.said(name) for name in ("unit_id", "how")}
    return messages.AttestWipe.model_validate({"by": pressed.by, **said})


def _override(pressed: Pressed) -> BaseModel:
    """``fact`` is a field of the return, or of a unit as ``1-1.grade``."""
    unit_id, _, name = (pressed.said("fact") or "").rpartition(".")
    value = _value(name, pressed.said("value") or "", pressed)
    told = {"by": pressed.by, "why": pressed.said("why"), "unit_id": unit_id or None, "field": name, "value": value}
    return messages.Override.model_validate(told)


def _value(name: str, typed: str, pressed: Pressed) -> Any:
    """Money in minor units, a day's last moment at the shop; anything else as it is typed."""
    if name == "amount":
        return _money(typed, "value", pressed.view.settlement.currency)
    return _end_of(typed, pressed.zone).isoformat() if name in _DAYS else typed


def _money(typed: str, name: str, currency: str) -> int:
    found = minor_units(typed, currency)
    if found is None:
        raise InvalidInput([(name, f"expected an amount of money, such as {example(currency)}")])
    return found


def _end_of(typed: str, zone: ZoneInfo) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(typed), _LAST_MOMENT, zone)
    except ValueError:
        raise InvalidInput([("value", "expected a day, such as 2026-12-04")]) from None


async def _revive(homeward: Homeward, return_id: str, message: BaseModel, request_id: str) -> None:
    del message, request_id  # it is carried again, or is already
    await homeward.revive(return_id)


async def _let_go(homeward: Homeward, return_id: str, message: messages.Release, request_id: str) -> None:
    del request_id  # a return is released once
    await homeward.release(return_id, message)


ACTS: Final[Mapping[str, Act]] = {
    "approve": Act("approve", _approve, Homeward.approve),
    "decline": Act("decline", _decline, Homeward.decline),
    "cancel": Act("cancel", _cancel, Homeward.cancel),
    "retry": Act("resolve_attention", _answer("retry"), Homeward.resolve_attention),
    "mark_done": Act("resolve_attention", _answer("mark_done"), Homeward.resolve_attention),
    "skip": Act("resolve_attention", _answer("skip"), Homeward.resolve_attention),
    "change": Act("change_request", _change, Homeward.change_request),
    "slot": Act("change_request", _slot, Homeward.change_request),
    "items": Act("change_request", _items, Homeward.change_request),
    "exchange": Act("change_request", _exchange, Homeward.change_request),
    "charge": Act("answer_charge", _charge, Homeward.answer_charge),
    "wipe": Act("attest_wipe", _wipe, Homeward.attest_wipe),
    "override": Act("override", _override, Homeward.override),
    "revive": Act("revive", _nothing, _revive),
    "release": Act("release", _release, _let_go),
}
