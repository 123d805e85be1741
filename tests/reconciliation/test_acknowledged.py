"""What was found is acknowledged over HTTP and by the command, and then needs nobody until it changes."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, cast

import httpx
import pytest
from click.testing import CliRunner
from sqlalchemy import delete, update
from temporalio.client import Client

from gateways.database.engine import Database
from gateways.database.tables.reconciliation import findings
from gateways.database.tables.steps import effects
from starter.cli.main import main
from starter.demo.story import Stage
from starter.health.fleet_questions import Fleet, _orphans
from starter.local.up import Ready
from starter.shared.findings import known_findings
from tests.portal.desk import desk_at
from tests.portal.people import signed_in
from tests.reconciliation.test_reconcile import Plays, _refunded
from tests.workflows.returns.play import Play
from workers.settings import Settings

KIND = "refund_not_booked"
Reconcile = Callable[[], Awaitable[list[dict[str, Any]]]]


@pytest.fixture
async def api(ready: Ready) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=ready.api, timeout=30) as api:
        yield api


@pytest.fixture
async def story(stage: Stage, play: Plays, reconcile: Reconcile) -> Play:
    """A return whose refund is not booked, as the last comparison has found."""
    story = play()
    await _refunded(story)
    gone = delete(effects).where(effects.c.key == f"return-{story.return_id}/refund-t1")
    await stage.db.write(lambda connection: connection.execute(gone))
    await reconcile()
    return story


async def _counted(db: Database) -> float:
    found = await _orphans(Fleet(cast(Client, None), db, Settings()))
    return found["homeward_orphans"].get((KIND,), 0)


async def _waits(api: httpx.AsyncClient, path: str, story: Play) -> bool:
    rows = (await api.get(path)).json()["findings"]
    return (story.return_id, KIND) in {(row["return_id"], row["kind"]) for row in rows}


async def test_what_is_acknowledged_needs_nobody_until_it_changes(
    story: Play, stage: Stage, api: httpx.AsyncClient, reconcile: Reconcile
) -> None:
    before = await _counted(stage.db)
    said = {"by": "sam", "why": "counted by hand", "return_id": story.return_id, "kind": KIND}
    assert await _waits(api, "/v1/attention", story)
    [noted] = (await api.post("/v1/findings/acknowledge", json=said)).json()["findings"]
    assert (noted["acknowledged"]["by"], noted["acknowledged"]["why"]) == ("sam", "counted by hand")
    assert await _counted(stage.db) == before - 1
    assert not await _waits(api, "/v1/attention", story)
    assert not await _waits(api, "/v1/findings?acknowledged=false", story)
    assert await _waits(api, "/v1/findings?acknowledged=true", story)
    [row] = [one for one in await reconcile() if one["return_id"] == story.return_id]
    assert row["acknowledged"]["why"] == "counted by hand"

    # As if it had said something else when it was acknowledged.
    other = update(findings).where(findings.c.return_id == story.return_id).values(text="another amount")
    await stage.db.write(lambda connection: connection.execute(other))
    await reconcile()
    assert await _waits(api, "/v1/attention", story)
    assert await _counted(stage.db) == before


async def test_it_is_acknowledged_on_the_page_and_put_back(story: Play, stage: Stage, ready: Ready) -> None:
    page, about = "/desk/operations", {"return_id": story.return_id, "kind": KIND}
    async with desk_at(ready.api) as desk:
        await signed_in(desk, stage.db, ["clerk"], name="Cleo Clerk")
        await desk.open(page)
        assert story.return_id in desk.answer.text
        token = dict(desk.form(f"{page}/findings").fields)["csrf"]

        async def press(**fields: str) -> tuple[int, str]:
            desk.answer = await desk.client.post(f"{page}/findings", data={"csrf": token, **about, **fields})
            return desk.answer.status_code, desk.answer.text

        assert (await press(do="acknowledge"))[0] == 422
        status, told = await press(do="acknowledge", why="counted by hand")
        assert (status, f"{story.return_id}: acknowledged." in told) == (200, True)
        assert "By Cleo Clerk on" in told
        assert (await press(do="acknowledge", why="counted", kind="none"))[0] == 409
        assert "has to be looked at again" in (await press(do="take_back", why="counted wrong"))[1]
    assert (story.return_id, KIND, None) in {
        (one.return_id, one.kind, one.acknowledged) for one in await known_findings(stage.db)
    }


async def test_what_was_not_found_cannot_be_acknowledged(api: httpx.AsyncClient) -> None:
    said = {"by": "sam", "why": "by mistake", "return_id": "R-none", "kind": KIND}
    refused = await api.post("/v1/findings/acknowledge", json=said)
    assert (refused.status_code, refused.json()["type"]) == (404, "/docs#not-found")


async def test_the_command_acknowledges_and_takes_it_back(story: Play, ready: Ready) -> None:
    environment = {"TEMPORAL_ADDRESS": ready.temporal, "HOMEWARD_DATABASE_URL": ready.database}

    async def command(*arguments: str) -> Any:
        result = await asyncio.to_thread(CliRunner(env=environment).invoke, main, [*arguments, "--json"])
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout[result.stdout.index("[\n") :])

    known = ("findings", "acknowledge", story.return_id, KIND, "--by", "kim", "--why", "found")
    assert [row["acknowledged"]["by"] for row in await command(*known)] == ["kim"]
    assert story.return_id in {row["return_id"] for row in await command("findings", "--all")}
    assert [row["acknowledged"] for row in await command(*known, "--take-back")] == [None]
    assert story.return_id in {row["return_id"] for row in await command("findings")}
