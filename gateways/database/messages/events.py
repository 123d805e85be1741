"""What happened to returns, stored to be published to subscribers, in order for each return."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from gateways.database.statements import insert_if_new
from gateways.database.tables.messages import events
from lifecycle.returns.views.events import EventBatch


@dataclass(frozen=True)
class Event:
    """One event; ``number`` counts within its return, ``data`` is what is published of it."""

    return_id: str
    number: int
    at: datetime
    data: dict[str, Any]


def write(connection: Connection, batch: EventBatch, now: datetime) -> None:
    """Keep what happened; what is known by its number stays as it was first written."""
    summary = batch.summary.model_dump(mode="json")
    rows = [
        {
            "return_id": batch.summary.return_id,
            "number": entry.number,
            "at": entry.at,
            "written_at": now,
            "data": {
                "number": entry.number,
                "entry": entry.model_dump(mode="json", exclude={"number", "facts"}),
                "summary": summary,
                **(entry.facts.model_dump(mode="json") if entry.facts else {}),
            },
            "spread": False,
        }
        for entry in batch.happened
    ]
    if rows:
        connection.execute(insert_if_new(events, connection.dialect.name), rows)
