"""What happened to returns, stored to be published to subscribers, in order for each return."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from gateways.database.engine import Database
from gateways.database.last_change import touch
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


_AFTER = (
    select(events.c.return_id, events.c.number, events.c.at, events.c.data, events.c.position)
    .where(events.c.position > bindparam("after"))
    .order_by(events.c.position)
    .limit(bindparam("most"))
)


async def after(database: Database, position: int, most: int) -> list[tuple[int, Event]]:
    """Events behind that position, oldest first, each with its own. They may be told to several, at any time."""
    asked = {"after": position, "most": most}
    rows = await database.read(lambda connection: connection.execute(_AFTER, asked).all())
    return [(row.position, Event(row.return_id, row.number, row.at, dict(row.data))) for row in rows]


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
        touch(connection, batch.summary.return_id)
