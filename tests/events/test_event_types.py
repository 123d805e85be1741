"""The one table of events: what is noted, documented, described by schemas and by AsyncAPI is what it says."""

import json
from pathlib import Path
from typing import get_args

import httpx
import pytest
from jsonschema import Draft202012Validator

from gateways.subscribers import asyncapi
from gateways.subscribers.envelope import PREFIX, data_schema
from lifecycle.contract.events.data import EventFacts
from lifecycle.contract.events.types import EVENT_TYPES, EventName
from lifecycle.contract.statuses import SETTLED
from starter.local.up import Ready
from tests.events.event_table import table

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_every_event_that_can_be_noted_has_a_row() -> None:
    assert set(EVENT_TYPES) == set(get_args(EventName)) > {status.value for status in SETTLED}


def test_rows_carry_fields_that_there_are() -> None:
    assert {fact for kind in EVENT_TYPES.values() for fact in kind.carries} < set(EventFacts.model_fields)


def test_the_page_has_the_table() -> None:
    assert table() in (DOCS / "events.md").read_text(), "python -m tests.events.event_table prints it"


def test_the_asyncapi_file_is_current() -> None:
    made = json.loads((DOCS / "asyncapi.json").read_text())
    assert made == asyncapi.description(), "python -m gateways.subscribers.asyncapi > docs/asyncapi.json"


@pytest.mark.parametrize("name", EVENT_TYPES)
def test_every_schema_is_one(name: EventName) -> None:
    schema = data_schema(name)
    Draft202012Validator.check_schema(schema)
    assert set(EVENT_TYPES[name].carries) < set(schema["properties"])


async def test_schemas_are_served_where_events_say(ready: Ready) -> None:
    async with httpx.AsyncClient(base_url=ready.api) as client:
        listed = (await client.get("/schemas")).json()["schemas"]
        assert set(listed) == {PREFIX + name for name in EVENT_TYPES}
        served = await client.get(httpx.URL(listed[f"{PREFIX}refunded"]).path)
        assert served.headers["content-type"] == "application/schema+json"
        assert served.json() == {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": listed[f"{PREFIX}refunded"],
            **data_schema("refunded"),
        }
        for other in ("homeward.return.nothing.json", "homeward.return.refunded", ".json"):
            assert (await client.get(f"/schemas/{other}")).status_code == 404
