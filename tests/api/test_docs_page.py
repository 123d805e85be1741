"""The page ``/docs``: each call as a command to paste, each body field by field, nothing that leads nowhere."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import httpx
import pytest

from starter.api.docs_fields import curl, fields_of
from starter.local.up import Ready


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((Path(__file__).parents[2] / "docs" / "openapi.json").read_text())
    return found


def test_each_call_is_a_command_with_the_body_of_its_example(described: dict[str, Any]) -> None:
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            words = shlex.split(curl(method, path, operation, asks_for_key=bool(operation.get("security"))))
            assert words[0] == "curl"
            address = next(word for word in words if word.startswith("$API/"))
            assert not set("{}<> ") & set(address), address
            content = operation.get("requestBody", {}).get("content", {}).get("application/json")
            sent = json.loads(words[words.index("-d") + 1]) if "-d" in words else None
            assert sent == (content.get("example", {}) if content else None)
            assert ("-X" in words) == (method != "get")


def test_the_fields_of_a_request_are_told_with_their_types(described: dict[str, Any]) -> None:
    schemas = described["components"]["schemas"]
    told = {field.name: field for field in fields_of(schemas["Item"])}
    assert [kind.words for kind in told["quantity"].kinds] == ["integer, 1 to 1000"]
    assert [kind.leads_to for kind in told["reason"].kinds] == ["Reason"]
    assert (told["line_id"].required, told["note"].required) == (True, False)


async def test_the_page_loads_nothing_and_leads_nowhere_else(ready: Ready) -> None:
    async with httpx.AsyncClient(timeout=30) as client:
        page = (await client.get(f"{ready.api}/docs")).text
    known = set(re.findall(r'id="([^"]+)"', page))
    wanted = set(re.findall(r'href="#([^"]+)"', page))
    assert {"schemas", "problems", "events-out", "schema-ReturnEvent"} <= wanted
    assert wanted - known == set()
    assert "<script" not in page
    assert re.findall(r'(?:src|href)="(?!#|/openapi.json)[^"]*"', page) == []
    assert f"API={ready.api}" in page
