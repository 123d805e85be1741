"""Logs are JSON lines with the return's id, and nothing personal gets into them."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from temporalio import activity, workflow
from temporalio.testing import ActivityEnvironment

from workers.telemetry import configure_logging

PERSONAL = ("Sample Customer", "customer@example.com", "1 Main St", "Springfield")


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    written = io.StringIO()
    monkeypatch.setattr("sys.stderr", written)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    configure_logging("INFO")
    yield written
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def _read(written: io.StringIO) -> list[dict[str, Any]]:
    assert not any(text in written.getvalue() for text in PERSONAL)
    return [json.loads(line) for line in written.getvalue().splitlines()]


def test_only_known_ids_are_kept(lines: io.StringIO) -> None:
    structlog.get_logger("homeward").info(
        "label bought",
        return_id="R-1001",
        step="buy_return_label",
        name="Sample Customer",
        address="1 Main St",
    )
    (line,) = _read(lines)
    assert line["event"] == "label bought"
    assert line["return_id"] == "R-1001"
    assert line["step"] == "buy_return_label"
    assert line["level"] == "info"
    assert line["timestamp"].endswith("Z")
    assert line["left_out"] == ["address", "name"]


def test_an_id_that_is_a_mail_address_is_left_out(lines: io.StringIO) -> None:
    structlog.get_logger().info("sent to customer@example.com", order_id="customer@example.com")
    (line,) = _read(lines)
    assert line["event"] == "sent to [mail]"
    assert line["left_out"] == ["order_id"]


def _fail() -> None:
    addresses: dict[str, str] = {}
    try:
        addresses["customer@example.com"]
    except KeyError as error:
        raise ValueError("Sample Customer, 1 Main St") from error


def test_an_exception_shows_types_and_places_only(lines: io.StringIO) -> None:
    try:
        _fail()
    except ValueError:
        logging.getLogger("library").exception("failed for %s", "Sample Customer")
        structlog.get_logger().exception("a step failed", step="open")
    foreign, own = _read(lines)
    assert foreign["event"] == "failed for %s"
    assert foreign["exception"] == own["exception"] == "ValueError < KeyError"
    assert "test_telemetry.py" in own["where"][-1]


def test_a_libraries_numbers_are_filled_in_its_texts_are_not(lines: io.StringIO) -> None:
    logging.getLogger("library").warning("process [%d] took %.1f s", 12, 0.5)
    logging.getLogger("library").warning("%d mails to %s", 2, "Sample Customer")
    assert [line["event"] for line in _read(lines)] == ["process [12] took 0.5 s", "%d mails to %s"]


def test_a_workflows_line_names_its_return(lines: io.StringIO) -> None:
    extra = {"temporal_workflow": {"workflow_id": "return-R-1001", "attempt": 1, "workflow_type": "ReturnWorkflow"}}
    logging.getLogger(workflow.logger.name).warning("parked", extra={**extra, "step": "refund", "note": "1 Main St"})
    (line,) = _read(lines)
    assert line["return_id"] == "R-1001"
    assert line["workflow_id"] == "return-R-1001"
    assert line["step"] == "refund"
    assert line["left_out"] == ["note"]


async def test_an_activitys_line_names_its_return(lines: io.StringIO) -> None:
    environment = ActivityEnvironment()

    def act() -> None:
        activity.logger.info("done", extra={"code": "ok"})

    environment.run(act)
    (line,) = _read(lines)
    assert line["event"] == "done"
    assert line["activity_type"] == "unknown"


def test_a_logger_that_has_logged_follows_what_is_configured_later(lines: io.StringIO) -> None:
    logger = structlog.get_logger("homeward.http")
    logger.info("request")
    structlog.reset_defaults()
    with structlog.testing.capture_logs() as captured:
        logger.info("request")
    assert [line["event"] for line in captured] == ["request"]
    assert len(lines.getvalue().splitlines()) == 1
