"""An event as its subscriber gets it: a CloudEvent, with the JSON Schema of its data."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final, Literal

from pydantic import BaseModel, Field
from pydantic.json_schema import GenerateJsonSchema

from gateways.database.messages.events import Event
from lifecycle.contract.events.data import EventData
from lifecycle.contract.events.types import EVENT_TYPES, EventName

MEDIA_TYPE: Final = "application/cloudevents+json"
#: Where all events come from; with an event's id it is never given twice.
SOURCE: Final = "/homeward/returns"
PREFIX: Final = "homeward.return."
#: Every type that there is now; new ones may come.
TYPES: Final = tuple(PREFIX + name for name in EVENT_TYPES)
#: The path under which the API and the pages serve a type's schema.
SCHEMA_PATH: Final = "/schemas/{name}.json"
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
#: What every event carries; ``EVENT_TYPES`` says what else.
_ALWAYS: Final = ("number", "entry", "summary", "resolution", "late")


class ReturnEvent(BaseModel):
    """Something happened to a return (CloudEvents 1.0)."""

    specversion: Literal["1.0"] = Field(description="The version of CloudEvents.")
    id: str = Field(description="The same whenever the event is sent.", examples=["R-1001:4"])
    source: Literal["/homeward/returns"] = Field(description="Where all events of returns come from.")
    type: str = Field(
        description="What happened. New types may come: pass over what you do not know.",
        examples=[f"{PREFIX}received"],
        json_schema_extra={"x-extensible-enum": list(TYPES)},
    )
    subject: str = Field(description="The return's id.", examples=["R-1001"])
    time: datetime = Field(description="When it happened.")
    datacontenttype: Literal["application/json"] = Field(description="What data is.")
    dataschema: str = Field(
        description="Where the JSON Schema of this type's data is.", json_schema_extra={"format": "uri"}
    )
    data: EventData = Field(description="What happened, and what it is about.")


class Untitled(GenerateJsonSchema):
    """Without a title for each field that says its name again."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 (see pydantic)
        """See pydantic."""
        return False


def event_id(event: Event) -> str:
    """The same whenever the event is sent; without a full stop, which Standard Webhooks keeps for itself."""
    return f"{event.return_id}:{event.number}".replace(".", "~")


def cloud_event(event: Event, address: str) -> dict[str, Any]:
    """The event as its subscriber gets it; ``address`` is where the outside reaches us."""
    kind = PREFIX + event.data["entry"]["event"]
    return {
        "specversion": "1.0",
        "id": event_id(event),
        "source": SOURCE,
        "type": kind,
        "subject": event.return_id,
        "time": event.data["entry"]["at"],
        "datacontenttype": "application/json",
        "dataschema": address.rstrip("/") + SCHEMA_PATH.format(name=kind),
        "data": event.data,
    }


def data_schema(name: EventName, ref: str = "#/$defs/{model}") -> dict[str, Any]:
    """The JSON Schema of one type's data, with what it refers to under ``$defs``."""
    kind = EVENT_TYPES[name]
    schema = without_null_defaults(EventData.model_json_schema(ref_template=ref, schema_generator=Untitled))
    fields, definitions = schema["properties"], schema.pop("$defs")
    entry = {"allOf": [fields["entry"], {"properties": {"event": {"const": name}}}]}
    schema["properties"] = {key: fields[key] for key in (*_ALWAYS, *kind.carries)} | {"entry": entry}
    schema |= {"title": PREFIX + name, "description": kind.says, "required": ["number", "entry", "summary"]}
    named = set(_named(schema["properties"], definitions))
    return {**schema, "$defs": {name: definitions[name] for name in sorted(named)}}


def without_null_defaults(schema: Any) -> Any:
    """The same schema, its defaults of nothing left out: who sends nothing says nothing."""
    if isinstance(schema, list):
        return [without_null_defaults(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: without_null_defaults(inner)
        for key, inner in schema.items()
        if not (key == "default" and (inner is None or inner == [] or inner is False))
    }


def _named(schema: Any, definitions: dict[str, Any]) -> Iterator[str]:
    """The definitions that it refers to, and those that they refer to."""
    if isinstance(schema, dict):
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            yield name
            yield from _named(definitions[name], definitions)
        for inner in schema.values():
            yield from _named(inner, definitions)
    elif isinstance(schema, list):
        for inner in schema:
            yield from _named(inner, definitions)
