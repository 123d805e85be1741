"""What partners and Temporal say, kept aside while it is compared: more than memory should hold.

A database of SQLite's own in a temporary file that nobody else sees, gone with the object.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final

from lifecycle.reconciliation.outside import MadeParcel, MadePayment

_TABLES: Final = """
CREATE TABLE payments (return_id, kind, reference, key, payment, amount, state, at, PRIMARY KEY (kind, reference));
CREATE INDEX payments_of ON payments (return_id);
CREATE TABLE parcels (return_id, tracking_code PRIMARY KEY, key, usable);
CREATE INDEX parcels_of ON parcels (return_id);
CREATE TABLE running (return_id PRIMARY KEY, status);
CREATE TABLE lost (return_id PRIMARY KEY);
CREATE TABLE looked_at (return_id PRIMARY KEY);
"""
_NAMED: Final = """
SELECT return_id FROM running UNION SELECT return_id FROM lost
UNION SELECT return_id FROM payments UNION SELECT return_id FROM parcels
"""
#: How many ids are given at a time.
_PART: Final = 200


class Scratch:
    """By return; whose a thing is, the caller says."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.executescript(_TABLES)

    def close(self) -> None:
        """Forget all of it."""
        self._db.close()

    def add_payments(self, made: Iterable[tuple[str, MadePayment]]) -> None:
        """Keep payments, each with its return; the same again is kept once."""
        rows = [
            (return_id, one.kind, one.reference, one.key, one.payment, one.amount, one.state, one.at and str(one.at))
            for return_id, one in made
        ]
        self._db.executemany("INSERT OR REPLACE INTO payments VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)

    def add_parcels(self, made: Iterable[tuple[str, MadeParcel]]) -> None:
        """Keep parcels, each with its return."""
        rows = [(return_id, one.tracking_code, one.key, one.usable) for return_id, one in made]
        self._db.executemany("INSERT OR REPLACE INTO parcels VALUES (?, ?, ?, ?)", rows)

    def add_running(self, statuses: Mapping[str, str]) -> None:
        """Keep which returns have a workflow that runs, and the status that each is shown with."""
        self._db.executemany("INSERT OR REPLACE INTO running VALUES (?, ?)", statuses.items())

    def add_lost(self, return_ids: Iterable[str]) -> None:
        """Keep which returns have come to their end without a record."""
        self._db.executemany("INSERT OR IGNORE INTO lost VALUES (?)", [(return_id,) for return_id in return_ids])

    def new_ones(self, return_ids: Iterable[str]) -> list[str]:
        """Those that nobody has looked at yet; from now on somebody has."""
        keep = "INSERT OR IGNORE INTO looked_at VALUES (?)"
        return [return_id for return_id in return_ids if self._db.execute(keep, (return_id,)).rowcount]

    def named(self) -> Iterator[list[str]]:
        """All returns that something was kept of, in parts."""
        rows = self._db.execute(_NAMED)
        while part := rows.fetchmany(_PART):
            yield [return_id for (return_id,) in part]

    def running(self, return_ids: Collection[str]) -> dict[str, str]:
        """The statuses of those of them that run."""
        return dict(self._of("return_id, status FROM running", return_ids))

    def lost(self, return_ids: Collection[str]) -> set[str]:
        """Those of them that have come to their end without a record."""
        return {return_id for (return_id,) in self._of("return_id FROM lost", return_ids)}

    def payments(self, return_ids: Collection[str]) -> dict[str, list[MadePayment]]:
        """The payments of each."""
        found: dict[str, list[MadePayment]] = defaultdict(list)
        for return_id, kind, reference, key, payment, amount, state, at in self._of("* FROM payments", return_ids):
            when = datetime.fromisoformat(at) if at else None
            found[return_id].append(MadePayment(kind, reference, key, payment, amount, state, when))
        return found

    def parcels(self, return_ids: Collection[str]) -> dict[str, list[MadeParcel]]:
        """The parcels of each."""
        found: dict[str, list[MadeParcel]] = defaultdict(list)
        for return_id, tracking_code, key, usable in self._of("* FROM parcels", return_ids):
            found[return_id].append(MadeParcel(tracking_code, key, bool(usable)))
        return found

    def _of(self, what: str, return_ids: Collection[str]) -> sqlite3.Cursor:
        marks = ", ".join("?" * len(return_ids))
        return self._db.execute(f"SELECT {what} WHERE return_id IN ({marks})", tuple(return_ids))
