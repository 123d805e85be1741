"""Events of workflows that are no returns: a step brings what their timelines have new, while anybody subscribes."""

from collections.abc import Sequence

from sqlalchemy import Connection

from activities.shared.effects import Effects, StepInput
from gateways.database.messages import news
from lifecycle.events.data import EventOfRecord


async def keep_events(effects: Effects, given: StepInput, record: str, happened: Sequence[EventOfRecord]) -> bool:
    """Keep them once, numbered behind those that are kept already; whether anybody wants them."""
    asked = [[event.entry.event, event.entry.at.isoformat()] for event in happened]

    def apply(connection: Connection) -> dict[str, object]:
        if not news.wanted(connection):
            return {"wanted": False}
        numbered = [event.model_copy(update={"number": news.next_number(connection, record)}) for event in happened]
        news.keep(connection, record, numbered)
        return {"wanted": True}

    kept = await effects.in_database(given, {"events": asked}, apply)
    return bool(kept["wanted"])
