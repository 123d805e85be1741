"""Bringing a new version in."""

import click

from starter.cli.deploy.check import check


@click.group()
def deploy() -> None:
    """Bring a new version in: see that open returns go on with it."""


deploy.add_command(check)
