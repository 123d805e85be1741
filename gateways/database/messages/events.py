"""What happened to returns, stored to be published to subscribers, in order for each return."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from gateways.database.engine import Database
from gateways.database.last_change import touch
from gateways.database.statements import insert_if_new
from gateways.database.tables.messages import events
from gateways.database.tables.returns import returns
from lifecycle.contract.events.types import EVENT_TYPES
from lifecycle.returns.views.events import EventBatch, EventEntry


@dataclass(frozen=True)
class Event:
    """One event; ``number`` counts within its return, ``data`` is what is published of it."""

    return_id: str
    number: int
    at: datetime
    data: dict[str, Any]


#: What a line of the order carries for whoever reads on; it travels from here alone, not through the workflow.
_OF_LINE = ("category", "tags", "image_url", "tax_lines")
_OF_ORDER = ("locale", "tags")
_REQUEST = select(returns.c.request).where(returns.c.return_id == bindparam("of"))
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
    request = connection.execute(_REQUEST, {"of": batch.summary.return_id}).scalar() or {}
    ordered = request.get("order", {})
    order = _carried(ordered, _OF_ORDER)
    lines = {line["line_id"]: _carried(line, _OF_LINE) for line in ordered.get("lines", ())}
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
                **_facts(entry, order, lines),
            },
            "spread": False,
        }
        for entry in batch.happened
    ]
    if rows:
        connection.execute(insert_if_new(events, connection.dialect.name), rows)
        touch(connection, batch.summary.return_id)


def _facts(entry: EventEntry, order: Mapping[str, Any], lines: Mapping[str, Any]) -> dict[str, Any]:
    """What it is about, with what the order carries for it."""
    facts: dict[str, Any] = entry.facts.model_dump(mode="json") if entry.facts else {}
    if "units" in facts:
        facts["units"] = [row | lines.get(row["line_id"], {}) for row in facts["units"]]
    known = EVENT_TYPES.get(entry.event)  # type: ignore[call-overload]  # any text; those without a row carry nothing
    return facts | ({"order": order} if known and "order" in known.carries and order else {})


def _carried(given: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    return {name: given[name] for name in names if given.get(name)}
