"""How a partner's failed steps are tried again, as operators changed it: who, when, why and to what."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from gateways.database.tables.steps import retry_changes

#: What can be changed; an empty one is not changed.
CHANGED = (
    *("initial_seconds", "maximum_seconds", "give_up_after_seconds", "retry_after_maximum_seconds"),
    "recovery_rps",
)
_NEWEST = select(retry_changes).order_by(retry_changes.c.id.desc()).limit(1)


def newest(connection: Connection, partner: str) -> dict[str, Any]:
    """What holds for a partner, with ``by``, ``why`` and ``at``; empty where nobody has changed anything."""
    found = connection.execute(_NEWEST.where(retry_changes.c.partner == partner)).mappings().one_or_none()
    return dict(found or {})


def keep(connection: Connection, partner: str, at: datetime, said: dict[str, Any]) -> None:
    """Have this hold from now on: ``by``, ``why`` and the values of ``CHANGED``."""
    connection.execute(insert(retry_changes), {"partner": partner, "at": at, **said})
