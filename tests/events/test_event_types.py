"""The one table of events: what is noted, documented, described by schemas and by AsyncAPI is what it says."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import get_args

import httpx
import pytest
from jsonschema import Draft202012Validator

from gateways.subscribers import asyncapi
from gateways.subscribers.envelope import ENVELOPES, data_schema
from lifecycle.contract.events.data import EventFacts
from lifecycle.contract.events.types import EVENT_TYPES, EventName
from lifecycle.contract.statuses import SETTLED
from lifecycle.events.families import FAMILIES, TYPES
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


#: Errors and warnings alone: what is only a hint has a higher number.
_PARSE = """
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";
const { document, diagnostics } = await new Parser().parse(readFileSync(process.argv[2], "utf8"));
const wrong = diagnostics.filter((found) => found.severity < 2).map((found) => found.message);
console.log(JSON.stringify({ messages: document?.allMessages().length, wrong }));
"""


@pytest.mark.long
def test_the_asyncapi_file_is_one(tmp_path: Path) -> None:
    """By the parser of AsyncAPI itself, which npm brings."""
    assert shutil.which("npm"), "this proof needs Node with npm: install the packages `nodejs` and `npm`"
    (tmp_path / "parse.mjs").write_text(_PARSE)
    arguments = ["--prefix", str(tmp_path), "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
    subprocess.run(["npm", "install", *arguments, "@asyncapi/parser@3.6.6"], check=True)
    parse = ["node", str(tmp_path / "parse.mjs"), str(DOCS / "asyncapi.json")]
    done = subprocess.run(parse, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == {"messages": len(TYPES), "wrong": []}


def test_every_family_has_an_envelope() -> None:
    assert list(ENVELOPES) == list(FAMILIES)


@pytest.mark.parametrize("name", TYPES)
def test_every_schema_is_one(name: str) -> None:
    schema = data_schema(name)
    Draft202012Validator.check_schema(schema)
    assert set(TYPES[name][1].carries) < set(schema["properties"])


async def test_schemas_are_served_where_events_say(ready: Ready) -> None:
    async with httpx.AsyncClient(base_url=ready.api) as client:
        listed = (await client.get("/schemas")).json()["schemas"]
        assert set(listed) == set(TYPES)
        served = await client.get(httpx.URL(listed["homeward.return.refunded"]).path)
        assert served.headers["content-type"] == "application/schema+json"
        assert served.json() == {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": listed["homeward.return.refunded"],
            **data_schema("homeward.return.refunded"),
        }
        for other in ("homeward.return.nothing.json", "homeward.return.refunded", ".json"):
            assert (await client.get(f"/schemas/{other}")).status_code == 404
