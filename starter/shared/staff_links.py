"""Links that let staff in once: printed by commands, and for the first manager by `homeward up`."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from gateways.database.engine import Database
from gateways.database.staff import accounts, links

#: How long a link can be used.
LASTS: Final = timedelta(hours=24)


@dataclass(frozen=True)
class StaffLink:
    """The address that lets its owner choose a password, once, and until when."""

    link: str
    ends_at: datetime


def link_for(connection: Connection, door: str, staff_id: int | None) -> StaffLink:
    """A link for this account, or with none for the first manager; ``door`` is where staff reach their pages."""
    ends_at = datetime.now(UTC) + LASTS
    return StaffLink(f"{door}/staff/link?token={links.make(connection, staff_id, ends_at)}", ends_at)


async def link_for_first_manager(db: Database, door: str) -> StaffLink | None:
    """The link; None where a manager may sign in already. Raises ``Unavailable``."""

    def work(connection: Connection) -> StaffLink | None:
        return None if accounts.any_manager(connection, accounts.OURS) else link_for(connection, door, None)

    return await db.write(work)
