"""The AsyncAPI description of the events that go out; ``python -m gateways.subscribers.asyncapi`` prints it."""

import json
import sys
from importlib.metadata import version
from typing import Any, Final

from gateways.subscribers.envelope import MEDIA_TYPE, PREFIX, ReturnEvent, Untitled, data_schema, without_null_defaults
from lifecycle.contract.events.types import EVENT_TYPES

_HEADERS: Final = ("webhook-id", "webhook-timestamp", "webhook-signature")
_SIGNED: Final = {
    "type": "object",
    "description": "The headers of Standard Webhooks.",
    "properties": {header: {"type": "string"} for header in _HEADERS},
    "required": [*_HEADERS],
}
_REF: Final = "#/components/schemas/{model}"
_ABOUT: Final = (
    "Every change of a return, as CloudEvents 1.0 in JSON over HTTP, signed by Standard Webhooks. At least once, and in"
    " order for each return; new types and fields may come."
)


def description() -> dict[str, Any]:
    """The whole document: one channel, one message for each type of event."""
    envelope = without_null_defaults(ReturnEvent.model_json_schema(ref_template=_REF, schema_generator=Untitled))
    schemas: dict[str, Any] = envelope.pop("$defs") | {"ReturnEvent": envelope, "SignedHeaders": _SIGNED}
    for name in EVENT_TYPES:
        data = data_schema(name, _REF)
        schemas |= data.pop("$defs") | {PREFIX + name: data}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Homeward events", "version": version("homeward"), "description": _ABOUT},
        "defaultContentType": MEDIA_TYPE,
        "channels": {
            "returns": {
                "address": None,
                "description": "The address of a subscriber.",
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in EVENT_TYPES},
            }
        },
        "operations": {
            "publish": {
                "action": "send",
                "channel": {"$ref": "#/channels/returns"},
                "summary": "Tell a subscriber what happened to a return.",
                "bindings": {"http": {"method": "POST", "bindingVersion": "0.3.0"}},
            }
        },
        "components": {
            "messages": {name: _message(name) for name in EVENT_TYPES},
            "schemas": dict(sorted(schemas.items())),
        },
    }


def _message(name: str) -> dict[str, Any]:
    return {
        "name": PREFIX + name,
        "summary": EVENT_TYPES[name].says,  # type: ignore[index]  # a key of the table
        "contentType": MEDIA_TYPE,
        "headers": {"$ref": _REF.format(model="SignedHeaders")},
        "payload": {
            "allOf": [
                {"$ref": _REF.format(model="ReturnEvent")},
                {
                    "properties": {
                        "type": {"const": PREFIX + name},
                        "data": {"$ref": _REF.format(model=PREFIX + name)},
                    }
                },
            ]
        },
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(description(), indent=2, ensure_ascii=False) + "\n")
