"""One request for tests of pure rules, changed a little each time."""

from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

from lifecycle.calendar.calendars import make_calendar
from lifecycle.contract.fees import Breakdown
from lifecycle.contract.policy import MoneyRules, Policy
from lifecycle.contract.request import ReturnRequest
from lifecycle.returns.decisions.approval import open_return
from lifecycle.returns.eligibility import Facts, decide
from lifecycle.returns.fees import return_fees
from lifecycle.returns.opening import Opening, make_opening
from lifecycle.returns.state import Return

#: A Tuesday morning in New York.
NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)

_BODY: dict[str, Any] = {
    "return_id": "R-1",
    "order": {
        "order_id": "SO-1",
        "placed_at": "2026-11-16T10:15:00Z",
        "delivered_at": "2026-11-20T16:40:00Z",
        "currency": "USD",
        "customer": {
            "customer_id": "C-1",
            "name": "Sample Customer",
            "email": "customer@example.com",
            "address": {"line1": "1 Main St", "city": "Springfield", "country": "US"},
        },
        "lines": [
            {"line_id": "1", "sku": "SHOE", "quantity": 3, "unit_price": 4000, "serial_numbers": ["S-1", "S-2"]},
            {"line_id": "2", "sku": "LAMP", "quantity": 1, "unit_price": 2500},
        ],
        "shipping": {"price": 900},
        "tenders": [{"tender_id": "t1", "kind": "card", "captured": 15400}],
    },
    "items": [{"line_id": "1", "quantity": 2, "reason": "unwanted"}],
}


def body(**changes: Any) -> dict[str, Any]:
    """The request as JSON; keys of the order are put there, ``line1`` changes its first line."""
    made = deepcopy(_BODY)
    made["order"]["lines"][0] |= changes.pop("line1", {})
    for key in [key for key in changes if key in made["order"] or key == "prices_include_tax"]:
        made["order"][key] = changes.pop(key)
    return made | changes


def request(**changes: Any) -> ReturnRequest:
    """The same, checked."""
    return ReturnRequest.model_validate(body(**changes))


def policy(**sections: dict[str, Any]) -> Policy:
    """A policy with some keys changed, by section."""
    return Policy.model_validate(sections)


def opened(rules: Policy | None = None, facts: Facts | None = None, **changes: Any) -> Return:
    """A return right after its opening step."""
    rules, asked = rules or Policy(), request(**changes)
    ret = Return("R-1", asked)
    decided = decide(asked, rules, facts or Facts(), NOW)
    opening = make_opening(decided, rules, make_calendar(rules.clock, NOW))
    open_return(ret, Opening.model_validate_json(opening.model_dump_json()), NOW)
    return ret


_PLAIN = opened()


def per_return(money: MoneyRules, *, taken: bool = False, sellers_fault: bool = False) -> dict[str, int]:
    """The fees that are taken once, of a return under these rules."""
    ret = deepcopy(_PLAIN)
    ret.opened.terms.money = money
    ret.money.breakdown = Breakdown(return_shipping_fee=money.return_shipping_fee if taken else 0)
    ret.money.sellers_fault = sellers_fault
    return return_fees(ret)
