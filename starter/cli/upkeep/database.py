"""Commands about the database itself."""

from typing import Any

import click

from gateways.database.engine import Database, WrongSchema
from gateways.tables_there import missing_from
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


@db.command()
@render.json_option
def check(*, as_json: bool) -> None:
    """See whether this version works with the database's schema, all tables there; ends with 1 where it does not."""
    found = with_database(_found)
    render.answer(found, _show, as_json=as_json)
    if not found["fits"]:
        raise SystemExit(1)


async def _found(database: Database) -> dict[str, Any]:
    try:
        await database.require_schema()
    except WrongSchema as error:
        return {"fits": False, "problem": str(error), "missing": []}
    missing = await missing_from(database)
    problem = "tables were changed by hand, or by a migration that was edited later" if missing else None
    return {"fits": not missing, "problem": problem, "missing": missing}


def _show(found: dict[str, Any]) -> None:
    render.line(found["problem"] or "this version works with the database's schema")
    for name in found["missing"]:
        render.line(f"missing: {name}")
