"""What docs/events.md shows is so: the event, and how one is taken."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from gateways.database.messages.events import Event
from gateways.subscribers.envelope import cloud_event, data_schema
from gateways.subscribers.http import signed
from tests.events.receiver import SECRET

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "events.md").read_text()


def block(language: str) -> str:
    """The page's one example in that language."""
    [found] = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    return str(found)


def shown() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(block("http").partition("\n\n")[2])
    return found


def test_the_event_looks_as_it_is_shown() -> None:
    event = shown()
    made = Event(event["subject"], event["data"]["number"], datetime.now(UTC), event["data"])
    assert cloud_event(made, "https://returns.shop.example") == event
    assert not list(Draft202012Validator(data_schema("homeward.return.received")).iter_errors(event["data"]))
    assert f"webhook-id: {event['id']}\n" in block("http")


def test_the_example_takes_events_once_and_refuses_others(capsys: pytest.CaptureFixture[str]) -> None:
    example: dict[str, Any] = {}
    exec(block("python"), example)  # noqa: S102 - the page's own
    event = shown()
    body = json.dumps(event)
    headers = signed([SECRET], event["id"], body, datetime.now(UTC))
    assert [example["take"](body.encode(), headers) for _ in range(2)] == [204, 204]
    assert capsys.readouterr().out == "homeward.return.received received\n"
    assert example["take"](body.replace("4033", "4034").encode(), headers) == 401
