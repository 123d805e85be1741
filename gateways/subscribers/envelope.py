"""An event as its subscriber gets it: a CloudEvent, with the JSON Schema of its data."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, Field
from pydantic.json_schema import GenerateJsonSchema

from gateways.database.messages.events import Event
from lifecycle.contract.events.data import EventData
from lifecycle.events.data import CreditEventData, RepairEventData, StockEventData, SupplierEventData, SupportEventData
from lifecycle.events.families import FAMILIES, PREFIX, TYPES
from lifecycle.shared.record_ids import kind_of

MEDIA_TYPE: Final = "application/cloudevents+json"
#: Where events of returns come from; with an event's id it is never given twice.
SOURCE: Final = "/homeward/returns"
#: The path under which the API and the pages serve a type's schema.
SCHEMA_PATH: Final = "/schemas/{name}.json"
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
#: What every event of a return carries; ``EVENT_TYPES`` says what else.
_ALWAYS: Final = ("number", "entry", "summary", "resolution", "late")


def _type_of(kind: str) -> Any:
    types: list[Any] = [f"{PREFIX}{kind}.{name}" for name in FAMILIES[kind].types]
    return Field(
        description="What happened. New types may come: pass over what you do not know.",
        examples=types[:1],
        json_schema_extra={"x-extensible-enum": types},
    )


class _Envelope(BaseModel):
    specversion: Literal["1.0"] = Field(description="The version of CloudEvents.")
    id: str = Field(description="The same whenever the event is sent; given once for each source.")
    time: datetime = Field(description="When it happened.")
    datacontenttype: Literal["application/json"] = Field(description="What data is.")
    dataschema: str = Field(
        description="Where the JSON Schema of this type's data is.", json_schema_extra={"format": "uri"}
    )


class ReturnEvent(_Envelope):
    """Something happened to a return (CloudEvents 1.0)."""

    source: Literal["/homeward/returns"] = Field(description="Where all events of returns come from.")
    type: str = _type_of("return")
    subject: str = Field(description="The return's id.", examples=["R-1001"])
    data: EventData = Field(description="What happened, and what it is about.")


class SupportEvent(_Envelope):
    """Something happened to a support case (CloudEvents 1.0)."""

    source: Literal["/homeward/support"] = Field(description="Where all events of support cases come from.")
    type: str = _type_of("support")
    subject: str = Field(description="The case's id.", examples=["C-1001"])
    data: SupportEventData = Field(description="What happened, and what it is about.")


class RepairEvent(_Envelope):
    """Something happened to a unit on the repair bench (CloudEvents 1.0)."""

    source: Literal["/homeward/repairs"] = Field(description="Where all events of repairs come from.")
    type: str = _type_of("repair")
    subject: str = Field(description="The return's id, a slash, and the unit's.", examples=["R-1001/1-1"])
    data: RepairEventData = Field(description="What happened, and what it is about.")


class SupplierEvent(_Envelope):
    """Something happened to goods for a supplier (CloudEvents 1.0)."""

    source: Literal["/homeward/suppliers"] = Field(description="Where all events of goods for suppliers come from.")
    type: str = _type_of("supplier")
    subject: str = Field(description="The supplier's id.", examples=["ACME"])
    data: SupplierEventData = Field(description="What happened, and what it is about.")


class StockEvent(_Envelope):
    """Something was booked in stock (CloudEvents 1.0)."""

    source: Literal["/homeward/stock"] = Field(description="Where all events of stock come from.")
    type: str = _type_of("stock")
    subject: str = Field(description="The SKU.", examples=["SHOE-42"])
    data: StockEventData = Field(description="What happened, and what it is about.")


class CreditEvent(_Envelope):
    """Something happened to store credit (CloudEvents 1.0)."""

    source: Literal["/homeward/credit"] = Field(description="Where all events of store credit come from.")
    type: str = _type_of("credit")
    subject: str = Field(description="The credit's id.", examples=["sc_0123456789abcdef0123"])
    data: CreditEventData = Field(description="What happened, and what it is about.")


#: The envelope of each family, by its name in ``FAMILIES``.
ENVELOPES: Final[Mapping[str, type[_Envelope]]] = {
    "return": ReturnEvent,
    "support": SupportEvent,
    "repair": RepairEvent,
    "supplier": SupplierEvent,
    "stock": StockEvent,
    "credit": CreditEvent,
}
AnyEvent = Annotated[
    ReturnEvent | SupportEvent | RepairEvent | SupplierEvent | StockEvent | CreditEvent, Field(discriminator="source")
]


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
    kind = kind_of(event.return_id)
    name = f"{PREFIX}{kind}.{event.data['entry']['event']}"
    return {
        "specversion": "1.0",
        "id": event_id(event),
        "source": FAMILIES[kind].source,
        "type": name,
        "subject": FAMILIES[kind].subject(event.data),
        "time": event.data["entry"]["at"],
        "datacontenttype": "application/json",
        "dataschema": address.rstrip("/") + SCHEMA_PATH.format(name=name),
        "data": event.data,
    }


def data_schema(name: str, ref: str = "#/$defs/{model}") -> dict[str, Any]:
    """The JSON Schema of one type's data, with what it refers to under ``$defs``."""
    family, told = TYPES[name]
    schema = without_null_defaults(family.data.model_json_schema(ref_template=ref, schema_generator=Untitled))
    fields, definitions = schema["properties"], schema.pop("$defs")
    entry = {"allOf": [fields["entry"], {"properties": {"event": {"const": name.rpartition(".")[2]}}}]}
    carried = (*_ALWAYS, *told.carries) if family is FAMILIES["return"] else fields
    schema["properties"] = {key: fields[key] for key in carried} | {"entry": entry}
    schema |= {"title": name, "description": told.says}
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
