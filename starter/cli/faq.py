"""What the FAQ is good for."""

from typing import Any

import click

from gateways.database.engine import Database
from gateways.database.support.faq import counts
from starter.cli.shared import render
from starter.cli.shared.session import with_database


@click.command()
@render.json_option
def faq(*, as_json: bool) -> None:
    """Show how often each answer of the FAQ was shown, and how often it ended the question."""

    async def act(db: Database) -> list[dict[str, Any]]:
        return await counts(db)

    rows = with_database(act)
    if as_json:
        render.put_json(rows)
        return
    columns = ["faq_id", "title", "shown", "ended"]
    render.table("FAQ", columns, [[row[column] for column in columns] for row in rows])
