"""Signing secrets: made at first use, the same for every process on this database."""

from secrets import token_urlsafe

from sqlalchemy import Connection, select

from gateways.database.engine import Database
from gateways.database.statements import insert_if_new
from gateways.database.tables.access import secrets

_BYTES = 32


async def secret(database: Database, name: str) -> str:
    """The secret of this name; two processes that make it at once get the same. Raises ``Unavailable``."""
    kept = select(secrets.c.value).where(secrets.c.name == name)

    def find(connection: Connection) -> str | None:
        return connection.execute(kept).scalar_one_or_none()

    def find_or_make(connection: Connection) -> str:
        insert = insert_if_new(secrets, connection.dialect.name)
        connection.execute(insert, {"name": name, "value": token_urlsafe(_BYTES)})
        return str(connection.execute(kept).scalar_one())

    found: str | None = await database.read(find)
    if found is None:
        found = await database.write(find_or_make)
    return found
