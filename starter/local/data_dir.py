"""The folder that `homeward up` keeps everything in: used by one process at a time, its files whole."""

import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

#: Our own database, and the embedded Temporal server's.
BOOKS: Final = "homeward.db"
TEMPORAL: Final = "temporal.db"


class LocalError(Exception):
    """It cannot be done here; the message names what to change."""


@contextmanager
def alone(data_dir: Path) -> Iterator[None]:
    """Two servers on one data directory would spoil it; raises ``LocalError`` for the second."""
    path = data_dir / "up.lock"
    path.touch(mode=0o600)
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LocalError(f"--data-dir: {data_dir} is in use by another `homeward up`") from None
        yield


def check_whole(path: Path) -> None:
    """Raise ``LocalError`` where a database's file is corrupt; one that is not there is not."""
    if path.exists() and (wrong := _wrong(path)):
        advice = "move it away with what lies beside it, and bring a backup back by `homeward restore`"
        raise LocalError(f"{path} is corrupt ({wrong}): {advice}")


def _wrong(path: Path) -> str | None:
    """What SQLite says is wrong with a file; None for nothing."""
    try:
        with closing(sqlite3.connect(path)) as connection:
            (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        return str(error)
    return None if found == "ok" else " ".join(str(found).split())
