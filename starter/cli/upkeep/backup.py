"""Backups of what `homeward up` keeps, and bringing one back."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from sqlalchemy import make_url

from starter.cli.shared import render
from starter.cli.shared.session import WrongInput, settings_or_exit
from starter.local import backup as backups
from starter.local.data_dir import LocalError
from starter.shared.connect import where_is_the_database
from workers.settings import Settings

_FOLDER = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
_DATA_DIR = click.option(
    "--data-dir", type=click.Path(path_type=Path, file_okay=False), default=None, help="Where all data is."
)


def _show(manifest: dict[str, Any]) -> None:
    for name, file in manifest["files"].items():
        render.line(f"{name}: {file['bytes']} bytes, sha256 {file['sha256']}")
    render.line(f"made {manifest['made_at']} by version {manifest['homeward']}, schema {manifest['revision']}")


@click.command()
@_FOLDER
@_DATA_DIR
@render.answers(_show)
def backup(folder: Path, data_dir: Path | None) -> dict[str, Any]:
    """Copy what `homeward up` keeps into DIR, which is new or empty; it may go on running."""
    settings = _settings(data_dir)
    return _done(lambda: backups.back_up(settings.data_dir.absolute(), _books(settings), folder))


@click.command()
@_FOLDER
@_DATA_DIR
@render.answers(_show)
def restore(folder: Path, data_dir: Path | None) -> dict[str, Any]:
    """Bring the backup in DIR back, where no `homeward up` runs and no data is; `homeward reconcile` comes after."""
    return _done(lambda: backups.restore(folder, _settings(data_dir).data_dir.absolute()))


def _settings(data_dir: Path | None) -> Settings:
    settings = settings_or_exit()
    return settings.model_copy(update={"data_dir": data_dir}) if data_dir else settings


def _books(settings: Settings) -> Path:
    url = make_url(where_is_the_database(settings))
    if url.get_backend_name() != "sqlite" or not url.database:
        raise WrongInput([("HOMEWARD_DATABASE_URL", "expected SQLite; PostgreSQL has pg_dump: see docs/backup.md")])
    return Path(url.database)


def _done(work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        return work()
    except LocalError as error:
        field, _, text = str(error).partition(": ")
        raise WrongInput([(field, text)]) from None
