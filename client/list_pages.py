"""A page of returns: Temporal's list, which is a moment behind, put right by what the records say."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from temporalio.client import Client, WorkflowExecution, WorkflowExecutionStatus

from client.answers import Page
from client.list_rows import Listed, ListFilter, matches, of_columns
from client.names import RETURN_PREFIX
from client.search import Search, of_orphan, recorded_as
from client.search_attributes import columns_of_execution, columns_of_view
from client.within import within
from client.workflow_query import query_of
from gateways.database.engine import Database
from gateways.database.returns.listing import rows_of
from gateways.database.returns.orphans import orphans_among, orphans_like
from gateways.database.returns.records import Known, get_return, known_of
from lifecycle.contract.view import View

#: Where a page goes on: after an orphan, or in Temporal's own list.
_ORPHANS, _LIST = b"o:", b"t:"


class Lists:
    """Lists returns, a page at a time: those that nothing carries first, then all others, the newest first."""

    def __init__(self, client: Client, db: Database, patience: timedelta) -> None:
        self._client = client
        self._db = db
        self._patience = patience
        self._search = Search(client, db, patience)

    async def page(self, wanted: ListFilter, limit: int, after: bytes | None) -> Page:
        """At most ``limit`` rows, going on ``after`` another page. Raises as ``Homeward.page`` does."""
        if wanted.asks_records:
            found = await self._search.find(wanted, limit, (after or b"").decode(errors="replace"))
            return Page([row.listed for row in found.rows], found.next.encode() if found.next else None)
        if after is None or after.startswith(_ORPHANS):
            known = (after or b"").removeprefix(_ORPHANS).decode(errors="replace")
            rows = await self._orphans(wanted, limit, known)
            if rows:
                return Page(
                    await self._with_records(rows),
                    _ORPHANS + rows[-1].return_id.encode() if len(rows) == limit else _LIST,
                )
            after = _LIST
        return await self._listed(wanted, limit, after.removeprefix(_LIST) or None)

    async def _orphans(self, wanted: ListFilter, limit: int, after: str) -> list[Listed]:
        if wanted.running or wanted.attention is False:
            return []
        found = await orphans_like(
            self._db,
            statuses=wanted.statuses,
            escalated=wanted.escalated,
            due_before=wanted.due_before,
            after=after,
            limit=limit,
        )
        return [of_orphan(orphan) for orphan in found]

    async def _listed(self, wanted: ListFilter, limit: int, token: bytes | None) -> Page:
        found = self._client.list_workflows(
            query_of(wanted), page_size=limit, next_page_token=token, rpc_timeout=self._patience
        )
        async with within(self._client, self._patience):
            await found.fetch_next_page()
        rows = await self._put_right(found.current_page or [], wanted)
        return Page(rows, _LIST + found.next_page_token if found.next_page_token else None)

    async def _put_right(self, executions: Sequence[WorkflowExecution], wanted: ListFilter) -> list[Listed]:
        """What the records know better: how a return ended, that it never began, that nothing carries it."""
        ids = {execution.id.removeprefix(RETURN_PREFIX) for execution in executions}
        known, orphaned = await known_of(self._db, ids), await orphans_among(self._db, ids)
        rows: dict[str, Listed] = {}
        for execution in executions:
            row = await self._row(execution, known)
            if row and row.return_id not in orphaned and matches(row, wanted):
                rows.setdefault(row.return_id, row)
        return await self._with_records(list(rows.values()))

    async def _with_records(self, rows: Sequence[Listed]) -> list[Listed]:
        known = await rows_of(self._db, [row.return_id for row in rows])
        return [recorded_as(row, known[row.return_id]) if row.return_id in known else row for row in rows]

    async def _row(self, execution: WorkflowExecution, known: Mapping[str, Known]) -> Listed | None:
        """One row; None for a start that came to nothing, which no record knows."""
        row = of_columns(execution.id.removeprefix(RETURN_PREFIX), columns_of_execution(execution))
        recorded = known.get(row.return_id)
        if recorded is None:
            return row if execution.status is WorkflowExecutionStatus.RUNNING else None
        if not recorded.closed or (row.status.value == recorded.status and row.attention is None):
            return row
        kept = await get_return(self._db, row.return_id)
        if kept is None or kept.view is None:
            return row
        return of_columns(row.return_id, columns_of_view(View.model_validate(kept.view)))
