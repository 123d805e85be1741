"""The API does what its description says, and the description's examples are right."""

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel

from lifecycle.contract.events.types import EVENT_TYPES
from lifecycle.contract.request import ReturnRequest
from lifecycle.contract.view import DropOff, Pickup, Summary
from lifecycle.repairs.messages import RepairSummary
from lifecycle.returns.decisions.quote import Quote, QuoteRequest
from starter.api.repairs import ACTIONS as REPAIR_ACTIONS
from starter.api.returns.actions import ACTIONS
from starter.api.returns.start_and_read import Page
from starter.api.returns.whole_view import View
from starter.api.shared import examples
from starter.api.shared.problems import KINDS, Problem
from starter.local.up import Ready
from tests.api.conftest import Serve

ANSWERS: list[tuple[type[BaseModel], Any]] = [
    (Summary, examples.SUMMARY),
    (View, examples.WHOLE_VIEW),
    (Page, examples.PAGE),
    (Pickup, examples.PICKUP),
    (DropOff, examples.DROP_OFF),
    (RepairSummary, examples.REPAIR),
    (Quote, examples.QUOTE),
]
BODIES: list[tuple[type[BaseModel], Any]] = [
    (ReturnRequest, examples.START),
    (QuoteRequest, examples.QUOTE_OF),
    *((action.body.model, action.body.example) for action in (*ACTIONS, *REPAIR_ACTIONS)),
]


KEYS = [{"key": "a-key-of-the-tests", "scopes": ["read"]}]


def _released() -> Any:
    return json.loads((Path(__file__).parents[2] / "docs" / "openapi.json").read_text())


@pytest.mark.parametrize(("model", "example"), ANSWERS, ids=[model.__name__ for model, _ in ANSWERS])
def test_an_answers_example_is_whole_and_right(model: type[BaseModel], example: Any) -> None:
    assert model.model_validate(example, extra="forbid").model_dump(mode="json") == example


@pytest.mark.parametrize(
    ("model", "example"), BODIES, ids=[f"{number} {model.__name__}" for number, (model, _) in enumerate(BODIES)]
)
def test_a_bodys_example_is_right(model: type[BaseModel], example: Any) -> None:
    model.model_validate(example, extra="forbid")


async def test_the_quoted_example_gives_what_the_example_says(api: httpx.AsyncClient) -> None:
    answer = (await api.post("/v1/quotes", json=examples.QUOTE_OF)).json()
    assert (answer["amount"], answer["breakdown"], answer["paid"]) in [
        (examples.QUOTE["amount"], examples.QUOTE["breakdown"], examples.QUOTE["paid"]),
        (0, dict.fromkeys(answer["breakdown"], 0), []),  # once its window is over
    ]


async def test_every_call_is_described_with_examples_and_problems(api: httpx.AsyncClient) -> None:
    described = (await api.get("/openapi.json")).json()
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            where = f"{method} {path}"
            assert operation["summary"], where
            body = operation.get("requestBody", {"content": {"application/json": {"example": 1}}})
            assert "example" in body["content"]["application/json"], where
            for status, answer in operation["responses"].items():
                for kind, content in answer.get("content", {}).items():
                    if kind == "application/problem+json":
                        assert content["schema"] == {"$ref": "#/components/schemas/Problem"}, where
                        for example in content["examples"].values():
                            assert Problem.model_validate(example["value"]).status == int(status)
                    elif path.startswith(("/v1/returns", "/v1/quotes")) and kind == "application/json":
                        assert content["schema"]["$ref"], where
                        assert "example" in content, where


async def test_every_example_fits_its_schema(api: httpx.AsyncClient) -> None:
    described = (await api.get("/openapi.json")).json()
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            for part in (operation.get("requestBody", {}), *operation["responses"].values()):
                content = part.get("content", {}).get("application/json", {})
                if "example" in content:
                    schema = {**content["schema"], "components": described["components"]}
                    found = list(Draft202012Validator(schema).iter_errors(content["example"]))
                    assert found == [], f"{method} {path}"


async def test_a_body_is_described_as_strictly_as_it_is_read(api: httpx.AsyncClient) -> None:
    schemas = (await api.get("/openapi.json")).json()["components"]["schemas"]
    for name in ("ReturnRequest", "Order", "Customer", "Address", "Line", "Receipt", "ReceiptUnits", "QuoteRequest"):
        assert schemas[name]["additionalProperties"] is False, name


async def test_the_documentation_asks_nobody_else(api: httpx.AsyncClient) -> None:
    page = await api.get("/docs")
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'sha256-")
    assert "<script" not in page.text
    assert re.findall(r"(?:src|href)=\"(?!/openapi.json\"|#)([^\"]*)", page.text) == []


@pytest.fixture
async def as_it_was(api: httpx.AsyncClient) -> AsyncIterator[None]:
    """Whatever a test says of partners is taken back: other tests share them."""
    yield
    said = {"by": "a test", "why": "it is over"}
    for one in (await api.get("/v1/subscriptions")).json()["subscriptions"]:
        assert (await api.delete(f"/v1/subscriptions/{one['subscription_id']}")).status_code == 200
    for partner in ("carrier", "payment"):
        assert (await api.post(f"/v1/partners/{partner}/limit", json=said | {"rps": None})).status_code == 200
    for partner in ("carrier", "payment", "inventory"):
        assert (await api.post(f"/v1/partners/{partner}/retries/reset", json=said)).status_code == 200


@pytest.mark.usefixtures("as_it_was")
async def test_schemathesis_finds_nothing(api: httpx.AsyncClient, ready: Ready, tmp_path: Path) -> None:
    # A few examples of each kind; by hand it is worth running for longer, with its coverage phase.
    folder = Path(__file__).parent
    arguments = ("--checks", "all", "--phases", "examples,fuzzing,stateful", "-n", "2", "--seed", "1")
    described = (await api.get("/openapi.json")).json()
    # This server asks for no keys; that one with keys refuses each of these calls without is tested below.
    for operations in described["paths"].values():
        for operation in operations.values():
            operation.pop("security", None)
    (tmp_path / "openapi.json").write_text(json.dumps(described))
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).parent / "schemathesis"),
        *("--config-file", str(folder / "schemathesis.toml"), "run", "openapi.json", "--url", ready.api, *arguments),
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()[-5000:]


async def test_the_released_file_is_what_every_server_says(api: httpx.AsyncClient, serve: Serve) -> None:
    for server in (api, serve(api_keys=KEYS)):
        told = (await server.get("/openapi.json")).json()
        assert _released() == told, "python -m tests.api.openapi_file > docs/openapi.json"


async def test_a_call_refuses_whoever_has_no_key_where_its_description_says_so(serve: Serve) -> None:
    server = serve(api_keys=KEYS)
    for path, operations in _released()["paths"].items():
        for method, operation in operations.items():
            answer = await server.request(method, re.sub("{[^}]*}", "none", path))
            assert (answer.status_code == 401) == bool(operation.get("security")), f"{method} {path}"


def test_the_description_is_plain_for_generators() -> None:
    released = _released()
    declared = {tag["name"] for tag in released["tags"]}
    for operations in released["paths"].values():
        for operation in operations.values():
            assert set(operation["tags"]) <= declared
    for name, schema in released["components"]["schemas"].items():
        for field, shown in schema.get("properties", {}).items():
            assert not {"ge", "default"} & shown.keys(), f"{name}.{field}"
    assert "CONTRACT" not in json.dumps(released)
    assert released["components"]["securitySchemes"]["key"]["scheme"] == "bearer"


def test_every_figure_says_its_unit_and_every_problem_is_one_that_there_is() -> None:
    schemas = _released()["components"]["schemas"]
    silent = [
        f"{name}.{field}"
        for name, schema in schemas.items()
        for field, shown in schema.get("properties", {}).items()
        if not shown.get("description")
        and any(
            kind.get("type") in ("integer", "number") or kind.get("format") == "date-time"
            for kind in (shown, *shown.get("anyOf", ()))
        )
    ]
    assert silent == [], "starter/api/pages/fields.toml"
    assert schemas["Problem"]["properties"]["type"]["enum"] == [kind.type for kind in KINDS]
    assert schemas["TimelineEntry"]["properties"]["event"]["x-extensible-enum"] == list(EVENT_TYPES)


def test_each_call_has_a_name_that_says_enough_by_itself() -> None:
    names = [operation["operationId"] for path in _released()["paths"].values() for operation in path.values()]
    assert len(names) == len(set(names))
    for name in names:  # generated clients make it a function beside all others: a verb, and what it is done to
        assert re.fullmatch("[a-z]+(_[a-z]+)+", name), name
