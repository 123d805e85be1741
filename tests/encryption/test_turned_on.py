"""Encryption that is turned on while returns are open: they go on, and what is new is encrypted."""

from pathlib import Path

import pytest
from temporalio.client import Client

from client.names import return_workflow_id
from gateways.database.engine import Database
from lifecycle.contract.statuses import Status
from starter.demo.story import stage_at
from starter.local.up import Place, running
from tests.up import PATIENCE
from tests.workflows.returns.play import Play, make_request
from workers.codec import ENCODING, encrypting
from workers.master_keys import load_master_keys
from workers.settings import Settings


async def test_a_return_that_began_before_goes_on(tmp_path: Path, keys: Path) -> None:
    place = Place(tmp_path / "data", temporal_port=0, api_port=0)
    plain = Settings(data_dir=place.data_dir, database_url=None, policy=None, smtp_url=None)
    async with running(plain, place) as ready, stage_at(ready, PATIENCE) as stage:
        before = Play(stage, make_request())
        await before.start()
    encrypted = plain.model_copy(update={"encryption_keys": str(keys)})
    async with running(encrypted, place) as ready:
        db = Database(ready.database)
        converter = encrypting(db, load_master_keys(str(keys)))
        async with stage_at(ready, PATIENCE, converter) as stage:
            play = Play(stage, before.request)
            await play.cancel()
            await play.until(Status.CANCELLED)
        raw = await Client.connect(ready.temporal)
        history = await raw.get_workflow_handle(return_workflow_id(before.return_id)).fetch_history()
        await db.dispose()
    started = history.events[0].workflow_execution_started_event_attributes
    accepted = [event.workflow_execution_update_accepted_event_attributes for event in history.events]
    cancelled = [found for found in accepted if found.accepted_request.input.name][-1]
    assert started.input.payloads[0].metadata["encoding"] == b"json/plain"
    assert cancelled.accepted_request.input.args.payloads[0].metadata["encoding"] == ENCODING


@pytest.mark.parametrize("accepts", [True, False])
def test_while_it_is_turned_on_plain_starts_may_be_taken(accepts: bool, keys: Path) -> None:
    assert Settings(encryption_keys=str(keys), encryption_accept_plain=accepts).refuses_plain_starts is not accepts
    assert not Settings(encryption_keys=None).refuses_plain_starts
