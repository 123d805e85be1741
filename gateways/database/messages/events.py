"""What happened to returns, kept to be told to subscribers, in order for each return."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from gateways.database.statements import insert_if_new
from gateways.database.tables import events
from lifecycle.returns.views.events import News


@dataclass(frozen=True)
class Event:
    """One event; ``number`` counts within its return, ``data`` is what is told of it."""

    return_id: str
    number: int
    at: datetime
    data: dict[str, Any]


def write(connection: Connection, news: News, now: datetime) -> None:
    """Keep what happened; what is known by its number stays as it was first written."""
    summary = news.summary.model_dump(mode="json")
    rows = [
        {
            "return_id": news.summary.return_id,
            "number": happened.number,
            "at": happened.at,
            "written_at": now,
            "data": {
                "number": happened.number,
                "entry": happened.model_dump(mode="json", exclude={"number"}),
                "summary": summary,
            },
            "spread": False,
        }
        for happened in news.happened
    ]
    if rows:
        connection.execute(insert_if_new(events, connection.dialect.name), rows)
