"""Histories of earlier runs, one for each path, go the same way with today's code."""

import json
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from starter.demo.stories import STORIES
from tests.histories import record_repairs, record_suppliers, record_support, record_told
from workers.converter import CONVERTER
from workers.main import SANDBOX
from workflows.repair_workflow import RepairWorkflow
from workflows.return_workflow import ReturnWorkflow
from workflows.supplier_workflow import SupplierReturnWorkflow
from workflows.support_workflow import SupportCaseWorkflow

FOLDER = Path(__file__).parent.parent / "histories"
HISTORIES = sorted(FOLDER.rglob("*.json"))
WORKFLOWS = [ReturnWorkflow, RepairWorkflow, SupplierReturnWorkflow, SupportCaseWorkflow]


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: f"{path.parent.name}/{path.stem}")
async def test_a_recorded_history_replays(path: Path) -> None:
    raw = json.loads(path.read_text())
    history = WorkflowHistory.from_json(_workflow_id(raw), raw)
    replayer = Replayer(workflows=WORKFLOWS, data_converter=CONVERTER, workflow_runner=SANDBOX)
    await replayer.replay_workflow(history)


@pytest.mark.parametrize(
    ("folder", "paths"),
    [
        (FOLDER, STORIES),
        (record_repairs.FOLDER, record_repairs.PATHS),
        (record_suppliers.FOLDER, record_suppliers.PATHS),
        (record_support.FOLDER, record_support.PATHS),
        (record_told.FOLDER, record_told.PATHS),
    ],
    ids=["stories", "repairs", "suppliers", "support", "told"],
)
def test_every_path_has_its_history(folder: Path, paths: dict[str, Any]) -> None:
    assert {path.stem for path in folder.glob("*.json")} >= set(paths)


async def test_a_history_that_was_tampered_with_does_not_replay() -> None:
    """Shows that the replay looks: the same history without its label is refused."""
    raw = json.loads((FOLDER / "refund.json").read_text())
    for event in raw["events"]:
        attributes = event.get("activityTaskScheduledEventAttributes")
        if attributes and attributes["activityId"] == "buy_return_label":
            attributes["activityId"] = "something_else"
    replayer = Replayer(workflows=WORKFLOWS, data_converter=CONVERTER, workflow_runner=SANDBOX)
    with pytest.raises(Exception, match="something_else"):
        await replayer.replay_workflow(WorkflowHistory.from_json(_workflow_id(raw), raw))


def _workflow_id(raw: dict[str, Any]) -> str:
    started: dict[str, str] = raw["events"][0]["workflowExecutionStartedEventAttributes"]
    return started["workflowId"]
