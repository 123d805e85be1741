"""Encryption of what Temporal keeps."""

from typing import Any

import click

from gateways.database.engine import Database
from starter.cli.shared import render
from starter.cli.shared.session import WrongInput, settings_or_exit, with_database


@click.group()
def encryption() -> None:
    """Manage the keys that what Temporal keeps is encrypted with."""


def _show(done: dict[str, Any]) -> None:
    render.line(f"{done['rewrapped']} data keys are encrypted by {done['master']} now")


@encryption.command()
@render.answers(_show)
def rewrap() -> dict[str, Any]:
    """Encrypt all data keys by the first master key, so that the others can be taken away."""
    from workers.data_keys import rewrap as rewrap_all
    from workers.master_keys import load_master_keys

    source = settings_or_exit().encryption_keys
    if source is None:
        raise WrongInput([("HOMEWARD_ENCRYPTION_KEYS", "expected the master keys")])

    async def act(db: Database) -> dict[str, Any]:
        masters = load_master_keys(source)
        return {"rewrapped": await rewrap_all(db, masters), "master": masters.current}

    return with_database(act)
