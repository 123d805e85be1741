"""Subscribers of events: how far behind they are, how they fail, and sending again."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

import click

from gateways.database.engine import Database
from gateways.database.messages import subscriptions
from gateways.database.messages.lag import Lag, lags
from gateways.database.messages.replay import replay
from starter.cli.shared import inputs, render
from starter.cli.shared.session import WrongInput, settings_or_exit, with_database
from starter.doctor.subscribers import polling, state_of, urls_of

#: The state of a subscription without a URL.
POLLS = "polls"
_COLUMNS = ("subscriber", "state", "waiting", "since", "failing", "attempts", "given up", "last error", "delivered")


@click.group(invoke_without_command=True)
@render.json_option
@click.pass_context
def subscribers(context: click.Context, *, as_json: bool) -> None:
    """Show how far each subscriber is behind, and how it fails."""
    if context.invoked_subcommand:
        return
    settings = settings_or_exit()

    async def look(db: Database) -> list[dict[str, Any]]:
        urls = await urls_of(db, settings)
        paused = await db.read(subscriptions.paused)
        sent = [_shown(lag, urls, paused) for lag in (await lags(db, urls.keys())).values()]
        # They keep a cursor of their own: nobody here knows how far they are.
        polled = [_shown(Lag(name), urls, paused) | {"state": POLLS} for name in await polling(db)]
        return sent + polled

    render.answer(with_database(look), _show, as_json=as_json)


def _show(rows: list[dict[str, Any]]) -> None:
    if rows:
        render.table("subscribers", _COLUMNS, [_cells(row) for row in rows])
    else:
        render.line("HOMEWARD_SUBSCRIBERS names nobody, nobody subscribes by the API, and nothing waits for anybody")


def _shown(lag: Lag, urls: Mapping[str, str], paused: Collection[str]) -> dict[str, Any]:
    seconds = round((datetime.now(UTC) - lag.oldest).total_seconds()) if lag.oldest else 0
    known = {name: value for name, value in vars(lag).items() if name != "gone_at"}
    state = state_of(lag, paused=lag.subscriber in paused) if lag.subscriber in urls else "removed"
    return {"url": urls.get(lag.subscriber), "state": state, "seconds": seconds, **known}


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
    begin, settings = inputs.instant("--from", since), settings_or_exit()
    if begin > datetime.now(UTC):
        raise WrongInput([("--from", f"expected an instant that has passed, got {since}")])

    async def send(db: Database) -> dict[str, Any]:
        urls = await urls_of(db, settings)
        chosen = [name for name, known in urls.items() if url is None or known == url.rstrip("/")]
        if not chosen:
            expected = f"expected one of {', '.join(urls.values())}" if urls else "expected subscribers, got none"
            raise WrongInput([("--subscriber" if url else "HOMEWARD_SUBSCRIBERS", expected)])
        count = await replay(db, chosen, begin, datetime.now(UTC))
        return {"events": count, "subscribers": [urls[name] for name in chosen]}

    return with_database(send)
