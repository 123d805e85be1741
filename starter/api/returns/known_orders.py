"""Whose word counts for what was bought: the shop's own orders, or a key's that vouches for it.

A key without ``vouch`` names an order; what it says of it beside has to be what the order says, and
what is asked for has to be what the order offers. So it decides neither prices nor who is paid.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

from gateways.database.orders.payment_references import refuse, used_by_others
from gateways.database.returns.records import get_return
from gateways.orders.protocol import FoundOrder, search
from lifecycle.contract.boundary import read
from lifecycle.contract.errors import InvalidRequest
from lifecycle.contract.order_ids import order_key
from lifecycle.contract.request import NamedRequest, Order, ReturnRequest, parse_request
from lifecycle.returns.eligibility import decide
from starter.api.returns.exchanges import check_offered, units_of
from starter.api.shared.api_keys import Caller
from starter.shared.aside import aside
from starter.shared.other_returns import facts_beside
from starter.shared.services import Services

_OTHERWISE: Final = "expected what the order says"
_IDS: Final = {"lines": "line_id", "tenders": "tender_id"}


def is_named(raw: Any) -> bool:
    """Whether a body names its order alone."""
    order = raw.get("order") if isinstance(raw, dict) else None
    return isinstance(order, dict) and set(order) == {"order_id"}


def parse_start(raw: Any) -> ReturnRequest:
    """A body with the whole order, or a ``NamedRequest``; raises ``InvalidRequest``."""
    if is_named(raw):
        if "vouched_by" in raw:
            raise InvalidRequest([("vouched_by", "expected no such field")])
        return read(NamedRequest, raw)
    return parse_request(raw, now=datetime.now(UTC), forbid_unknown=True)


async def request_of(services: Services, caller: Caller, asked: ReturnRequest, return_id: str) -> ReturnRequest:
    """The request to start, with an order that counts; one that was started before has that start's order.

    Raises ``InvalidRequest`` by field, and ``gateways.errors`` when the shop's orders do not answer.
    """
    row = await get_return(services.db, return_id)
    kept = ReturnRequest.model_validate(row.request) if row else None
    vouched_by = kept.vouched_by if kept else None
    if not isinstance(asked, NamedRequest) and "vouch" in caller.scopes:
        if kept is None:
            await refuse_used_references(services, asked.order)
            vouched_by = caller.key or None
        return asked.model_copy(update={"vouched_by": vouched_by})
    if kept and order_key(kept.order.order_id) == order_key(asked.order.order_id):
        return _with(asked, kept.order).model_copy(update={"vouched_by": vouched_by})
    found = await known_order(services, asked.order.order_id)
    request = _with(asked, found.order)
    if request.exchange_for:
        check_offered(request.exchange_for, await _coming_back(services, request, return_id), found.alternatives)
    return request


async def _coming_back(services: Services, request: ReturnRequest, return_id: str) -> dict[str, int]:
    """How many units of each line the policy lets come back now; what is declined as a whole brings nothing anyway."""
    now = datetime.now(UTC)
    known = await facts_beside(services, request.order, return_id, now)
    decided = await aside(request.order.units, decide, request, services.policy(), known, now)
    return Counter(unit.line_id for unit in decided.units if unit.allowed) or units_of(request.items)


async def known_order(services: Services, order_id: str) -> FoundOrder:
    """The order as the shop knows it, however its id is spelt.

    Raises ``InvalidRequest`` for one that it does not know.
    """
    async for found in search(services.orders, order_id):
        if order_key(found.order.order_id) == order_key(order_id):
            return found
    raise InvalidRequest([("order.order_id", "expected an order that the shop knows")])


def check_agrees(order: Order, known: Order) -> None:
    """Whether what was sent of an order is what the shop knows; raises ``InvalidRequest`` naming each field.

    What was left out is not asked about; values are left out of the answer, which may be personal.
    """
    sent = order.model_dump(exclude_unset=True, exclude={"order_id"})
    wrong = [(field, _OTHERWISE) for field in _differing(sent, known.model_dump(), "order")]
    if wrong:
        raise InvalidRequest(wrong)


def _with(asked: ReturnRequest, order: Order) -> ReturnRequest:
    """The request with the order that is known."""
    if isinstance(asked, NamedRequest):
        plain = asked.model_dump(mode="json", exclude_unset=True) | {"order": plain_order(order)}
        return parse_request(plain, now=datetime.now(UTC), forbid_unknown=True)
    check_agrees(asked.order, order)
    return asked.model_copy(update={"order": order})


def plain_order(order: Order) -> dict[str, Any]:
    """An order as JSON, without what was left out."""
    return order.model_dump(mode="json", exclude_unset=True, exclude_none=True)


def _differing(sent: Any, known: Any, field: str) -> Iterator[str]:
    if isinstance(sent, dict) and isinstance(known, dict):
        for name, value in sent.items():
            inner = f"{field}.{name}"
            if name in _IDS:
                yield from _differing_rows(value, known[name], inner, _IDS[name])
            else:
                yield from _differing(value, known.get(name), inner)
    elif sent != known:
        yield field


def _differing_rows(sent: list[dict[str, Any]], known: list[dict[str, Any]], field: str, key: str) -> Iterator[str]:
    """All lines, or all tenders, in any order."""
    rows = {row[key]: row for row in known}
    if {row[key] for row in sent} != set(rows):
        yield field
        return
    for number, row in enumerate(sent):
        yield from _differing(row, rows[row[key]], f"{field}.{number}")


async def refuse_used_references(services: Services, order: Order, field: str = "order") -> None:
    """A payment of another order is nobody's to give back; raises ``InvalidRequest`` for the order's ``field``."""
    refuse(order, await used_by_others(services.db, order), field)
