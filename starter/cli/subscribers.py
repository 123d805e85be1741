"""Subscribers of events: how far behind they are, how they fail, and sending again."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import click

from gateways.database.messages.lag import Lag, lags
from gateways.database.messages.replay import replay
from gateways.subscribers.protocol import subscriber_id
from starter.cli.shared import inputs, render
from starter.cli.shared.session import WrongInput, settings_or_exit, with_database

_COLUMNS = ("subscriber", "state", "waiting", "since", "failing", "attempts", "given up", "last error", "delivered")


@click.group(invoke_without_command=True)
@render.json_option
@click.pass_context
def subscribers(context: click.Context, *, as_json: bool) -> None:
    """Show how far each subscriber is behind, and how it fails."""
    if context.invoked_subcommand:
        return
    urls = _urls()
    found = with_database(lambda db: lags(db, urls.keys()))
    render.answer([_shown(lag, urls) for lag in found.values()], _show, as_json=as_json)


def _show(rows: list[dict[str, Any]]) -> None:
    if rows:
        render.table("subscribers", _COLUMNS, [_cells(row) for row in rows])
    else:
        render.line("HOMEWARD_SUBSCRIBERS names nobody, and nothing waits for anybody")


def _urls() -> dict[str, str]:
    """The URLs of the settings by the names that the database has for them."""
    return {subscriber_id(one.url): one.url for one in settings_or_exit().subscribers}


def _shown(lag: Lag, urls: Mapping[str, str]) -> dict[str, Any]:
    seconds = round((datetime.now(UTC) - lag.oldest).total_seconds()) if lag.oldest else 0
    known = {name: value for name, value in vars(lag).items() if name != "gone_at"}
    return {"url": urls.get(lag.subscriber), "state": _state(lag, urls), "seconds": seconds, **known}


def _state(lag: Lag, urls: Mapping[str, str]) -> str:
    if lag.subscriber not in urls:
        return "removed"
    if lag.gone_at:
        return "gone"
    return "failing" if lag.failing else "well"


def _cells(row: Mapping[str, Any]) -> list[object]:
    error = f"{row['error']} at {render.printable(row['failed_at'])}" if row["error"] else None
    counts = [row["waiting"], row["oldest"], row["failing"], row["attempts"], row["given_up"]]
    return [row["url"] or row["subscriber"], row["state"], *counts, error, row["delivered_at"]]


def _show_sent(sent: Mapping[str, Any]) -> None:
    render.line(f"{sent['events']} events go to {', '.join(sent['subscribers'])} again")


@subscribers.command("replay")
@click.option("--from", "since", required=True, help="What happened since then; ISO 8601 with a zone.")
@click.option("--subscriber", "url", default=None, metavar="URL", help="Only this one; all when left out.")
@render.answers(_show_sent)
def replay_events(since: str, url: str | None) -> dict[str, Any]:
    """Send again what happened since a time, in order; a subscriber that wanted no more is sent events again."""
    begin, urls = inputs.instant("--from", since), _urls()
    chosen = [name for name, known in urls.items() if url is None or known == url.rstrip("/")]
    if not chosen:
        expected = f"expected one of {', '.join(urls.values())}" if urls else "expected subscribers, got none"
        raise WrongInput([("--subscriber" if url else "HOMEWARD_SUBSCRIBERS", expected)])
    count = with_database(lambda db: replay(db, chosen, begin, datetime.now(UTC)))
    return {"events": count, "subscribers": [urls[name] for name in chosen]}
