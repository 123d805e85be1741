"""What is wrong with an installation, and what to do about it."""

from collections.abc import AsyncIterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import click

from client.errors import Unreachable
from gateways.subscribers.protocol import subscriber_id
from starter.cli.shared import render
from starter.cli.shared.session import build_or_exit, run, settings_or_exit
from starter.deploy.examined import examine_deployment
from starter.doctor.books import examine_database
from starter.doctor.finding import Finding, failed
from starter.doctor.partners import examine_partners
from starter.doctor.temporal import examine_temporal, relays_wanted
from starter.shared.connect import connect, database, where_is_temporal
from workers.settings import Settings

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
        async for found in examine_temporal(client, relays_wanted(subscribers=bool(settings.subscribers))):
            yield found
        if deployment:
            yield await examine_deployment(client, deployment)
    async with database(settings) as db:
        subscribers = [subscriber_id(one.url) for one in settings.subscribers]
        async for found in examine_database(db, subscribers, datetime.now(UTC)):
            yield found
    async for found in examine_partners(settings):
        yield found


def show(rows: list[dict[str, Any]]) -> None:
    """Each finding in a line, with its advice where it is not as it should be."""
    for row in rows:
        render.line(f"{_MARKS[row['state']]:8}{row['check']}: {row['text']}")
        if row["advice"] and row["state"] != "ok":
            render.line(f"        {row['advice']}")
