"""Whether anything in a SQLite file has changed since the last look, asked without a query of its tables."""

import sqlite3
from contextlib import suppress

from sqlalchemy.engine import URL


class Changes:
    """Counts what any other connection commits, of this process or another (SQLite's ``PRAGMA data_version``)."""

    def __init__(self, url: URL) -> None:
        self._path = url.database if url.get_backend_name() == "sqlite" else None
        self._connection: sqlite3.Connection | None = None

    def number(self) -> int | None:
        """A number that differs after each change; None where nobody can tell, as of PostgreSQL."""
        if not self._path or self._path == ":memory:":
            return None
        try:
            if self._connection is None:
                self._connection = sqlite3.connect(self._path, timeout=0, isolation_level=None, check_same_thread=False)
            found: int = self._connection.execute("PRAGMA data_version").fetchone()[0]
        except sqlite3.Error:
            self.close()  # a connection that is opened anew counts from another number
            return None
        return found

    def close(self) -> None:
        """Close its connection; the next number opens another."""
        if self._connection is not None:
            with suppress(sqlite3.Error):
                self._connection.close()
        self._connection = None
