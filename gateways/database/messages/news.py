"""Events that are no return's, written in the transaction that makes the fact, while anybody subscribes."""

from collections.abc import Sequence
from datetime import UTC, datetime

from pydantic import AwareDatetime
from sqlalchemy import Connection, Integer, bindparam

from gateways.database.engine import SUBSCRIBED
from gateways.database.messages import subscriptions
from gateways.database.statements import insert_all_new, insert_for
from gateways.database.tables.messages import event_counters, events
from lifecycle.contract.events.data import PublishedEntry
from lifecycle.contract.events.roles import role_of
from lifecycle.events.data import EventOfRecord


def wanted(connection: Connection) -> bool:
    """Whether anybody subscribes, by the settings, this process's or those of who brings events, or by the API."""
    return (
        bool(connection.get_execution_options().get(SUBSCRIBED))
        or subscriptions.named_by_settings(connection)
        or subscriptions.any_there(connection)
    )


def keep(connection: Connection, record: str, happened: Sequence[EventOfRecord]) -> None:
    """Keep the events of a record that counts them itself; what is known by its number stays as it was."""
    now = datetime.now(UTC)
    rows = [
        {
            "return_id": record,
            "number": event.number,
            "at": event.entry.at,
            "written_at": now,
            "data": event.model_dump(mode="json"),
            "spread": False,
        }
        for event in happened
    ]
    if rows:
        connection.execute(insert_all_new(events, connection.dialect.name), rows)


def next_number(connection: Connection, record: str) -> int:
    """The number of the next event of a record that has no timeline to count; others wait until this one is kept."""
    insert = insert_for(event_counters, connection.dialect.name)
    counted = insert.on_conflict_do_update(
        index_elements=["record"], set_={"last": event_counters.c.last + bindparam("one", 1, Integer)}
    )
    return int(connection.execute(counted.returning(event_counters.c.last), {"record": record, "last": 1}).scalar_one())


def entry(at: AwareDatetime, event: str, by: str | None) -> PublishedEntry:
    """What the books say of themselves; where they name nobody, the engine did it."""
    return PublishedEntry(at=at, event=event, by=role_of(by) if by else "engine")
