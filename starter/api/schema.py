"""The OpenAPI description: FastAPI's, with bodies that we read ourselves and the problems that we tell."""

from collections.abc import Iterator, Sequence
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from starter.api.access import Gate
from starter.api.bodies import Body
from starter.api.problems import Problem

_REF = "#/components/schemas/{model}"


class _Strict(GenerateJsonSchema):
    """As bodies are read: an unknown field is refused."""

    def model_schema(self, schema: Any) -> dict[str, Any]:
        """See pydantic."""
        return {**super().model_schema(schema), "additionalProperties": False}


def described(app: FastAPI, routers: Sequence[APIRouter]) -> dict[str, Any]:
    """The whole description."""
    found = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    components = found.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas |= _schemas([Problem], GenerateJsonSchema) | _schemas(list(_bodies(routers)), _Strict)
    gate: Gate = app.state.gate
    if gate.open:
        components.pop("securitySchemes", None)
        for operation in _operations(found):
            operation.pop("security", None)
    return found


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
        yield dependant.call.model
    for inner in dependant.dependencies:
        yield from _bodies_of(inner)


def _operations(found: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in found["paths"].values():
        yield from path.values()
