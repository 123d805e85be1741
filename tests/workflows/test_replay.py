"""Histories of earlier runs, one for each path, go the same way with today's code."""

import json
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from starter.demo.stories import STORIES
from tests.histories import record_orders, record_repairs, record_revived, record_suppliers, record_support, record_told
from tests.histories.recording import RELEASE, SUMS, sums_of
from workers.converter import CONVERTER
from workers.deployment.workflow_code import SANDBOX
from workflows.repairs.workflow import RepairWorkflow
from workflows.returns.workflow import ReturnWorkflow
from workflows.suppliers.workflow import SupplierReturnWorkflow
from workflows.support.workflow import SupportCaseWorkflow

#: Those of each release in a folder of its name.
FOLDER = Path(__file__).parent.parent / "histories"
RELEASES = sorted(path.parent for path in FOLDER.glob(f"*/{SUMS}"))
HISTORIES = sorted(FOLDER.rglob("*.json"))
WORKFLOWS = [ReturnWorkflow, RepairWorkflow, SupplierReturnWorkflow, SupportCaseWorkflow]


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: str(path.relative_to(FOLDER).with_suffix("")))
async def test_a_recorded_history_replays(path: Path) -> None:
    raw = json.loads(path.read_text())
    history = WorkflowHistory.from_json(_workflow_id(raw), raw)
    replayer = Replayer(workflows=WORKFLOWS, data_converter=CONVERTER, workflow_runner=SANDBOX)
    await replayer.replay_workflow(history)


def test_every_history_belongs_to_a_release() -> None:
    assert RELEASE in RELEASES
    assert {path.relative_to(FOLDER).parts[0] for path in HISTORIES} == {release.name for release in RELEASES}


@pytest.mark.parametrize("release", RELEASES, ids=lambda release: release.name)
def test_a_recorded_history_is_never_changed(release: Path) -> None:
    """It stands for returns that the release opened: where today's code does not go through it, the code is wrong."""
    assert (release / SUMS).read_text() == sums_of(release)


@pytest.mark.parametrize(
    ("folder", "paths"),
    [
        (RELEASE, STORIES),
        (record_orders.FOLDER, record_orders.PATHS),
        (record_repairs.FOLDER, record_repairs.PATHS),
        (record_suppliers.FOLDER, record_suppliers.PATHS),
        (record_support.FOLDER, record_support.PATHS),
        (record_revived.FOLDER, record_revived.PATHS),
        (record_told.FOLDER, record_told.PATHS),
    ],
    ids=["stories", "orders", "repairs", "suppliers", "support", "revived", "told"],
)
def test_every_path_has_its_history(folder: Path, paths: dict[str, Any]) -> None:
    assert {path.stem for path in folder.glob("*.json")} >= set(paths)


async def test_a_history_that_was_tampered_with_does_not_replay() -> None:
    """Shows that the replay looks: the same history without its label is refused."""
    raw = json.loads((RELEASE / "refund.json").read_text())
    for event in raw["events"]:
        attributes = event.get("activityTaskScheduledEventAttributes")
        if attributes and attributes["activityId"] == "buy_return_label":
            attributes["activityId"] = "something_else"
    replayer = Replayer(workflows=WORKFLOWS, data_converter=CONVERTER, workflow_runner=SANDBOX)
    with pytest.raises(Exception, match="something_else"):
        await replayer.replay_workflow(WorkflowHistory.from_json(_workflow_id(raw), raw))


@pytest.mark.parametrize("name", ["refund.json", "support/settled.json"])
async def test_texts_that_were_recorded_are_not_judged_anew(name: str) -> None:
    """What runs already goes on, whatever a start or a message like it would be refused for today."""
    raw = json.loads((RELEASE / name).read_text())
    messages = 0
    for event in raw["events"]:
        started = event.get("workflowExecutionStartedEventAttributes")
        accepted = event.get("workflowExecutionUpdateAcceptedEventAttributes")
        if started:
            _spoil(started["input"]["payloads"][0])
        elif accepted and "args" in accepted["acceptedRequest"]["input"]:
            messages += 1
            _spoil(accepted["acceptedRequest"]["input"]["args"]["payloads"][0])
    assert messages
    replayer = Replayer(workflows=WORKFLOWS, data_converter=CONVERTER, workflow_runner=SANDBOX)
    await replayer.replay_workflow(WorkflowHistory.from_json(_workflow_id(raw), raw))


def _spoil(payload: dict[str, str]) -> None:
    given = json.loads(b64decode(payload["data"]))
    customer = given["order"]["customer"] if "order" in given else given
    if "email" in customer:
        customer["email"] = "john,doe@example.com"
    for field in {"by", "subject"} & set(given):
        if given[field] != "customer":  # who decides what a message is
            given[field] += "\x85\u2028"
    payload["data"] = b64encode(json.dumps(given).encode()).decode()


def _workflow_id(raw: dict[str, Any]) -> str:
    started: dict[str, str] = raw["events"][0]["workflowExecutionStartedEventAttributes"]
    return started["workflowId"]
