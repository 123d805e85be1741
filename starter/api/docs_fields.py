"""What the page ``/docs`` says of bodies and answers, field by field, and the command that makes a call."""

import json
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

_REF: Final = "#/components/schemas/"
#: What stands for a parameter of a path that has no example of its own.
_IN_PATH: Final = {"return_id": "R-1001", "unit_id": "1-1", "order_id": "SO-5501", "case_id": "C-1001"}


@dataclass(frozen=True)
class Kind:
    """The type of a field: in words, and the schema that it leads to where it is one."""

    words: str
    leads_to: str = ""


@dataclass(frozen=True)
class Field:
    """One field of a schema."""

    name: str
    kinds: tuple[Kind, ...]
    required: bool
    means: str


def schema_of(described: Mapping[str, Any]) -> tuple[Kind, ...]:
    """What a body or an answer is made of; nothing where it is no JSON with a schema."""
    for content in described.get("content", {}).values():
        if "schema" in content:
            return tuple(_kinds(content["schema"]))
    return ()


def fields_of(schema: Mapping[str, Any]) -> list[Field]:
    """The fields of a schema, in its order; none of one that has none."""
    required = schema.get("required", ())
    return [
        Field(name, tuple(_kinds(one)), name in required, _means(one))
        for name, one in schema.get("properties", {}).items()
    ]


def values_of(schema: Mapping[str, Any]) -> list[str]:
    """What a text may be, where it is one of a few."""
    return [str(value) for value in schema.get("enum", ())]


def curl(method: str, path: str, operation: Mapping[str, Any], *, asks_for_key: bool) -> str:
    """The call as a command, with the example's body; `API` and `KEY` are variables of the shell."""
    for name, example in _in_path(path, operation):
        path = path.replace("{" + name + "}", example).replace("{" + f"{name}:path" + "}", example)
    lines = [f'curl{"" if method == "get" else f" -X {method.upper()}"} "$API{path}"']
    if asks_for_key:
        lines.append('-H "Authorization: Bearer $KEY"')
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    if body:
        lines.append("-H 'Content-Type: application/json'")
        lines.append(f"-d {shlex.quote(json.dumps(body.get('example', {})))}")
    return " \\\n  ".join(lines)


def _in_path(path: str, operation: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for parameter in operation.get("parameters", ()):
        name = parameter["name"]
        if parameter["in"] == "path" and "{" + name in path:
            yield name, str(parameter.get("example") or _IN_PATH.get(name) or name.upper())


def _kinds(schema: Mapping[str, Any]) -> Iterator[Kind]:
    for part in ("anyOf", "oneOf", "allOf"):
        if part in schema:
            for one in schema[part]:
                yield from _kinds(one)
            return
    if "$ref" in schema:
        name = str(schema["$ref"]).removeprefix(_REF)
        yield Kind(name, name)
    elif schema.get("type") == "array":
        for kind in _kinds(schema.get("items", {})):
            yield Kind(f"list of {kind.words}", kind.leads_to)
    elif isinstance(schema.get("additionalProperties"), Mapping):
        for kind in _kinds(schema["additionalProperties"]):
            yield Kind(f"by name: {kind.words}", kind.leads_to)
    else:
        yield Kind(_words(schema))


def _words(schema: Mapping[str, Any]) -> str:
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return " or ".join(json.dumps(value) for value in schema["enum"])
    kind = str(schema.get("type", "anything"))
    words = f"{kind}, {schema['format']}" if "format" in schema else kind
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        return f"{words}, {low} to {high}"
    if low is not None:
        return f"{words}, {low} or more"
    return f"{words} of at most {schema['maxLength']}" if "maxLength" in schema else words


def _means(schema: Mapping[str, Any]) -> str:
    said = str(schema.get("description", ""))
    if "default" in schema:
        said = f"{said} {json.dumps(schema['default'])} where it is left out.".strip()
    return said
