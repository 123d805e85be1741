"""The page about starting by name says what the code does, and shows what the examples are."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel

from client.answers import Page, SourcedView
from client.list_rows import ListFilter
from client.messages import ReturnCalls
from client.names import RETURN, RETURNS_QUEUE, return_workflow_id
from lifecycle.contract.statuses import Status
from lifecycle.contract.view import Summary
from tests.project.by_name_schemas import PATH, schemas
from tests.project.test_contract import MESSAGES, words
from workflows.returns.workflow import ReturnWorkflow

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "by-name.md").read_text()
EXAMPLES = ROOT / "examples" / "by-name"
HEADS = ("what", "policy", "update", "name", "type", "Temporal's own")
#: What is between Homeward's own workflows.
OWN = {"repair_event", "order_may_be_whole", "settlement_awaited"}


def table(head: str) -> dict[str, list[str]]:
    """The rows of the tables with that first heading: the first cell's word, and the others."""
    found = re.findall(rf"^\| {head} \|.*\n\| ---.*\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    rows = [[cell.strip() for cell in line[2:-2].split(" | ")] for part in found for line in part.splitlines()]
    return {(words(first) or [first])[0]: others for first, *others in rows}


def handlers(kind: str) -> set[str]:
    """The names of the workflow's updates, signals or queries."""
    marks = {"update": "_defn", "signal": "__temporal_signal_definition", "query": "__temporal_query_definition"}
    found = (getattr(getattr(ReturnWorkflow, name), marks[kind], None) for name in dir(ReturnWorkflow))
    return {definition.name for definition in found if definition is not None}


class Asked(ReturnCalls):
    """Keeps the update id of what would be sent."""

    async def _update(
        self, return_id: str, name: str, message: BaseModel, request_id: str = "", *, update_id: str = ""
    ) -> Summary:
        self.name, self.update_id = name, update_id or f"{name}:{request_id}"
        return Summary(
            return_id=return_id,
            order_id="SO-1",
            status=Status.REQUESTED,
            amount=0,
            currency="USD",
            resolve_by=None,
            escalated=False,
            attention=None,
        )

    async def sourced_view(self, return_id: str) -> SourcedView:
        raise NotImplementedError

    async def page(self, wanted: ListFilter, limit: int = 100, after: bytes | None = None) -> Page:
        raise NotImplementedError


def test_what_a_start_names_is_the_codes() -> None:
    told = table("what")
    assert words(told["workflow type"][0]) == [RETURN]
    assert words(told["task queue"][0]) == [RETURNS_QUEUE]
    assert words(told["workflow id"][0])[0] == return_workflow_id("{return_id}")


def test_each_update_is_on_the_page_with_its_payload() -> None:
    told = table("update")
    assert set(told) == handlers("update")
    for name, (argument, *_) in told.items():
        model = "ReturnRequest" if name == "decision" else MESSAGES[name].__name__
        assert words(argument) == [model]


@pytest.mark.parametrize("name", sorted(set(table("update")) & set(MESSAGES)))
async def test_an_update_has_the_id_that_the_api_gives_it(name: str) -> None:
    asked, message = Asked(), MESSAGES[name]
    papers: dict[str, Any] = {field: "{" + field + "}" for field in message.model_fields if field.endswith("_id")}
    more = () if name in ("record_receipt", "record_inspection") else ("{your id}",)
    await getattr(asked, name)("R-1", message.model_construct(**papers), *more)
    assert (asked.name, words(table("update")[name][1])) == (name, [asked.update_id])


def test_each_signal_and_query_is_on_the_page() -> None:
    told = table("name")
    assert {name for name, cells in told.items() if cells[0] == "signal"} == handlers("signal") - OWN
    assert {name for name, cells in told.items() if cells[0] == "query"} == handlers("query")
    assert {name: words(cells[1]) for name, cells in told.items() if name in MESSAGES} == {
        name: [model.__name__] for name, model in MESSAGES.items() if name in told
    }
    assert all(f"`{name}`" in PAGE for name in OWN)


def test_each_type_of_failure_is_on_the_page() -> None:
    raised = set()
    for path in (ROOT / "workflows" / "shared").glob("*.py"):
        raised |= set(re.findall(r'type="(\w+)"', path.read_text()))
    assert {"InvalidRequest", "Refused"} <= raised
    assert set(table("type")) == (raised | {"PlainStart"}) - {"NotOpened"}


def test_the_schemas_are_the_codes() -> None:
    assert PATH.read_text() == schemas(), "python -m tests.project.by_name_schemas writes them anew"
    found: dict[str, Any] = json.loads(PATH.read_text())
    Draft202012Validator.check_schema(found)
    named = {
        name for head in ("update", "name") for cells in table(head).values() for name in words(" ".join(cells[:2]))
    }
    assert {name for name in named if re.fullmatch(r"[A-Z]\w+", name)} | {"Summary"} <= set(found["$defs"])


@pytest.mark.parametrize(("language", "name"), [("python", "return.py"), ("js", "return.mjs"), ("go", "return.go")])
def test_the_page_shows_the_examples(language: str, name: str) -> None:
    [shown] = re.findall(rf"^```{language}\n(.*?)\n```$", PAGE, re.MULTILINE | re.DOTALL)
    assert shown in (EXAMPLES / name).read_text()
