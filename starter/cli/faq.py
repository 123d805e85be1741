"""What the FAQ is good for."""

from typing import Any

import click

from gateways.database.support.faq import counts
from starter.cli.shared import render
from starter.cli.shared.session import with_database


def _show(rows: list[dict[str, Any]]) -> None:
    render.records("FAQ", ["faq_id", "title", "shown", "ended"], rows)


@click.command()
@render.answers(_show)
def faq() -> list[dict[str, Any]]:
    """Show how often each answer of the FAQ was shown, and how often it ended the question."""
    return with_database(counts)
