"""Who gave whom a way in, took it, or changed what they may do: written with what was done, and never changed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import Connection, insert, select

from gateways.database.engine import Database, rows_of
from gateways.database.tables.staff import staff, staff_acts

Did = Literal["added", "roles", "disabled", "enabled", "link", "password", "signed_out"]
#: Who it was where it was done by ``homeward staff``: whoever may run commands beside the database.
COMMAND: Final = "homeward staff"
_NEWEST: Final = (
    select(staff_acts.c.at, staff_acts.c.by, staff_acts.c.act, staff_acts.c.detail, staff.c.name, staff.c.login)
    .join(staff, staff.c.id == staff_acts.c.staff_id)
    .order_by(staff_acts.c.id.desc())
)


@dataclass(frozen=True)
class Act:
    """What was done, by whom, and when; ``detail`` says it more closely."""

    did: Did
    by: str
    at: datetime
    detail: str = ""


def record(connection: Connection, staff_id: int, act: Act) -> None:
    """Write down that it was done to this account, in the transaction that does it."""
    row = {"at": act.at, "by": act.by, "staff_id": staff_id, "act": act.did, "detail": act.detail[:200]}
    connection.execute(insert(staff_acts), row)


async def newest(database: Database, limit: int) -> list[dict[str, Any]]:
    """The newest acts, with whom they were done to. Raises ``Unavailable``."""
    return await rows_of(database, _NEWEST.limit(limit))
