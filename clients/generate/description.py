"""The API's description as both clients are made of it: the shapes, what is sent and what is answered, the calls."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[2]
Schema = dict[str, Any]
#: What partners call, signed; nobody's backend does.
_PARTNERS: Final = "/v1/webhooks/"
#: Change nothing although they are sent with POST.
_HARMLESS: Final = frozenset({"quote_return"})
_JSON: Final = "application/json"


@dataclass(frozen=True)
class Parameter:
    """One part of the path, or of the query."""

    name: str
    schema: Schema
    description: str


@dataclass(frozen=True)
class Call:
    """One operation; ``repeatable``: sent twice it is done once, so a lost answer is no reason to fail."""

    name: str
    method: str
    path: str
    text: str
    tag: str
    parts: list[Parameter]
    query: list[Parameter]
    body: Schema | None
    answer: str | None
    takes_key: bool

    @property
    def repeatable(self) -> bool:
        """Whether it may be sent again while its outcome is unknown."""
        return self.method in {"GET", "DELETE"} or self.takes_key or self.name in _HARMLESS

    @property
    def paged(self) -> bool:
        """Whether its answer is a page, and it takes the cursor of the next."""
        return any(parameter.name == "cursor" for parameter in self.query)


class Description:
    """What ``docs/openapi.json`` says."""

    def __init__(self, document: dict[str, Any]) -> None:
        schemas: dict[str, Schema] = document["components"]["schemas"]
        self.schemas = {named(name): schema for name, schema in schemas.items()}
        headers = document["components"].get("headers", {})
        #: The date of the API's version, where it has dates: each call names the one that it was written for.
        self.dated: str | None = headers.get("Homeward-Version", {}).get("example")
        self.calls = [
            _call(path, method, operation)
            for path, operations in document["paths"].items()
            if not path.startswith(_PARTNERS)
            for method, operation in operations.items()
        ]
        self.sent = self._reached(schema for call in self.calls if (schema := call.body))
        extra = ["Problem", "ReturnEvent"]
        answers = [*extra, *(call.answer for call in self.calls if call.answer)]
        self.answered = self._reached({"$ref": name} for name in answers)
        queries = [parameter.schema for call in self.calls for parameter in call.query]
        self.asked = self._reached(queries)

    def is_choice(self, name: str) -> bool:
        """Whether the shape is a text out of a list."""
        return "enum" in self.schemas[name]

    @property
    def events(self) -> Schema:
        """What may have happened, as it is told to subscribers."""
        [page] = [call.answer for call in self.calls if call.name == "list_events"]
        items: Schema = self.schemas[page or ""]["properties"]["events"]["items"]
        return items

    def items_of(self, call: Call) -> str:
        """The field of a page that holds its rows."""
        [field] = [name for name, schema in self.schemas[call.answer or ""]["properties"].items() if "items" in schema]
        return str(field)

    def _reached(self, schemas: Iterator[Schema] | list[Schema]) -> set[str]:
        found: set[str] = set()
        new = {name for schema in schemas for name in references(schema)}
        while new:
            found |= new
            new = {name for one in new for name in references(self.schemas[one])} - found
        return found


def read() -> Description:
    """The description that the repository holds."""
    return Description(json.loads((ROOT / "docs" / "openapi.json").read_text()))


def named(reference: str) -> str:
    """The name of a shape; ``starter__api__faq__Answers`` is ``FaqAnswers``."""
    *_, last = parts = reference.rpartition("/")[2].split("__")
    return (parts[-2].title() if len(parts) > 1 else "") + last


def references(schema: Any) -> Iterator[str]:
    """All shapes that a schema names."""
    if isinstance(schema, dict):
        if isinstance(name := schema.get("$ref"), str):
            yield named(name)
        for key, value in schema.items():
            if key not in {"example", "examples", "default"}:
                yield from references(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from references(value)


def _call(path: str, method: str, operation: dict[str, Any]) -> Call:
    given = operation.get("parameters", [])
    answer = next(found for status, found in sorted(operation["responses"].items()) if status.startswith("2"))
    content = answer.get("content", {})
    return Call(
        name=operation["operationId"],
        method=method.upper(),
        path=path,
        text="\n\n".join(filter(None, [operation.get("summary", "") + ".", operation.get("description", "")])),
        tag=operation["tags"][0],
        parts=[_parameter(one) for one in given if one["in"] == "path"],
        query=[_parameter(one) for one in given if one["in"] == "query"],
        body=operation["requestBody"]["content"][_JSON]["schema"] if "requestBody" in operation else None,
        answer=named(content[_JSON]["schema"]["$ref"]) if _JSON in content else None,
        takes_key=any(one["name"] == "Idempotency-Key" for one in given),
    )


def _parameter(given: dict[str, Any]) -> Parameter:
    return Parameter(given["name"], given["schema"], given.get("description", ""))


def alternatives(schema: Schema) -> list[Schema]:
    """What a schema may be; itself where it is one thing."""
    return schema.get("anyOf") or schema.get("oneOf") or [schema]
