"""Commands for a return that no workflow carries."""

import click

from client.returns import Homeward
from lifecycle.contract.messages import Release
from lifecycle.contract.view import Summary
from starter.cli.returns.operate import answer
from starter.cli.shared import render


@click.command()
@click.argument("return_id")
@render.json_option
def revive(return_id: str, *, as_json: bool) -> None:
    """Resume a return without a running workflow from its records."""

    async def act(homeward: Homeward) -> Summary:
        return await homeward.revive(return_id)

    answer(act, as_json=as_json)


@click.command()
@click.argument("return_id")
@click.option("--by", required=True, help="Who did it; goes into the timeline.")
@click.option("--why", required=True, help="Goes into the timeline.")
@render.json_option
def release(return_id: str, by: str, why: str, *, as_json: bool) -> None:
    """Close a return without a running workflow, and release what it claims."""

    async def act(homeward: Homeward) -> Summary:
        return await homeward.release(return_id, Release(by=by, why=why))

    answer(act, as_json=as_json)
