"""Compares our books with what partners and Temporal have."""

from contextlib import closing
from dataclasses import asdict
from datetime import UTC, date, datetime, time
from typing import Any

import click

from activities.reconciliation.reconciler import LOOKS_BACK, Reconciler
from gateways.database.reconciliation import findings
from starter.cli.shared import render
from starter.cli.shared.session import WrongInput, run, settings_or_exit
from starter.shared.connect import connected
from starter.shared.findings import known_findings
from workers.partner_table import carrier_of, payments_of, serving
from workers.settings import Settings


def _instant(_context: click.Context, _parameter: click.Parameter, given: str | None) -> datetime | None:
    """The beginning of the day, in UTC; raises ``WrongInput``."""
    if given is None:
        return None
    try:
        since = datetime.combine(date.fromisoformat(given), time(), UTC)
    except ValueError:
        raise WrongInput([("--since", "expected a day such as 2026-11-28")]) from None
    if since > datetime.now(UTC):
        raise WrongInput([("--since", "expected a day that has begun")])
    return since


@click.command()
@click.option("--since", callback=_instant, help="Only what was made or has closed since that day; of 30 days.")
@render.json_option
def reconcile(since: datetime | None, *, as_json: bool) -> None:
    """Compare refunds, charges, holds, labels, workflows and stock with the books.

    Ends with 1 where something differs that nobody has acknowledged.
    """
    settings = settings_or_exit()
    found = run(_reconcile(settings, since))
    render.answer(found, _show, as_json=as_json)
    if any(row["acknowledged"] is None for row in found):
        raise SystemExit(1)


async def _reconcile(settings: Settings, since: datetime | None) -> list[dict[str, Any]]:
    serving(settings, ("carrier", "payment"))
    now = datetime.now(UTC)
    async with connected(settings) as there, payments_of(settings, there.db) as payments:
        with closing(Reconciler(there.client, there.db, payments, carrier_of(settings, there.db))) as reconciler:
            found = await reconciler.findings(since or now - LOOKS_BACK, now)
        if since is None:  # as the daily one, of which the doctor tells
            await there.db.write(lambda connection: findings.keep(connection, found, now))
        known = await known_findings(there.db, acknowledged=True, most=None)
    noted = {(one.return_id, one.kind, one.subject, one.text): one.acknowledged for one in known}
    return [
        asdict(one) | {"acknowledged": noted.get((one.return_id, one.kind, one.subject, one.text))} for one in found
    ]


def _show(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        render.line(f"{row['return_id']}  {row['kind']}: {row['text']}")
        known = row["acknowledged"]
        render.line(f"    acknowledged by {known.by}: {known.why}" if known else f"    {row['advice']}")
    if not rows:
        render.line("Books, partners and Temporal agree.")
