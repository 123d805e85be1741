"""Bringing a new version in, and taking it back."""

import click

from starter.cli.deploy.check import check
from starter.cli.deploy.rollout import promote, rollback, status


@click.group()
def deploy() -> None:
    """Bring a new version in: see that open returns go on with it, have it serve, and take it back."""


for command in (check, status, promote, rollback):
    deploy.add_command(command)
