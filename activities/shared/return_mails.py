"""A return's mails to its customer and to operations: written with another effect, or by a step of their own."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Literal

from sqlalchemy import Connection
from temporalio import activity

from activities.shared.effects import Effects, StepInput
from activities.shared.formats import day, money
from activities.shared.mail_words import noted, reasons, word
from activities.shared.mails import Recipient, compose, key_of, operations
from gateways.database.engine import Database
from gateways.database.messages.outbox import put
from gateways.database.returns import records
from lifecycle.contract.policy import MoneyRules, Policy, Shop
from lifecycle.contract.request import Item, ReturnRequest
from lifecycle.returns.fees import way_back_fee
from lifecycle.returns.settlement.statement import Statement, UnitLine

#: Values that are amounts in minor units, and stand in a mail as they are read.
_AMOUNTS = ("asked", "agreed", "refund")
#: Values that are days of the calendar, as ``2026-11-24``.
_DAYS = ("ship_by", "target", "limit", "answer_by")


class WriteMailInput(StepInput):
    """One mail, by template. Values hold no personal data; amounts in minor units."""

    template: str
    to: Literal["customer", "operations"]
    values: dict[str, Any]


class MailActivities:
    """``front_door`` is where customers reach the portal, for links in mails."""

    def __init__(self, database: Database, shop: Callable[[], Shop], front_door: str) -> None:
        self._effects = Effects(database, "records")
        self._shop = shop
        self._front_door = front_door

    @activity.defn
    async def write_mail(self, given: WriteMailInput) -> None:
        """Write a mail that no other effect carries."""
        values = {"link": f"{self._front_door}/returns/{given.return_id}", **given.values}
        await self._effects.in_database(
            given,
            {"template": given.template},
            lambda connection: write_mail(connection, given, self._shop(), given.template, values, to=given.to),
        )


def write_mail(
    connection: Connection,
    given: StepInput,
    shop: Shop,
    template: str,
    values: Mapping[str, Any],
    *,
    to: Literal["customer", "operations"] = "customer",
    label_of: str | None = None,
) -> None:
    """Write one mail of a step's return into the outbox; again for the same step, nothing is written.

    Amounts in minor units. ``label_of`` is the tracking code whose label goes with it. A customer without a mail
    address gets none.
    """
    request, kept = records.request_and_policy_in(connection, given.return_id)
    customer, policy = request.order.customer, kept or _default_policy()
    if to == "customer" and customer.email is None:
        return
    why = values.get("reasons") or reasons(values.get("why") or (), request, policy)
    mail = compose(
        template,
        _known(request, policy, given.return_id, shop)
        | readable_values(request, values)
        | {"reasons": why, "way_back": _way_back(request, policy, values)},
        operations(shop) if to == "operations" else Recipient(customer.email or "", customer.name),
        record=given.return_id,
        key=key_of(given.return_id, given.step, template),
        at=given.now,
        label_of=label_of,
    )
    put(connection, mail)


def _known(request: ReturnRequest, policy: dict[str, Any], return_id: str, shop: Shop) -> dict[str, Any]:
    """What a template may say of any return."""
    return _promised(policy) | {
        "statement": None,
        "by_hand": None,
        "rest_paid": None,
        "name": request.order.customer.name,
        "return_id": return_id,
        "order_id": request.order.order_id,
        "shop_name": shop.name,
        "items": [_item(request, item) for item in request.items],
    }


def readable_values(request: ReturnRequest, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values, with amounts, days and the statement as they are read."""
    currency = request.order.currency
    read: dict[str, Any] = {name: money(values[name], currency) for name in _AMOUNTS if values.get(name) is not None}
    read |= {name: day(values[name]) for name in _DAYS if values.get(name) is not None}
    if values.get("amount"):
        read["money"] = money(abs(values["amount"]), currency)
    if values.get("charge"):
        read["charge"] = money(values["charge"], currency)
    if values.get("statement") is not None:
        statement = Statement.model_validate(values["statement"])
        read |= _by_hand(statement.paid_by_hand, values.get("amount") or 0, currency)
        read["statement"] = readable(request, statement)
    return {**values, **read}


def _by_hand(by_hand: int, amount: int, currency: str) -> dict[str, str]:
    """What staff paid by other means, and the rest of the amount, as they are read; nothing where they paid nothing."""
    shown = {"by_hand": by_hand, "rest_paid": amount - by_hand if by_hand else 0}
    return {name: money(abs(part), currency) for name, part in shown.items() if part}


def readable(request: ReturnRequest, statement: Statement) -> dict[str, Any]:
    """With the items' titles and amounts as they are read; what was taken off is line by line, without a fee of 0."""
    fees = {name: money(fee, request.order.currency) for name, fee in statement.deductions.items() if fee}
    deducted = [word(f"fee.{name}", money=fee) for name, fee in fees.items()]
    unpaid = money(statement.not_paid, request.order.currency) if statement.not_paid else None
    units = [unit.model_dump() | {"what": _what(request, unit), "why": _why(unit)} for unit in statement.units]
    return statement.model_dump() | {"units": units, "deducted": deducted, "not_paid": unpaid}


def _what(request: ReturnRequest, unit: UnitLine) -> str:
    line = request.order.line(unit.line_id)
    return f"{unit.quantity} x {line.title or line.sku}"


def _why(unit: UnitLine) -> str | None:
    """What they get instead, or what was noted of it."""
    if unit.why is None:
        return None
    return word(f"resolution.{unit.why}") if unit.fate == "instead" else noted(unit.why)


def _item(request: ReturnRequest, item: Item) -> dict[str, Any]:
    """What comes back and why, and the lines of what the customer noted of it."""
    line = request.order.line(item.line_id)
    what = f"{item.quantity} x {line.title or line.sku}, {word(f'reason.{item.reason}')}"
    return {"what": what, "note": (item.note or "").splitlines()}


@cache
def _default_policy() -> dict[str, Any]:
    """For returns of the first schema, which kept none."""
    return Policy().model_dump(mode="json")


def _way_back(request: ReturnRequest, policy: dict[str, Any], values: Mapping[str, Any]) -> str | None:
    """What a mail that brings the way back says that it costs; None where nothing is said of it."""
    cost = values.get("cost", "unsaid")
    if cost == "unsaid":
        return None
    fee = way_back_fee(MoneyRules.model_validate(policy["money"]), values["method"])
    return word(f"way_back.{cost}", money=money(fee, request.order.currency))


def _promised(policy: dict[str, Any]) -> dict[str, Any]:
    """What the policy that the return started with says of its days and its clock."""
    clock = policy["clock"]
    return {
        "timezone": clock["timezone"],
        "starts_on": clock["starts_on"],
        "business_days": clock["target_business_days"],
        "settles_at_limit": clock["on_limit"] == "settle",
    }
