"""Agents: a program of the Model Context Protocol, over the HTTP API and the scopes of one key."""

import click

from starter.cli.shared.session import WrongInput, run, settings_or_exit
from starter.shared.connect import where_is_the_api
from workers.settings import Settings
from workers.telemetry import configure_logging


@click.command()
@click.option("--staff", is_flag=True, help="Offer what staff do as well: approve, decline, resolve.")
def mcp(*, staff: bool) -> None:
    """Serve an agent over stdin and stdout until it hangs up: look up, quote, start, follow and answer returns."""
    settings = settings_or_exit()
    configure_logging(settings.log_level)
    run(_serve(settings, staff=staff))


async def _serve(settings: Settings, *, staff: bool) -> None:
    try:
        from starter.agents.server import server_of
    except ModuleNotFoundError as missing:
        raise WrongInput([("homeward mcp", f"expected the extra `agents`, which brings {missing.name}")]) from None
    from client.http import HttpHomeward

    key = settings.agent_key.get_secret_value() if settings.agent_key else None
    async with HttpHomeward(settings.agent_url or where_is_the_api(settings), key) as homeward:
        await server_of(homeward, key, staff=staff).run_stdio_async()
