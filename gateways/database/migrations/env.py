"""Alembic's way in; run within the process, on the connection it is given."""

from alembic import context

from gateways.database.columns import metadata
from gateways.database.tables import (  # noqa: F401 (they fill the metadata)
    access,
    credit,
    desk,
    messages,
    orders,
    reconciliation,
    returns,
    schema,
    search,
    staff,
    steps,
    stock,
    support,
)
from gateways.sandbox import tables as sandbox_tables  # noqa: F401 (they fill the metadata)

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
context.run_migrations()
