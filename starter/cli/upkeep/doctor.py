"""What is wrong with an installation, and what to do about it."""

from collections.abc import AsyncIterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import click
from sqlalchemy.exc import DBAPIError

from client.errors import Unreachable
from gateways.errors import Unavailable
from starter.cli.shared import render
from starter.cli.shared.session import build_or_exit, run, settings_or_exit
from starter.deploy.examined import examine_deployment
from starter.doctor.books import examine_database
from starter.doctor.finding import Finding, failed
from starter.doctor.partners import examine_partners
from starter.doctor.subscribers import urls_of_settings
from starter.doctor.temporal import examine_temporal
from starter.shared.connect import connect, database, where_is_temporal
from workers.relay_keeper import relays_wanted
from workers.settings import Settings
from workflows.relays import EVENTS, RELAYS

_MARKS = {"ok": "ok", "warning": "WARNING", "failed": "FAILED"}


@click.command()
@render.json_option
def doctor(*, as_json: bool) -> None:
    """Examine Temporal, workers, database and partners: one line each, and what to do; ends with 1 where one failed."""
    settings, build = settings_or_exit(), build_or_exit()

    async def examine() -> list[Finding]:
        return [found async for found in _examined(settings, build.deployment)]

    found = run(examine())
    render.answer([asdict(one) for one in found], show, as_json=as_json)
    if any(one.state == "failed" for one in found):
        raise SystemExit(1)


async def _examined(settings: Settings, deployment: str | None) -> AsyncIterator[Finding]:
    try:
        client = await connect(where_is_temporal(settings))
    except Unreachable as error:
        yield failed("temporal", str(error), "see TEMPORAL_ADDRESS, its certificates, and the server itself")
    else:
        async for found in examine_temporal(client, await _relays(settings)):
            yield found
        if deployment:
            yield await examine_deployment(client, deployment)
    async with database(settings) as db:
        async for found in examine_database(db, urls_of_settings(settings), datetime.now(UTC)):
            yield found
    async for found in examine_partners(settings):
        yield found


async def _relays(settings: Settings) -> list[str]:
    """The ids of those that should run; without a database, the settings alone say who subscribes."""
    async with database(settings) as db:
        try:
            return [relay.workflow_id for relay in await relays_wanted(settings, db)]
        except (Unavailable, DBAPIError):
            return [relay.workflow_id for relay in RELAYS if settings.names_subscribers or relay is not EVENTS]


def show(rows: list[dict[str, Any]]) -> None:
    """Each finding in a line, with its advice where it is not as it should be."""
    for row in rows:
        render.line(f"{_MARKS[row['state']]:8}{row['check']}: {row['text']}")
        if row["advice"] and row["state"] != "ok":
            render.line(f"        {row['advice']}")
