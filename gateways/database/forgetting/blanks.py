"""What stands where something personal was: texts that every reader of the rows still takes."""

from collections.abc import Collection, Mapping
from typing import Any, Final

TEXT: Final = "(forgotten)"
#: Nobody has it: no domain ends in ``.test`` (RFC 2606).
MAILBOX: Final = "forgotten@homeward.test"
#: Shorter ones may be a part of something else: a house's number, a state.
_SHORTEST: Final = 4
#: Within a longer text.
_SHORTEST_WITHIN: Final = 6
_OF_CUSTOMER: Final = ("name", "email", "phone")
#: A country stays: taxes go by it.
_OF_ADDRESS: Final = ("name", "line1", "line2", "city", "state", "postal_code")


def values_of(order: Mapping[str, Any], items: Collection[Mapping[str, Any]] = ()) -> set[str]:
    """The personal texts of an order and of what came back of it."""
    customer = order.get("customer", {})
    found = [customer.get(field) for field in _OF_CUSTOMER]
    found += [(customer.get("address") or {}).get(field) for field in _OF_ADDRESS]
    found += [item.get("note") for item in items]
    return {str(text) for text in found if text and len(str(text)) >= _SHORTEST}


def blank_order(order: Mapping[str, Any]) -> dict[str, Any]:
    """The same order of nobody; who bought stays as an id, for the books."""
    customer = order["customer"]
    blank = {field: TEXT for field in _OF_CUSTOMER if customer.get(field)}
    blank |= {"email": MAILBOX} if customer.get("email") else {}
    address = customer.get("address")
    nowhere = {field: TEXT for field in _OF_ADDRESS if address and address.get(field)}
    return {**order, "customer": {**customer, **blank, "address": {**address, **nowhere} if address else None}}


def blank_request(request: Mapping[str, Any]) -> dict[str, Any]:
    """The same request of nobody, without what they wrote."""
    items = [{name: value for name, value in item.items() if name != "note"} for item in request["items"]]
    return {**request, "order": blank_order(request["order"]), "items": items}


def scrubbed(content: Any, values: Collection[str]) -> Any:
    """JSON without these texts, wherever they stand."""
    if isinstance(content, dict):
        return {name: scrubbed(value, values) for name, value in content.items()}
    if isinstance(content, list):
        return [scrubbed(value, values) for value in content]
    return _scrubbed_text(content, values) if isinstance(content, str) else content


def _scrubbed_text(text: str, values: Collection[str]) -> str:
    if text in values:
        return MAILBOX if "@" in text else TEXT
    for value in sorted(values, key=len, reverse=True):
        if len(value) >= _SHORTEST_WITHIN and value in text:
            text = text.replace(value, TEXT)
    return text
