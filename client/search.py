"""Returns found by our own records, shown as Temporal's list knows them: a moment behind the returns themselves."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from temporalio.client import Client

from client.list_rows import Listed, ListFilter, of_columns
from client.names import RETURN_PREFIX, return_workflow_id
from client.search_attributes import UNKNOWN, columns_of_execution
from client.within import within
from client.workflow_query import query_of
from gateways.database.engine import Database
from gateways.database.returns import listing
from gateways.database.returns.listing import Ends, Records, Row
from gateways.database.returns.orphans import Orphan, orphans_among, orphans_like, orphans_of
from lifecycle.contract.request import Method
from lifecycle.contract.resolutions import Resolution
from lifecycle.returns.orphaned import ORPHANED

#: Open returns that a filter may name, the newest of them; and those that are asked after at once.
MOST_OPEN: Final = 2000
_PAGE: Final = 1000
_AT_ONCE: Final = 200


@dataclass(frozen=True)
class FoundRow:
    """One return as the list shows it, and as it was recorded."""

    listed: Listed
    recorded: Row


@dataclass(frozen=True)
class FoundPage:
    """Some rows, where to go on (empty at the end), and the words that were taken for misspelt ones.

    ``cut``: more open returns than are looked at have what was asked for; only the newest of them are in the list.
    """

    rows: list[FoundRow]
    next: str
    instead: Mapping[str, list[str]]
    cut: bool = False


class Search:
    """Finds returns, a page at a time."""

    def __init__(self, client: Client, db: Database, patience: timedelta) -> None:
        self._client = client
        self._db = db
        self._patience = patience

    async def find(self, wanted: ListFilter, limit: int, after: str = "") -> FoundPage:
        """At most ``limit`` of the wanted, going on after another page. Raises ``Unreachable``, ``Unavailable``."""
        named = await self._open(wanted) if wanted.asks_workflows else None
        found = await listing.page(
            self._db,
            _records(wanted),
            limit,
            after,
            ends=None if named is None else _ends(wanted),
            open_ids=named or (),
        )
        known = named if named is not None else await self.shown([row.return_id for row in found.rows if row.is_open])
        rows = [FoundRow(recorded_as(known.get(row.return_id) or _as_recorded(row), row), row) for row in found.rows]
        following = listing.place_of(found.rows[-1], wanted.sort) if len(found.rows) == limit else ""
        return FoundPage(rows, following, found.instead, cut=len(known) >= MOST_OPEN)

    async def recorded(self, wanted: ListFilter, limit: int, after: str = "") -> FoundPage:
        """The same while Temporal is away: open returns as they began, and none where only they know what is wanted.

        Raises ``Unavailable``.
        """
        ends = _ends(wanted) if wanted.asks_workflows else None
        found = await listing.page(self._db, _records(wanted), limit, after, ends=ends)
        rows = [FoundRow(recorded_as(_as_recorded(row), row), row) for row in found.rows]
        following = listing.place_of(found.rows[-1], wanted.sort) if len(found.rows) == limit else ""
        return FoundPage(rows, following, found.instead)

    async def of(self, return_ids: Collection[str]) -> list[FoundRow]:
        """These returns, the oldest first. Raises ``Unreachable``, ``Unavailable``."""
        rows = (await listing.rows_of(self._db, return_ids)).values()
        known = await self.shown([row.return_id for row in rows if row.is_open])
        inorder = sorted(rows, key=lambda row: (row.opened_at, row.return_id))
        return [FoundRow(recorded_as(known.get(row.return_id) or _as_recorded(row), row), row) for row in inorder]

    async def _open(self, wanted: ListFilter) -> dict[str, Listed]:
        """The newest open returns that have what is wanted, and those of the like that nothing carries."""
        found = await self._listed(query_of(replace(wanted, running=True)), MOST_OPEN)
        orphans = await orphans_among(self._db, found)
        rows = {name: row for name, row in found.items() if name not in orphans}
        if wanted.running or wanted.attention is False or wanted.resolution or wanted.method:
            return rows
        alike = await orphans_like(
            self._db,
            statuses=wanted.statuses,
            escalated=wanted.escalated,
            due_before=wanted.due_before,
            limit=MOST_OPEN,
        )
        return rows | {orphan.return_id: of_orphan(orphan) for orphan in alike}

    async def shown(self, return_ids: Collection[str]) -> dict[str, Listed]:
        """These open returns as Temporal's list shows them, and what nothing carries as it was last known."""
        names, rows = sorted(return_ids), dict[str, Listed]()
        for start in range(0, len(names), _AT_ONCE):
            part = ", ".join(f"'{return_workflow_id(name)}'" for name in names[start : start + _AT_ONCE])
            rows |= await self._listed(f"WorkflowId IN ({part}) AND ExecutionStatus = 'Running'", _AT_ONCE)
        left = await orphans_of(self._db, names)
        return rows | {orphan.return_id: of_orphan(orphan) for orphan in left}

    async def _listed(self, query: str, most: int) -> dict[str, Listed]:
        found: dict[str, Listed] = {}
        async with within(self._client, self._patience):
            rows = self._client.list_workflows(query, page_size=min(most, _PAGE), limit=most)
            async for execution in rows:
                name = execution.id.removeprefix(RETURN_PREFIX)
                found.setdefault(name, of_columns(name, columns_of_execution(execution)))
        return found


def _records(wanted: ListFilter) -> Records:
    return Records(
        wanted.text,
        wanted.reason,
        wanted.country,
        wanted.opened_from,
        wanted.opened_before,
        wanted.updated_since,
        wanted.order_id,
        wanted.customer_id,
        wanted.sort,
    )


def _ends(wanted: ListFilter) -> Ends:
    """A closed return waits for nobody, and is late no more."""
    none = bool(wanted.running or wanted.escalated or wanted.attention or wanted.due_before)
    return Ends(wanted.statuses, wanted.resolution, wanted.method, none=none)


def recorded_as(row: Listed, known: Row) -> Listed:
    """The row with what our records have of it beside."""
    return row.model_copy(
        update={
            "resolution": row.resolution or Resolution(known.resolution),
            "method": row.method or Method(known.method),
            "opened_at": known.opened_at,
            "updated_at": known.updated_at,
            "closed_at": known.closed_at,
            "currency": known.currency,
            "value": known.value,
            "amount": known.amount,
        }
    )


def _as_recorded(row: Row) -> Listed:
    """The row of a closed return, or of one that Temporal does not list yet."""
    return of_columns(row.return_id, UNKNOWN._replace(status=row.status, order_id=row.order_id))


def of_orphan(orphan: Orphan) -> Listed:
    """The row of a return that nothing carries, as it was last known; what its record does not hold is empty."""
    known = UNKNOWN._replace(
        status=orphan.status,
        order_id=orphan.order_id,
        resolve_by=orphan.resolve_by,
        escalated=orphan.escalated,
        attention=ORPHANED,
    )
    return of_columns(orphan.return_id, known)
