"""Reads the plan of each statement of ours that a test runs: none reads, or sorts, the whole of a table that grows.

SQLite tells its plan at once. PostgreSQL would read tables as short as a test's from end to end, and is told not to:
what it still reads so, no index can serve.
"""

import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final

from greenlet import getcurrent  # type: ignore[import-untyped]
from sqlalchemy import Connection, Engine, PrimaryKeyConstraint, UniqueConstraint, event

from gateways.database.columns import metadata

#: Functions whose statements may read all of a table.
EXCEPTIONS: Final = {
    "gateways.database.messages.inbox.dismiss_unknown": "what waits for an operator is little, or is put away by this",
    "gateways.database.messages.inbox.listed": "what waits for somebody is little; all is read from its newest on",
    "gateways.database.messages.lag._counted": "what waits to go out, or for somebody, is little",
    "gateways.database.messages.outbox.next_due": "mails that wait to be sent are few",
    "gateways.database.messages.replay.replay": "rare, for an operator: an index would cost each event that is written",
    "gateways.database.returns.listing._walk": "in the order that is asked for, until a page is full: short rows",
    "gateways.database.stock.inventory.check": "compares all that was ever moved, for an operator",
    "gateways.database.support.cases.list_cases": "queues are few: in the order of all, one's cases are met soon",
    "gateways.database.support.faq.counts": "counts all questions that were answered, for an operator",
}
#: Tables that stay short, however many returns have closed; and those of the stand-ins for partners.
SHORT: Final = {
    "breakers": "those of partners that fail now",
    "digests": "a row for each kind of step",
    "faq": "what the shop has written",
    "faq_shown": "a row for each answer of the FAQ",
    "findings": "what does not agree with partners and Temporal",
    "last_successes": "a row for each partner",
    "limit_plans": "a row for each partner",
    "link_requests": "those that wait, for seconds",
    "orphans": "those that wait for an operator",
    "reconciliations": "one row, of the last",
    "secrets": "a row for each purpose",
    "staff": "those who work at the shop",
    "staff_links": "those that were not used, for a day",
    "stock": "a row for each SKU, location and grade",
    "subscribers": "those of the settings, and of the API",
    "subscriptions": "fifty at most",
    "waiting_steps": "those that fail now",
} | {name: "a stand-in's" for name in metadata.tables if name.startswith("sandbox_")}
#: Columns of few values: found by these alone, rows are as many as the table's.
FEW_VALUES: Final = frozenset({"state", "status", "kind", "spread", "queue", "source", "subscriber"})

_OURS: Final = {"gateways", "activities", "client", "starter", "workers", "tests"}
_ON_THE_WAY: Final = {"gateways.database.engine", "gateways.database.postgresql", __name__}
_READS: Final = re.compile(r"\s*(WITH|SELECT|UPDATE|DELETE|INSERT\b.*\bSELECT)\b", re.IGNORECASE | re.DOTALL)


class PlanReader:
    """Collects what is wrong, until it is taken."""

    def __init__(self) -> None:
        self._seen: set[tuple[str, str]] = set()
        self._found: list[str] = []

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Read the plans of all statements of this process, each once."""
        event.listen(Engine, "before_cursor_execute", self._read)
        try:
            yield
        finally:
            event.remove(Engine, "before_cursor_execute", self._read)

    def forget(self) -> None:
        """Read plans again that were read before."""
        self._seen.clear()

    def take(self) -> list[str]:
        """What was found since the last time, as ``FUNCTION: STEP in STATEMENT``."""
        found, self._found = self._found, []
        return found

    def _read(self, connection: Connection, _: Any, statement: str, values: Any, __: Any, many: bool) -> None:
        if not _READS.match(statement):
            return
        by = _run_by()
        if by.startswith(("tests.", "gateways.database.migrations.")) or (by, statement) in self._seen:
            return
        self._seen.add((by, statement))
        if by not in EXCEPTIONS:
            faults = _in_sqlite if connection.dialect.name == "sqlite" else _in_postgresql
            found = faults(connection, statement, values[0] if many else values)
            self._found += [f"{by}: {step} in {statement}" for step in found]


def _run_by() -> str:
    """The innermost function of ours that is not the engine's."""
    frame: FrameType | None = sys._getframe(1)
    while frame:
        module = str(frame.f_globals.get("__name__"))
        if module.split(".", maxsplit=1)[0] in _OURS and module not in _ON_THE_WAY:
            return f"{module}.{frame.f_code.co_qualname.split('.<locals>')[0]}"
        # Work on an asynchronous driver has a stack of its own.
        frame = frame.f_back or _waiting_for_this(frame)
    return "tests.nobody of ours"  # Alembic loads migrations under names of its own


def _waiting_for_this(frame: FrameType) -> FrameType | None:
    stack = getcurrent().parent
    waiting: FrameType | None = stack.gr_frame if stack else None
    return None if waiting is frame else waiting


def _grows(table: str) -> bool:
    return table in metadata.tables and table not in SHORT


def _is_partial(index: str) -> bool:
    """Whether an index holds few rows of its table."""
    found = [one for table in metadata.tables.values() for one in table.indexes if one.name == index]
    return any(one.dialect_options["sqlite"]["where"] is not None for one in found)


# SQLite

_STEP: Final = re.compile(
    r"(?:SCAN|SEARCH) (?P<table>\w+)"
    r"(?: USING (?:COVERING )?(?:INDEX (?P<index>\w+)|INTEGER PRIMARY KEY))?(?: \((?P<by>.*)\))?"
)


def _in_sqlite(connection: Connection, statement: str, values: Any) -> Iterator[str]:
    cursor = connection.connection.cursor()
    cursor.execute(f"EXPLAIN QUERY PLAN {statement}", values)
    steps = [str(row[3]) for row in cursor.fetchall()]
    cursor.close()
    names = {alias: table for table, alias in re.findall(r"(\w+) AS (\w+)", statement)}
    # What is sorted only within equal ones is not read to its end.
    sorts = any(step.startswith("USE TEMP B-TREE FOR") and "PART" not in step for step in steps)
    ends_early = re.search(r"\sLIMIT\s", statement) is not None and not sorts
    for step in steps:
        match = _STEP.match(step)
        table = str(match["table"]) if match else ""
        if match and _grows(names.get(table, table)) and not _is_partial(match["index"] or ""):
            by = set(re.findall(r"[a-z]\w*", match["by"] or ""))
            if not by - FEW_VALUES and not (ends_early and (by or "WHERE" not in statement)):
                yield step


# PostgreSQL

#: Steps that give on row after row as they come, so that a limit above them ends the reading below.
_PASSING: Final = {"Limit", "LockRows", "Result", "Subquery Scan", "Incremental Sort", "Nested Loop", "Unique"}


def _in_postgresql(connection: Connection, statement: str, values: Any) -> list[str]:
    """What is wrong with the better of two plans: of short tables it takes any index."""
    tries = (("seqscan",), ("seqscan", "indexscan", "indexonlyscan"))
    return min((list(_steps(_plan(connection, statement, values, off))) for off in tries), key=len)


def _plan(connection: Connection, statement: str, values: Any, off: tuple[str, ...]) -> dict[str, Any]:
    cursor = connection.connection.cursor()
    for name in off:
        cursor.execute(f"SET enable_{name} = off")
    cursor.execute(f"EXPLAIN (FORMAT JSON) {statement}", values)
    (found,) = cursor.fetchone() or ("",)
    for name in off:
        cursor.execute(f"RESET enable_{name}")
    cursor.close()
    plan: dict[str, Any] = (json.loads(found) if isinstance(found, str | bytes) else found)[0]["Plan"]
    return plan


def _steps(node: dict[str, Any], *, limited: bool = False) -> Iterator[str]:
    kind = node["Node Type"]
    if kind.endswith("Scan") and kind != "Bitmap Heap Scan" and not _is_narrow(node, limited=limited):
        parts = (kind, *(node.get(name) for name in ("Relation Name", "Index Name", "Index Cond", "Filter")))
        yield " ".join(part for part in parts if part)
    for number, part in enumerate(node.get("Plans", ())):
        passes = kind in _PASSING and number == 0
        yield from _steps(part, limited=passes and (limited or kind == "Limit"))


def _is_narrow(node: dict[str, Any], *, limited: bool) -> bool:
    index = node.get("Index Name", "")
    table = node.get("Relation Name") or _table_of(index)
    if not _grows(table) or _is_partial(index) or _columns_in(node.get("Index Cond", "")) - FEW_VALUES:
        return True
    return bool(index) and (("Filter" not in node and limited) or _another_index_serves(table, node.get("Filter", "")))


def _columns_in(condition: str) -> set[str]:
    """As PostgreSQL writes a condition: ``((lower(("to")::text) = 'a'::text) AND (id > 1))``."""
    return set(re.findall(r"\b([a-z]\w*)\"?\)*(?:::[\w ]+?)?\)* (?:[<>=]|IS )", condition))


def _another_index_serves(table: str, condition: str) -> bool:
    """Whether it begins with a column that every row has to be equal in."""
    equal = set(re.findall(r"\(\(?([a-z]\w*)\)?(?:::\w+)? = ", condition)) - FEW_VALUES
    keys = [one.columns for one in metadata.tables[table].constraints if isinstance(one, UniqueConstraint)]
    keys += [one.columns for one in metadata.tables[table].indexes]
    first = {next(iter(columns.keys()), "") for columns in keys}
    return bool(equal & first) and " OR " not in condition


def _table_of(index: str) -> str:
    """The table of an index that a bitmap is made of."""
    for table in metadata.tables.values():
        keys = {one.name for one in table.constraints if isinstance(one, UniqueConstraint | PrimaryKeyConstraint)}
        if index in keys | {one.name for one in table.indexes}:
            return table.name
    return ""
