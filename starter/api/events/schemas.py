"""The JSON Schemas of events, where each event's ``dataschema`` leads."""

import json
from typing import Any, Final

from fastapi import APIRouter, Response
from pydantic import BaseModel

from gateways.subscribers.envelope import DIALECT, SCHEMA_PATH, data_schema
from lifecycle.events.families import TYPES
from starter.api.shared.problems import NOT_FOUND, Failure
from starter.shared.services import Services, ServicesDep

router = APIRouter(include_in_schema=False)
MEDIA_TYPE: Final = "application/schema+json"


class Schemas(BaseModel):
    """Where the schema of each type of event is."""

    schemas: dict[str, str]


@router.get("/schemas")
async def schemas(given: ServicesDep) -> Schemas:
    """All types of events, each with the address of its schema."""
    return Schemas(schemas={kind: _address(given, kind) for kind in TYPES})


@router.get("/schemas/{name}")
async def schema(name: str, given: ServicesDep) -> Response:
    """The JSON Schema of the data of one type of event."""
    kind = name.removesuffix(".json")
    if name.endswith(".json") and kind in TYPES:
        found: dict[str, Any] = {"$schema": DIALECT, "$id": _address(given, kind), **data_schema(kind)}
        return Response(json.dumps(found), media_type=MEDIA_TYPE)
    raise Failure(NOT_FOUND, "no type of event has this name: /schemas lists them")


def _address(given: Services, kind: str) -> str:
    return given.settings.front_door.rstrip("/") + SCHEMA_PATH.format(name=kind)
