"""No key is made for a workflow that there is not, and those of workflows that nobody knows any more are dropped."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select
from temporalio.converter import DataConverter

from activities.relays.old_keys import RESTS, RETIRED, YOUNG, OldKeys
from client.errors import UnknownReturn
from client.names import RETURN_PREFIX, repair_id, return_workflow_id
from client.returns import Homeward
from gateways.database import data_keys
from gateways.database.data_keys import WrappedKey
from gateways.database.engine import Database, rows_of
from gateways.database.returns.records import insert_return
from gateways.database.tables import access
from lifecycle.contract.messages import Cancel, TrackingEvent, TrackingStatus
from lifecycle.contract.statuses import Status
from starter.demo.story import Stage
from starter.local.up import Ready
from starter.shared.connect import client_of
from tests.up import PATIENCE
from tests.workflows.returns.play import make_request
from workflows.relays import MAILS

NOW = datetime.now(UTC)
OLD = NOW - YOUNG - timedelta(minutes=1)
MINUTE = timedelta(minutes=1)


async def _of(database: Database) -> set[str]:
    return {row["workflow_id"] for row in await rows_of(database, select(access.data_keys))}


async def test_what_is_said_to_a_return_that_there_is_not_makes_no_key(
    encrypted: Ready, converter: DataConverter
) -> None:
    db = Database(encrypted.database)
    # As every process makes it.
    client = await client_of({"target_host": encrypted.temporal, "namespace": "default"}, converter=converter)
    homeward, nobody = Homeward(client, db, PATIENCE), "R-nobody"
    said = TrackingEvent(event_id="e-1", tracking_code="T-1", status=TrackingStatus.ACCEPTED, at=NOW)
    with pytest.raises(UnknownReturn):
        await homeward.cancel(nobody, Cancel(by="sam"))
    with pytest.raises(UnknownReturn):
        await homeward.tracking_event(nobody, said)
    with pytest.raises(UnknownReturn):
        await homeward.view(nobody)
    request = make_request()
    await homeward.start(request)
    await homeward.cancel(str(request.return_id), Cancel(by="sam"))
    keys = await _of(db)
    assert return_workflow_id(nobody) not in keys
    assert return_workflow_id(str(request.return_id)) in keys
    await db.dispose()


@pytest.fixture
async def books(tmp_path: Path) -> AsyncIterator[Database]:
    """Books of their own, beside a Temporal that has the relays and none of these returns."""
    database = Database(f"sqlite:///{tmp_path / 'homeward.db'}")
    await database.upgrade()

    def fill(connection: Connection) -> None:
        insert_return(connection, "R-known", make_request(), {}, Status.REQUESTED, OLD)
        made = {
            return_workflow_id("R-known"): OLD,
            repair_id("R-known", "1-1"): OLD,
            MAILS.workflow_id: OLD,
            return_workflow_id("R-nobody"): OLD,
            "reconciliation-of-long-ago": OLD,
            return_workflow_id("R-young"): NOW - timedelta(hours=23),
        }
        for number, (workflow_id, at) in enumerate(made.items()):
            row = vars(WrappedKey(f"k{number}", workflow_id, "a", "wrapped")) | {"made_at": at}
            connection.execute(insert(access.data_keys), row)

    await database.write(fill)
    yield database
    await database.dispose()


async def _looks(keys: OldKeys, at: datetime) -> None:
    """All of them, and the end."""
    for _ in range(2):
        await keys.look(at)


async def test_keys_are_retired_before_they_are_dropped(stage: Stage, books: Database) -> None:
    keys, all_of_them = OldKeys(stage.clock.client, books), await _of(books)
    await _looks(keys, NOW)
    retired = {row["workflow_id"] for row in await rows_of(books, select(access.data_keys)) if row["retired_at"]}
    assert retired == {return_workflow_id("R-nobody"), "reconciliation-of-long-ago"}
    # Before the hour is over nothing is dropped.
    await _looks(OldKeys(stage.clock.client, books), NOW + RETIRED - MINUTE)
    assert await _of(books) == all_of_them
    # Whoever uses one meanwhile has it back.
    assert await data_keys.of_workflow(books, return_workflow_id("R-nobody"))
    await _looks(keys, NOW + RESTS + MINUTE)
    assert await _of(books) == all_of_them - {"reconciliation-of-long-ago"}


async def test_a_key_that_is_used_in_the_moment_in_which_it_is_dropped_stays(books: Database) -> None:
    [key] = [one for one in await data_keys.next_part(books, "") if one.workflow_id == f"{RETURN_PREFIX}R-nobody"]
    await data_keys.retire(books, key, NOW)
    [key] = [one for one in await data_keys.next_part(books, "") if one.workflow_id == key.workflow_id]
    assert await data_keys.of_workflow(books, key.workflow_id)
    assert not await data_keys.drop_retired(books, key)
    await data_keys.retire(books, key, NOW)
    assert await data_keys.drop_retired(books, key)
    assert await data_keys.of_workflow(books, key.workflow_id) is None
