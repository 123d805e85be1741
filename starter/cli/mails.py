"""The mails that were written, sent or not: without a mail server this is where they can be read."""

from collections.abc import Mapping, Sequence
from typing import Any

import click

from gateways.database.messages.outbox import latest_mails
from starter.cli.shared import render
from starter.cli.shared.session import with_database


def _show(found: Sequence[Mapping[str, Any]]) -> None:
    for mail in found:
        render.line(f"{render.printable(mail['at'])}  to {mail['to']}  ({mail['state']})")
        render.line(f"{mail['subject']}\n\n{mail['text']}")


@click.command()
@click.option("--to", default=None, help="Only those to this address.")
@click.option("--limit", type=click.IntRange(1, 1000), default=5, show_default=True, help="So many of the newest.")
@render.answers(_show)
def mails(to: str | None, limit: int) -> Sequence[Mapping[str, Any]]:
    """Show the newest mails, the latest last."""
    return with_database(lambda db: latest_mails(db, to, limit))
