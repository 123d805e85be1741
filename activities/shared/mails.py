"""Mails: outbox rows, written in the transaction of the effect that causes them."""

import re
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from sqlalchemy import Connection

from gateways.content import OWN_CONTENT
from gateways.database.messages.outbox import OutboxMail, put
from gateways.database.returns import records
from lifecycle.contract.money import format_money
from lifecycle.contract.policy import Policy, Shop
from lifecycle.contract.request import Item, ReturnRequest
from lifecycle.returns.settlement.statement import Statement, UnitLine

_GAP = re.compile(r"\n{3,}")


@cache
def _templates() -> Environment:
    """Mails are plain text; a name missing from a template's values is an error."""
    env = Environment(  # noqa: S701 - plain text has nothing to escape
        loader=FileSystemLoader(OWN_CONTENT / "mails"), undefined=StrictUndefined, trim_blocks=True
    )
    env.filters |= {"window": _window, "day": _day}
    return env


def _window(interval: str, timezone: str) -> str:
    """A time window in the shop's own time: ``Tuesday, 24 November, 10:00 to 13:00 EST``."""
    start, end = (datetime.fromisoformat(part).astimezone(ZoneInfo(timezone)) for part in interval.split("/"))
    return f"{start:%A}, {start.day} {start:%B}, {start:%H:%M} to {end:%H:%M %Z}"


def _day(at: str, timezone: str) -> str:
    """The shop's own day of an instant, ``2026-11-24``."""
    return datetime.fromisoformat(at).astimezone(ZoneInfo(timezone)).date().isoformat()


@cache
def _template(name: str) -> Template:
    return _templates().get_template(f"{name}.txt")


def render(template: str, values: dict[str, Any]) -> tuple[str, str]:
    """``(subject, text)`` of a template, whose first line is ``Subject: ...``."""
    head, _, text = _template(template).render(values).partition("\n\n")
    # A part that is left out leaves its blank lines behind.
    return head.removeprefix("Subject: ").strip(), _GAP.sub("\n\n", text.rstrip()) + "\n"


def write_mail(  # noqa: PLR0913 - what a mail is made of
    connection: Connection,
    request: ReturnRequest,
    shop: Shop,
    *,
    return_id: str,
    step: str,
    template: str,
    at: datetime,
    to: str = "customer",
    label_of: str | None = None,
    **values: Any,
) -> None:
    """Write one mail into the outbox; ``step`` makes a repeat of the same effect do nothing.

    ``label_of`` is the tracking code whose label goes with it. Amounts in minor units.
    """
    customer = request.order.customer
    if values.get("amount"):
        values["money"] = format_money(abs(values["amount"]), request.order.currency)
    if values.get("charge"):
        values["charge"] = format_money(values["charge"], request.order.currency)
    for name in ("asked", "agreed", "refund"):
        if values.get(name) is not None:
            values[name] = format_money(values[name], request.order.currency)
    known = _promised(connection, request, return_id) | {
        "statement": None,
        "name": customer.name,
        "return_id": return_id,
        "order_id": request.order.order_id,
        "shop_name": shop.name,
        "items": [_item(request, item) for item in request.items],
    }
    if values.get("statement") is not None:
        values["statement"] = readable(request, Statement.model_validate(values["statement"]))
    subject, text = render(template, known | values)
    operations = to == "operations"
    mail = OutboxMail(
        return_id=return_id,
        key=f"return-{return_id}/{step}/{template}",
        to=shop.operations_mail if operations else customer.email,
        recipient_name=shop.name if operations else customer.name,
        template=template,
        subject=subject,
        text=text,
        at=at,
        label_of=label_of,
    )
    put(connection, mail)


def readable(request: ReturnRequest, statement: Statement) -> dict[str, Any]:
    """With the items' titles and amounts as they are read; an amount of 0 is left out."""
    amounts = {}
    for name in ("restocking_fee", "return_shipping_fee", "condition_deduction"):
        amount = getattr(statement, name)
        amounts[name] = format_money(amount, request.order.currency) if amount else None
    units = [unit.model_dump() | {"what": _what(request, unit)} for unit in statement.units]
    return statement.model_dump() | amounts | {"units": units}


def _what(request: ReturnRequest, unit: UnitLine) -> str:
    line = request.order.line(unit.line_id)
    return f"{unit.quantity} x {line.title or line.sku}"


def _item(request: ReturnRequest, item: Item) -> dict[str, Any]:
    """What comes back and why, and the lines of what the customer noted of it."""
    line = request.order.line(item.line_id)
    what = f"{item.quantity} x {line.title or line.sku}, {item.reason.replace('_', ' ')}"
    return {"what": what, "note": (item.note or "").splitlines()}


@cache
def _default_policy() -> dict[str, Any]:
    """For returns of the first schema, which kept none."""
    return Policy().model_dump(mode="json")


def _promised(connection: Connection, request: ReturnRequest, return_id: str) -> dict[str, Any]:
    """What the policy that the return started with says of its costs, its days and its clock."""
    policy = records.policy_in(connection, return_id) or _default_policy()
    clock, fee = policy["clock"], policy["money"]["return_shipping_fee"]
    return {
        "fee": format_money(fee, request.order.currency),
        "timezone": clock["timezone"],
        "starts_on": clock["starts_on"],
        "business_days": clock["target_business_days"],
        "settles_at_limit": clock["on_limit"] == "settle",
    }
