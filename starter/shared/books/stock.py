"""The shelves, as the command line and the API change them by hand."""

from datetime import UTC, datetime

from client.errors import NotAllowed, UnknownReservation
from gateways.database.engine import Database
from gateways.database.returns.records import get_return
from gateways.database.stock import inventory


async def release_reservation(db: Database, key: str, by: str) -> None:
    """Release the reservation of a return that has ended; one that is released already stays so.

    Raises ``UnknownReservation``, and ``NotAllowed`` while its return is open.
    """
    owner = await inventory.reserved_for(db, key)
    if owner is None:
        raise UnknownReservation(key)
    row = await get_return(db, owner)
    if row and row.closed_at is None:
        raise NotAllowed(f"{owner} is open, and needs it")
    await db.write(lambda connection: inventory.release(connection, key, datetime.now(UTC), by))
