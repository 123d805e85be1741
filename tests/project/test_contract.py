"""The public contract says what the code does: its lists are the code's, and whatever cites it finds its section."""

import ast
import json
import re
import tomllib
from base64 import b64decode
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any, get_args

import click
import pytest
from pydantic import BaseModel

from client.search_attributes import KEYS
from lifecycle.contract import messages
from lifecycle.contract.grades import Disposition, Grade
from lifecycle.contract.orders.lines import FeeKind
from lifecycle.contract.orders.payment import PaymentState
from lifecycle.contract.policy import parse_policy
from lifecycle.contract.request import Channel, Method, Reason, ReturnRequest
from lifecycle.contract.resolutions import Resolution
from lifecycle.contract.statuses import Status
from lifecycle.contract.tenders import TenderKind
from lifecycle.contract.view import Acceptance, GoodsState, Outcome, Reception, RuleName, SettlementState, Summary, View
from lifecycle.repairs import messages as repair_messages
from lifecycle.shared.repair_messages import RepairState
from lifecycle.suppliers import messages as supplier_messages
from lifecycle.suppliers.state import UnitStage
from lifecycle.support import messages as support_messages
from lifecycle.support.state import CaseStatus
from starter.cli.main import main
from starter.shared.access_table import TABLE, Other
from tests.project.test_operating_docs import told
from workers.setting_values import Scope
from workers.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "contract.md").read_text()
PACKAGES = ("lifecycle", "gateways", "client", "activities", "workflows", "workers", "starter", "benchmarks", "tests")
#: By number: a section's title and text.
SECTIONS = {
    int(number): (title, text)
    for number, title, text in re.findall(r"^## (\d+)\. ([^\n]+)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
}
ENUMS: dict[str, type[StrEnum]] = {
    "grade": Grade,
    "disposition": Disposition,
    "status": Status,
    "`settlement.state`": SettlementState,
    "`goods.state`": GoodsState,
    "`reception` of a unit": Reception,
    "`acceptance` of a unit": Acceptance,
    "`reason`": Reason,
    "`resolution`": Resolution,
    "`method`": Method,
    "`channel`": Channel,
    "`payment_state`": PaymentState,
    "`kind` of a fee": FeeKind,
    "`kind` of a tender": TenderKind,
    "decision rules": RuleName,
    "`decision.outcome`": Outcome,
    "repair state": RepairState,
    "stage of a supplier's unit": UnitStage,
    "status of a support case": CaseStatus,
}
MESSAGES: dict[str, type[BaseModel]] = {
    "approve": messages.Approve,
    "decline": messages.Decline,
    "cancel": messages.Cancel,
    "record_receipt": messages.Receipt,
    "record_inspection": messages.Inspection,
    "change_request": messages.ChangeRequest,
    "answer_charge": messages.AnswerCharge,
    "attest_wipe": messages.AttestWipe,
    "resolve_attention": messages.ResolveAttention,
    "override": messages.Override,
    "tracking_event": messages.TrackingEvent,
    "payment_event": messages.PaymentEvent,
}
OTHER_MESSAGES: dict[str, type[BaseModel]] = {
    "record_diagnosis": repair_messages.Diagnosis,
    "answer_estimate": repair_messages.EstimateAnswer,
    "record_repair": repair_messages.RepairWork,
    "record_check": repair_messages.RepairCheck,
    "add_unit": supplier_messages.AddUnit,
    "authorise": supplier_messages.Authorise,
    "record_shipment": supplier_messages.RecordShipment,
    "record_credit": supplier_messages.RecordCredit,
    "refuse": supplier_messages.Refuse,
    "add_message": support_messages.AddMessage,
    "close": support_messages.CloseCase,
    "make_return": support_messages.MakeReturn,
}


def rows(section: int) -> Iterator[list[str]]:
    """The cells of each row of a section's tables."""
    for line in re.findall(r"^\| (.*) \|$", SECTIONS[section][1], re.MULTILINE):
        yield [cell.strip() for cell in re.split(r"(?<!\\)\|", line)]


def words(cell: str) -> list[str]:
    """What stands between backticks."""
    return re.findall(r"`([^`]+)`", cell)


LISTS = {cells[0]: words(cells[1]) for number in SECTIONS for cells in rows(number) if len(cells) == 2}
LISTS_OF_TEMPORAL = {cells[0]: cells[1] for cells in rows(7) if len(cells) == 2}


def sources() -> Iterator[tuple[Path, str]]:
    """Every file of ours that may cite the contract."""
    for folder in PACKAGES:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path, path.read_text()
    for path in (*sorted((ROOT / "docs").glob("*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md"):
        yield path, path.read_text()


def code_examples(section: int, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", SECTIONS[section][1], re.MULTILINE | re.DOTALL)


def test_its_sections_are_numbered_from_one() -> None:
    assert list(SECTIONS) == list(range(1, len(SECTIONS) + 1))


def test_whatever_cites_it_finds_its_section() -> None:
    wrong = []
    for path, text in sources():
        # Over the ends of lines: docstrings are wrapped.
        plain = re.sub(r"\s+(?:#:?\s+)?", " ", text)
        for numbers, topic in re.findall(r"CONTRACT sections? ((?:\d+(?:, | and )?)+)(?:, ([\w]+))?", plain):
            known = [SECTIONS.get(int(number)) for number in re.findall(r"\d+", numbers)]
            if None in known or (topic and not any(found and topic in found[1] for found in known)):
                wrong.append(f"{path.relative_to(ROOT)}: {numbers} {topic}")
    assert wrong == []


@pytest.mark.parametrize("name", ENUMS)
def test_its_list_is_the_codes(name: str) -> None:
    assert LISTS[name] == [value.value for value in ENUMS[name]]


def test_its_scopes_and_settings_are_the_codes() -> None:
    assert LISTS["scopes"] == list(get_args(Scope))
    assert LISTS["settings"] == [f"HOMEWARD_{field.upper()}" for field in Settings.model_fields]


def test_its_search_attributes_are_the_codes() -> None:
    assert words(LISTS_OF_TEMPORAL["search attributes"]) == [key.name for key in KEYS]


def test_its_request_view_and_summary_are_the_codes() -> None:
    [asked] = code_examples(4, "json")
    request = ReturnRequest.model_validate_json(asked)
    # `vouched_by` is the API's own.
    assert unsaid(request, json.loads(asked)) == {"vouched_by"}
    [shown] = code_examples(6, "json")
    assert unsaid(View.model_validate_json(shown), json.loads(shown)) == {
        "label_by",
        *("set_by_hand", "not_paid", "by_hand", "given_up"),
    }
    summary = " ".join(f'"{field}"' for field in Summary.model_fields)
    assert summary in re.sub(r",\s+", " ", SECTIONS[6][1])


def unsaid(model: BaseModel, raw: dict[str, Any]) -> set[str]:
    """The fields of a model, and of the models in it, that an example of it leaves out."""
    found = type(model).model_fields.keys() - raw.keys()
    for name, value in model:
        inner = value if isinstance(value, list) else [value]
        given = raw.get(name) if isinstance(raw.get(name), list) else [raw.get(name)]
        for one, said in zip(inner, given or [], strict=False):
            if isinstance(one, BaseModel) and isinstance(said, dict):
                found |= unsaid(one, said)
    return found


def test_its_policy_is_the_default_and_whole() -> None:
    [text] = code_examples(5, "toml")
    assert parse_policy(text) == parse_policy("")
    raw = tomllib.loads(text)
    for name, value in parse_policy(""):
        if isinstance(value, BaseModel):
            assert raw[name].keys() == type(value).model_fields.keys(), name


def test_its_messages_have_the_codes_fields() -> None:
    said = {words(cells[0])[0]: words(cells[1]) for cells in rows(7) if cells[0].removeprefix("signal ")[0] == "`"}
    for name, model in MESSAGES.items():
        assert set(model.model_fields) <= set(said[name]), name
    text = SECTIONS[7][1].partition("**RepairWorkflow**")[2]
    for name, model in OTHER_MESSAGES.items():
        [fields] = re.findall(rf"`{name} \{{([^}}]+)\}}`", text)
        assert re.split(r",\s+", fields) == list(model.model_fields), name


def test_its_attention_steps_are_the_operators() -> None:
    assert set(LISTS["steps in attention"]) == told() | {"orphaned"}


def test_its_timeline_events_are_the_codes() -> None:
    ours = {event for name, events in LISTS.items() if name.startswith("timeline events") for event in events}
    by_state = {status.value for status in Status} | {state.value for state in RepairState}
    by_state |= {"hold_released", "hold_captured", "refund_failed", "charge_failed"}
    noted = {event for folder in ("lifecycle", "workflows") for event in noted_in(ROOT / folder)}
    assert noted - ours == set()
    assert ours - noted - by_state == set()


def noted_in(folder: Path) -> Iterator[str]:
    """Every event that a call of ``note``, or an entry of its own, names in so many words."""
    for path in folder.rglob("*.py"):
        tree = ast.parse(path.read_text())
        constants = {
            target.id: node.value
            for node in tree.body
            if isinstance(node, ast.AnnAssign) and isinstance(target := node.target, ast.Name)
        }
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            event = event_of(call)
            event = constants.get(event.id) if isinstance(event, ast.Name) else event
            ends = (event.body, event.orelse) if isinstance(event, ast.IfExp) else (event,)
            for end in ends:
                if isinstance(end, ast.Constant):
                    yield str(end.value)


def event_of(call: ast.Call) -> ast.expr | None:
    if isinstance(call.func, ast.Attribute) and call.func.attr == "note" and len(call.args) > 1:
        return call.args[1]
    return next((word.value for word in call.keywords if word.arg == "event"), None)


def test_every_recorded_step_has_a_name_of_the_contract() -> None:
    table = {words(cells[0])[0]: words(cells[1]) for cells in rows(7) if words(cells[0]) and len(cells) == 2}
    known = [name for kind in table if kind.endswith("Workflow") for name in table[kind]]
    pattern = re.compile("|".join(re.sub(r"\\\{\w+\\\}", r"[\\w-]+", re.escape(name)) for name in known))
    ids = {name for path in (ROOT / "tests" / "histories").rglob("*.json") for name in activity_ids(path)}
    assert {
        name for name in ids if not pattern.fullmatch(re.sub(r"-\d+$", "", name)) and not pattern.fullmatch(name)
    } == set()


def activity_ids(path: Path) -> Iterator[str]:
    for event in json.loads(path.read_text())["events"]:
        if scheduled := event.get("activityTaskScheduledEventAttributes"):
            yield scheduled["activityId"]
        marker = event.get("markerRecordedEventAttributes", {})
        if marker.get("markerName") == "core_local_activity":
            yield json.loads(b64decode(marker["details"]["data"]["payloads"][0]["data"]))["activity_id"]


def test_its_calls_and_their_scopes_are_the_codes() -> None:
    said = {words(cells[0])[0]: set(words(cells[1])) for cells in rows(8) if len(cells) == 3 and words(cells[0])}
    known = {}
    for (method, path), opens in TABLE.items():
        if path.startswith(("/v1/", "/schemas")) or path in ("/healthz", "/readyz", "/docs", "/openapi.json"):
            call = f"{method} {path.replace(':path', '')}"
            known[call] = set() if isinstance(opens, Other) else set(opens)
    assert said == known


def test_its_commands_are_the_codes() -> None:
    said = {word.removeprefix("homeward ") for cells in rows(9) for word in words(cells[0]) if word.startswith("homew")}
    assert said == set(commands(main, ""))


def commands(group: click.Group, before: str) -> Iterator[str]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from commands(command, f"{before}{name} ")
        if not isinstance(command, click.Group) or command.invoke_without_command:
            yield f"{before}{name}"
