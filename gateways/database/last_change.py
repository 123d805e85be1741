"""When anything was last recorded of a return: whoever follows returns asks for those changed since then."""

from datetime import UTC, datetime

from sqlalchemy import Connection, bindparam, update

from gateways.database.tables.search import listings

_TOUCH = update(listings).where(listings.c.return_id == bindparam("of")).values(updated_at=bindparam("now"))


def touch(connection: Connection, return_id: str) -> None:
    """Something is being recorded of it: at this very moment, as who asks for news goes by the time of asking."""
    connection.execute(_TOUCH, {"of": return_id, "now": datetime.now(UTC)})
