"""Commands for a return that no workflow carries."""

import click

from lifecycle.contract.messages import Release
from lifecycle.contract.view import Summary
from starter.cli.shared import options, render
from starter.cli.shared.session import with_homeward


@click.command()
@options.return_id
@render.answers(render.show_summary)
def revive(return_id: str) -> Summary:
    """Resume a return without a running workflow from its records."""
    return with_homeward(lambda there: there.homeward.revive(return_id))


@click.command()
@options.return_id
@click.option("--by", required=True, help="Who did it; goes into the timeline.")
@click.option("--why", required=True, help="Goes into the timeline.")
@render.answers(render.show_summary)
def release(return_id: str, by: str, why: str) -> Summary:
    """Close a return without a running workflow, and release what it claims."""
    return with_homeward(lambda there: there.homeward.release(return_id, Release(by=by, why=why)))
