"""Commands about the database itself."""

import click

from gateways.database.engine import Database
from starter.cli.shared import render
from starter.cli.shared.session import with_database


@click.group("db")
def db() -> None:
    """Manage the database."""


@db.command()
@render.json_option
def upgrade(*, as_json: bool) -> None:
    """Bring the database to the newest schema."""

    async def act(database: Database) -> None:
        await database.upgrade()

    with_database(act)
    if as_json:
        render.put_json({"upgraded": True})
    else:
        render.line("the database has the newest schema")
