"""The AsyncAPI description of the events that go out; ``python -m gateways.subscribers.asyncapi`` prints it."""

import json
import sys
from importlib.metadata import version
from typing import Any, Final

from gateways.subscribers.envelope import ENVELOPES, MEDIA_TYPE, Untitled, data_schema, without_null_defaults
from lifecycle.events.families import FAMILIES, PREFIX, TYPES, Family

_HEADERS: Final = ("webhook-id", "webhook-timestamp", "webhook-signature")
_SIGNED: Final = {
    "type": "object",
    "description": "The headers of Standard Webhooks.",
    "properties": {header: {"type": "string"} for header in _HEADERS},
    "required": [*_HEADERS],
}
_REF: Final = "#/components/schemas/{model}"
_ABOUT: Final = (
    "Every change of returns, support cases, repairs, goods for suppliers, stock and store credit, as CloudEvents 1.0"
    " in JSON over HTTP, signed by Standard Webhooks. At least once, and in order for each subject; new types and"
    " fields may come."
)


def description() -> dict[str, Any]:
    """The whole document: a channel for each kind of subject, a message for each type of event."""
    schemas: dict[str, Any] = {"SignedHeaders": _SIGNED}
    for model in ENVELOPES.values():
        envelope = without_null_defaults(model.model_json_schema(ref_template=_REF, schema_generator=Untitled))
        schemas |= envelope.pop("$defs") | {model.__name__: envelope}
    for name in TYPES:
        data = data_schema(name, _REF)
        schemas |= data.pop("$defs") | {name: data}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Homeward events", "version": version("homeward"), "description": _ABOUT},
        "defaultContentType": MEDIA_TYPE,
        "channels": {kind: _channel(kind, family) for kind, family in FAMILIES.items()},
        "operations": {kind: _operation(kind, family) for kind, family in FAMILIES.items()},
        "components": {
            "messages": {name.removeprefix(PREFIX): _message(name) for name in TYPES},
            "schemas": dict(sorted(schemas.items())),
        },
    }


def _channel(kind: str, family: Family) -> dict[str, Any]:
    return {
        "address": None,
        "description": f"The address of a subscriber, for what happens to {family.about}.",
        "messages": {name: {"$ref": f"#/components/messages/{kind}.{name}"} for name in family.types},
    }


def _operation(kind: str, family: Family) -> dict[str, Any]:
    return {
        "action": "send",
        "channel": {"$ref": f"#/channels/{kind}"},
        "summary": f"Tell a subscriber what happened to {family.about}.",
        "bindings": {"http": {"method": "POST", "bindingVersion": "0.3.0"}},
    }


def _message(name: str) -> dict[str, Any]:
    envelope = ENVELOPES[name.split(".")[1]].__name__
    return {
        "name": name,
        "summary": TYPES[name][1].says,
        "contentType": MEDIA_TYPE,
        "headers": {"$ref": _REF.format(model="SignedHeaders")},
        "payload": {
            "allOf": [
                {"$ref": _REF.format(model=envelope)},
                {"properties": {"type": {"const": name}, "data": {"$ref": _REF.format(model=name)}}},
            ]
        },
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(description(), indent=2, ensure_ascii=False) + "\n")
