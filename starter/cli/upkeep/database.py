"""Commands about the database itself."""

from typing import Any

import click

from gateways.database.engine import Database
from starter.cli.shared import render
from starter.cli.shared.session import with_database


@click.group("db")
def db() -> None:
    """Manage the database."""


@db.command()
@render.answers(lambda _: render.line("the database has the newest schema"))
def upgrade() -> dict[str, Any]:
    """Bring the database to the newest schema."""
    with_database(Database.upgrade)
    return {"upgraded": True}
