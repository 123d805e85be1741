"""Backups of what `homeward up` keeps: both files, whole, each as it was at one instant, while everything runs.

The books are copied first, then Temporal. What happens between the two is known to the workflows and not to the books:
a workflow that has seen a payment done never asks for it again. The reverse is safe by the ledger alone.
"""

import hashlib
import json
import os
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from gateways.database.engine import knows
from starter.local.data_dir import BOOKS, TEMPORAL, LocalError, alone, check_whole
from starter.local.private import keep_private

MANIFEST: Final = "manifest.json"
#: In the order in which they are copied.
_FILES: Final = (BOOKS, TEMPORAL)
_HAS_KEYS: Final = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'data_keys'"
_REVISION: Final = "SELECT version_num FROM alembic_version"


def back_up(data_dir: Path, books: Path, folder: Path) -> dict[str, Any]:
    """Copy both files into a new or empty folder; gives the manifest. Raises ``LocalError``."""
    sources = {BOOKS: books, TEMPORAL: data_dir / TEMPORAL}
    for path in sources.values():
        if not path.is_file():
            raise LocalError(f"--data-dir: expected {path}, which is not there")
    if folder.exists() and any(folder.iterdir()):
        raise LocalError(f"DIR: expected a folder that is new or empty: {folder}")
    keep_private(folder)
    for name in _FILES:
        _copy(sources[name], folder / name)
        check_whole(folder / name)
    _copy_new_keys(books, folder / BOOKS)
    manifest = {
        "made_at": datetime.now(UTC).isoformat(),
        "homeward": version("homeward"),
        "revision": _revision(folder / BOOKS),
        "files": {name: {"sha256": _digest(folder / name), "bytes": (folder / name).stat().st_size} for name in _FILES},
    }
    # Last: a folder without one is no backup.
    _write(folder / MANIFEST, json.dumps(manifest, indent=2))
    return manifest


def _copy(source: Path, target: Path) -> None:
    """By SQLite's online backup, in one step: one that others write to meanwhile is copied as it was before."""
    target.touch(mode=0o600)
    with closing(sqlite3.connect(_read_only(source), uri=True)) as there, closing(sqlite3.connect(target)) as copy:
        there.backup(copy)
        # What is read later shall stand in the file itself.
        copy.execute("PRAGMA journal_mode=DELETE")


def _copy_new_keys(source: Path, copy: Path) -> None:
    """Add the keys of workflows that began between the two: without its key nobody could read one again."""
    with closing(sqlite3.connect(copy, uri=True)) as connection:
        if connection.execute(_HAS_KEYS).fetchone():
            connection.execute("ATTACH ? AS source", (_read_only(source),))
            connection.execute("INSERT OR IGNORE INTO data_keys SELECT * FROM source.data_keys")
            connection.commit()


def _read_only(path: Path) -> str:
    return f"{path.absolute().as_uri()}?mode=ro"


def _revision(path: Path) -> str | None:
    with closing(sqlite3.connect(path)) as connection:
        row = connection.execute(_REVISION).fetchone()
    return str(row[0]) if row else None


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text)


def restore(folder: Path, data_dir: Path) -> dict[str, Any]:
    """Bring a backup back into a data directory that nobody uses and that holds neither file; gives the manifest.

    Raises ``LocalError``; then nothing was brought back.
    """
    manifest = _checked(folder)
    if not knows(manifest.get("revision")):
        raise LocalError(f"DIR: its schema is {manifest.get('revision')}: restore it with the version that made it")
    keep_private(data_dir)
    with alone(data_dir):
        for path in (data_dir / name for name in _FILES):
            if path.exists():
                raise LocalError(f"--data-dir: {path} is there: move it away, with what lies beside it")
        for name in _FILES:
            _bring(folder / name, data_dir / name)
    return manifest


def _checked(folder: Path) -> dict[str, Any]:
    """The manifest of a backup that is whole."""
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
        files = {name: manifest["files"][name]["sha256"] for name in _FILES}
    except (OSError, ValueError, KeyError, TypeError):
        raise LocalError(f"DIR: expected a backup, with its {MANIFEST}: {folder}") from None
    for name, digest in files.items():
        path = folder / name
        if not path.is_file() or _digest(path) != digest:
            raise LocalError(f"DIR: {path} is not what was backed up: its checksum differs")
        check_whole(path)
    return manifest


def _bring(source: Path, target: Path) -> None:
    """Whole or not at all: it has its name once all of it is there."""
    partly = target.with_name(f"{target.name}.partly")
    partly.touch(mode=0o600)
    with source.open("rb") as backup, partly.open("wb") as file:
        shutil.copyfileobj(backup, file)
        file.flush()
        os.fsync(file.fileno())
    partly.rename(target)
