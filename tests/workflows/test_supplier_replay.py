"""Histories of goods to suppliers, one for each path, go the same way with today's code."""

import json
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from tests.histories.record_suppliers import FOLDER, PATHS
from workers.converter import CONVERTER
from workers.main import SANDBOX
from workflows.supplier_workflow import SupplierReturnWorkflow

HISTORIES = sorted(FOLDER.glob("*.json"))


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.stem)
async def test_a_recorded_journey_replays(path: Path) -> None:
    raw = json.loads(path.read_text())
    workflow_id = raw["events"][0]["workflowExecutionStartedEventAttributes"]["workflowId"]
    replayer = Replayer(workflows=[SupplierReturnWorkflow], data_converter=CONVERTER, workflow_runner=SANDBOX)
    await replayer.replay_workflow(WorkflowHistory.from_json(workflow_id, raw))


def test_every_path_has_its_history() -> None:
    assert {path.stem for path in HISTORIES} >= set(PATHS)
