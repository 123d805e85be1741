"""Statements that would read, or sort, the whole of a table that grows are found; see ``nothing_is_read_whole``."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, text

from gateways.database import failing_steps, retry_changes
from gateways.database.engine import Database
from gateways.database.failing_steps import StepFailure
from gateways.database.messages import inbox, outbox
from gateways.database.returns import orphans, records
from gateways.database.returns.orphans import Orphan
from gateways.database.stock import inventory
from gateways.database.support import cases
from lifecycle.contract.statuses import Status
from lifecycle.support.messages import Queue
from tests.gateways import query_plans
from tests.gateways.partner_requests import NOW
from tests.gateways.query_plans import PlanReader
from tests.lifecycle.orders import request


@pytest.mark.parametrize(
    ("call", "read"),
    [
        (inventory.check, "movements"),
        (lambda database: outbox.next_due(database, NOW, 10), "outbox"),
        (lambda database: cases.list_cases(database, queue=Queue.SUPPORT), "support_cases"),
    ],
)
async def test_what_is_read_whole_is_found(
    database: Database,
    call: Callable[[Database], Awaitable[Any]],
    read: str,
    plans: PlanReader,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(query_plans, "EXCEPTIONS", {})
    plans.forget()
    await call(database)
    assert any(read in fault.split(" in ")[0] for fault in plans.take())


async def test_a_missing_index_is_found(database: Database, plans: PlanReader) -> None:
    def work(connection: Connection) -> None:
        # PostgreSQL's is back when the transaction ends, SQLite's file is this test's own.
        connection.execute(text("DROP INDEX ix_returns_customer_id_opened_at"))
        records.facts(connection, order_id="SO-1", customer_id="C-1", return_id="R-1", since=NOW)

    plans.forget()
    await database.read_with_locks(work)
    [fault] = plans.take()
    assert fault.startswith("gateways.database.returns.records.facts: S")


async def test_what_only_workers_and_commands_ask_is_asked(database: Database) -> None:
    """On both databases, for the fixture that reads all plans."""
    new = partial(records.insert_return, policy={}, status=Status.REQUESTED, at=NOW)
    await database.write(lambda connection: new(connection, "R-1", request()))
    await _ask_of_failing_steps(database)
    await _ask_of_orphans(database)
    assert await database.read(lambda connection: records.policy_in(connection, "R-1")) == {}
    assert await records.order_of(database, "R-1") == "SO-1"
    assert set(await records.known_of(database, ["R-1", "R-2"])) == {"R-1"}
    assert await records.state_of(database, "R-1") is None
    assert await inbox.forwarded_to(database, "R-1") == []


async def _ask_of_failing_steps(database: Database) -> None:
    failure = StepFailure("return-R-1/refund-t1", "R-1", "payment", "refund-t1", "code")
    wait = failing_steps.Wait(1, NOW, NOW)
    await database.write(lambda connection: failing_steps.keep_waiting(connection, failure, wait, NOW))
    await database.write(lambda connection: failing_steps.keep_words(connection, failure, "no", NOW))
    assert await database.read(lambda connection: failing_steps.failing_since(connection, failure.key)) == NOW
    assert [row["count"] for row in await failing_steps.partners_waited_for(database)] == [1]
    [step] = await failing_steps.waiting_at(database, "payment", "code")
    await failing_steps.move(database, step, NOW)
    await failing_steps.drop(database, replace(step, step="refund-t2"))
    await database.write(lambda connection: retry_changes.keep(connection, "payment", NOW, {"by": "ops", "why": "-"}))
    assert (await database.read(lambda connection: retry_changes.newest(connection, "payment")))["by"] == "ops"
    assert len(await failing_steps.waiting_of(database, "R-1")) == 1
    assert len(await failing_steps.failures_of(database, "R-1")) == 1
    await database.write(lambda connection: failing_steps.end_waiting(connection, failure.key))
    await database.write(lambda connection: failing_steps.forget_waiting(connection, "R-1"))


async def _ask_of_orphans(database: Database) -> None:
    orphan = Orphan("R-1", "SO-1", NOW, "gone", "received", NOW, escalated=True)
    assert await orphans.keep_orphan(database, orphan)
    assert len(await orphans.open_returns(database, "", 10)) == 1
    assert await orphans.orphan_of(database, "R-1") == orphan
    assert await orphans.orphans_among(database, ["R-1"]) == {"R-1"}
    later = NOW + timedelta(days=1)
    found = await orphans.orphans_like(database, statuses=(Status.RECEIVED,), escalated=True, due_before=later, limit=9)
    assert found == [orphan]
    assert (await database.read(lambda connection: orphans.unreported(connection, 9)))[1] == 1
    await database.write(orphans.mark_reported)
    await orphans.drop_orphan(database, "R-1")
