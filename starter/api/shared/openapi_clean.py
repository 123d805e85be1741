"""What makes the OpenAPI description plain for whoever generates a client from it."""

import json
import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any, Final

#: What the calls are grouped by.
TAGS: Final = {
    "returns": "Start, list and show returns, and how they come home.",
    "actions": "What the warehouse, support and operators do with a return.",
    "operations": "What waits for an operator, and how partners are treated.",
    "repairs": "The repair bench.",
    "ways home": "How the goods come back: labels, pickups, drop-off points.",
    "store credit": "What customers can spend at the shop.",
    "stock": "What is on Homeward's own shelves.",
    "suppliers": "What goes back to suppliers.",
    "inbox": "What partners told of no return that is known.",
    "quotes": "What a return would give.",
    "webhooks": "What partners tell.",
    "support": "After-sale support, and questions that are often asked.",
    "portal": "Links that open the pages of an order.",
    "events": "What happened to returns, sent or polled.",
    "health": "Whether the process is well.",
}
_INNER: Final = re.compile(r"\s*\(CONTRACT section[^)]*\)")
#: What is shown as it is sent.
_SHOWN: Final = frozenset({"example", "examples", "value", "const", "enum"})


@cache
def _fields() -> dict[str, str]:
    told: dict[str, str] = tomllib.loads((files("starter.api") / "pages" / "fields.toml").read_text(encoding="utf-8"))
    return told


def describe_fields(schemas: dict[str, Any]) -> None:
    """Say what each field means, and in which unit, where its model does not: from one table."""
    for name, schema in schemas.items():
        for field, shown in schema.get("properties", {}).items():
            told = _fields().get(f"{name}.{field}") or (None if "description" in shown else _fields().get(field))
            if told:
                shown["description"] = told


def cleaned(found: Any) -> Any:
    """The same with JSON Schema's own keywords alone, and without words of the code's.

    A field with a default need not be sent: generators take one with a ``default`` for one that is always there, so
    that it is said in words.
    """
    if isinstance(found, list):
        return [cleaned(inner) for inner in found]
    if not isinstance(found, dict):
        return found
    told = {key: inner if key in _SHOWN else _cleaned_by_name(key, inner) for key, inner in found.items()}
    if "default" in told:
        _say_default(told, told.pop("default"))
    if isinstance(told.get("ge"), str):  # of an instant, for which there is no keyword
        _add(told, f"Not before {told.pop('ge')}.")
    if isinstance(told.get("description"), str):
        told["description"] = _INNER.sub("", told["description"]).replace("``", "`")
    return told


def _cleaned_by_name(key: str, inner: Any) -> Any:
    """Fields may be called as keywords are."""
    return {name: cleaned(field) for name, field in inner.items()} if key == "properties" else cleaned(inner)


def _say_default(told: dict[str, Any], default: Any) -> None:
    if default not in (None, [], {}, ""):
        _add(told, f"Default: {json.dumps(default)}.")


def _add(told: dict[str, Any], sentence: str) -> None:
    told["description"] = f"{told['description']} {sentence}" if told.get("description") else sentence
