"""Whether the tables are there that this version works with, whatever the database says of its schema."""

from sqlalchemy import Connection, inspect

from gateways.database.columns import metadata
from gateways.database.engine import Database
from gateways.database.tables import (  # noqa: F401 (they fill the metadata)
    access,
    credit,
    messages,
    orders,
    returns,
    schema,
    search,
    staff,
    steps,
    stock,
    support,
)
from gateways.sandbox import tables as sandbox_tables  # noqa: F401 (they fill the metadata)


async def missing_from(db: Database) -> list[str]:
    """The tables, and the columns of tables, that this version needs and the database lacks. Raises ``Unavailable``.

    What is there besides does no harm: a later version's migrations add before they take away.
    """
    return await db.read(_missing)


def _missing(connection: Connection) -> list[str]:
    found = inspect(connection)
    there = set(found.get_table_names())
    missing = []
    for name, table in sorted(metadata.tables.items()):
        if name not in there:
            missing.append(f"table {name}")
            continue
        known = {column["name"] for column in found.get_columns(name)}
        missing += [f"column {name}.{column.name}" for column in table.columns if column.name not in known]
    return missing
