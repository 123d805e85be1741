"""The OpenAPI description: FastAPI's, with bodies that we read ourselves and the problems that we answer with."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from fastapi import APIRouter, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from gateways.subscribers.envelope import ENVELOPES, Untitled, without_null_defaults
from gateways.subscribers.envelope import MEDIA_TYPE as EVENT
from lifecycle.contract.events.types import EVENT_TYPES
from lifecycle.events.families import FAMILIES
from starter.api.shared.bodies import Body
from starter.api.shared.openapi_clean import TAGS, cleaned, describe_fields
from starter.api.shared.problems import Problem
from starter.api.shared.versions import VERSIONS
from starter.shared.access_table import scopes_of

_REF = "#/components/schemas/{model}"
#: What every call with a key answers besides, each with an example.
_HEADERS: Final = {
    "Homeward-Version": ("The version of the API that answered, by its date.", VERSIONS[-1]),
    "RateLimit-Policy": ("How many calls (q) a key has in a window of so many seconds (w).", '"minute";q=600;w=60'),
    "RateLimit": (
        "How many calls are left (r), and in how many seconds all are again (t).",
        '"minute";r=598;t=41',
    ),
}
#: What FastAPI would answer where a parameter does not fit.
_UNUSED = "#/components/schemas/HTTPValidationError"


class _Strict(GenerateJsonSchema):
    """As bodies are read: an unknown field is refused."""

    def model_schema(self, schema: Any) -> dict[str, Any]:
        """See pydantic."""
        return {**super().model_schema(schema), "additionalProperties": False}


def described(app: FastAPI, routers: Sequence[APIRouter]) -> dict[str, Any]:
    """The whole description, the same wherever it is served: it asks for keys also where none are set."""
    found = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    components = found.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for operation in _operations(found):  # a text in the path is never wrong, only unknown
        if _UNUSED in str(operation["responses"].get("422")):
            del operation["responses"]["422"]
    _give_back_examples(found, routers)
    schemas.update(_publish(found) | schemas)
    schemas |= _schemas([Problem], GenerateJsonSchema) | _schemas(list(_bodies(routers)), _Strict)
    _link(found)
    _name_scopes(found, routers)
    found["info"] |= {"license": {"name": "MIT", "identifier": "MIT"}}
    found["servers"] = [{"url": "/", "description": "The server that this description comes from."}]
    used = {tag for operation in _operations(found) for tag in operation["tags"]} | {"events"}
    found["tags"] = [{"name": name, "description": TAGS[name]} for name in TAGS if name in used]
    _name_headers(found)
    clean: dict[str, Any] = cleaned(found)
    shown = clean["components"]["schemas"]
    shown["TimelineEntry"]["properties"]["event"]["x-extensible-enum"] = list(EVENT_TYPES)
    describe_fields(shown)
    return clean


def _publish(found: dict[str, Any]) -> dict[str, Any]:
    """What is sent to subscribers, by what it is about; gives the schemas that it needs."""
    schemas: dict[str, Any] = {}
    found["webhooks"] = {}
    for kind, model in ENVELOPES.items():
        found["webhooks"][kind] = {"post": _webhook(kind, model.__name__)}
        schema = without_null_defaults(model.model_json_schema(ref_template=_REF, schema_generator=Untitled))
        schemas |= schema.pop("$defs") | {model.__name__: schema}
    return schemas


def _webhook(kind: str, model: str) -> dict[str, Any]:
    return {
        "summary": f"Something happened to {FAMILIES[kind].about}",
        "description": "Signed by Standard Webhooks; `docs/events.md` has every type, `/schemas` their schemas.",
        "operationId": f"{kind}_event",
        "tags": ["events"],
        "requestBody": {"required": True, "content": {EVENT: {"schema": {"$ref": _REF.format(model=model)}}}},
        "responses": {"2XX": {"description": "It was taken."}, "410": {"description": "Nothing more is wanted."}},
        "security": [],
    }


def _name_scopes(found: dict[str, Any], routers: Sequence[APIRouter]) -> None:
    """Say which scopes open a call, each of them by itself."""
    for route in _shown(routers):
        for method in route.methods or ():
            operation = found["paths"][route.path_format][method.lower()]
            if "security" not in operation:
                operation["security"] = []  # said, as a call that says nothing might ask for any key
            else:
                operation["security"] = [{"key": [scope]} for scope in sorted(scopes_of(method, route.path))]


def _name_headers(found: dict[str, Any]) -> None:
    """Say what calls answer in headers, each described once."""
    found["components"]["headers"] = {
        name: {"description": told, "schema": {"type": "string"}, "example": example}
        for name, (told, example) in _HEADERS.items()
    }
    for operation in _operations(found):
        for status, answer in operation["responses"].items():
            if operation.get("security") and status in ("200", "201", "429"):
                answer["headers"] = answer.get("headers", {}) | {
                    name: {"$ref": f"#/components/headers/{name}"} for name in _HEADERS
                }


def _shown(routers: Sequence[APIRouter]) -> Iterator[APIRoute]:
    for router in routers:
        for route in router.routes:
            if isinstance(route, APIRoute) and route.include_in_schema:
                yield route


def _give_back_examples(found: dict[str, Any], routers: Sequence[APIRouter]) -> None:
    """FastAPI leaves nulls out of everything, and so out of examples whose schema asks for the field."""
    for route in _shown(routers):
        for method in route.methods or ():
            operation = found["paths"][route.path_format][method.lower()]
            for status, declared in route.responses.items():
                _give_back(operation["responses"].get(str(status), {}), declared)
            _give_back(operation.get("requestBody", {}), (route.openapi_extra or {}).get("requestBody", {}))


def _give_back(there: dict[str, Any], declared: Mapping[str, Any]) -> None:
    for kind, content in declared.get("content", {}).items():
        if "example" in content and kind in there.get("content", {}):
            there["content"][kind]["example"] = content["example"]


def _schemas(models: Sequence[type[BaseModel]], how: type[GenerateJsonSchema]) -> dict[str, Any]:
    _, made = models_json_schema(
        [(model, "validation") for model in dict.fromkeys(models)], ref_template=_REF, schema_generator=how
    )
    schemas: dict[str, Any] = made.get("$defs", {})
    return schemas


def _bodies(routers: Sequence[APIRouter]) -> Iterator[type[BaseModel]]:
    for router in routers:
        for route in router.routes:
            if isinstance(route, APIRoute):
                yield from _bodies_of(route.dependant)


def _bodies_of(dependant: Dependant) -> Iterator[type[BaseModel]]:
    if isinstance(dependant.call, Body):
        yield from dependant.call.models
    for inner in dependant.dependencies:
        yield from _bodies_of(inner)


def _link(found: dict[str, Any]) -> None:
    """Say that what a start answers with is what the calls about one return take."""
    about = {
        operation["operationId"]
        for path, operations in found["paths"].items()
        if path.startswith("/v1/returns/{return_id}") and "{unit_id}" not in path
        for operation in operations.values()
    }
    told = {
        name: {"operationId": name, "parameters": {"return_id": "$response.body#/return_id"}} for name in sorted(about)
    }
    for status in ("200", "201"):
        found["paths"]["/v1/returns"]["post"]["responses"][status]["links"] = told


def _operations(found: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in found["paths"].values():
        yield from path.values()
