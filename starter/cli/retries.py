"""How failed steps are tried again: shown, changed, and hurried."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import click

from lifecycle.contract.boundary import read
from lifecycle.contract.retries import RetryChange, RetryReset
from lifecycle.shared.lengths import length_of
from starter.cli.shared import options, render
from starter.cli.shared.session import settings_or_exit, with_homeward
from starter.shared.retries import HURRIED_RATE, PARTNERS, Moved, Retries

_COLUMNS = (
    *("partner", "waiting", "codes", "since", "next try", "breaker"),
    *("waits", "gives up", "Retry-After", "recovers", "limit", "changed"),
)
_partner = click.argument("partner", type=click.Choice(PARTNERS))


@click.group(invoke_without_command=True)
@render.json_option
@click.pass_context
def retries(context: click.Context, *, as_json: bool) -> None:
    """Show how each partner's failed steps are tried again, and how many wait."""
    if context.invoked_subcommand is None:
        render.answer(_with_retries(Retries.show), _show, as_json=as_json)


def _show(rows: list[dict[str, Any]]) -> None:
    render.table("retries", _COLUMNS, map(_cells, rows))


@retries.command()
@render.answers(_show)
def show() -> list[dict[str, Any]]:
    """Show how each partner's failed steps are tried again, and how many wait."""
    found: list[dict[str, Any]] = _with_retries(Retries.show)
    return found


def _cells(row: dict[str, Any]) -> list[object]:
    codes = ", ".join(f"{count} x {code}" for code, count in row["codes"].items())
    changed = row["changed"]
    told = f"{render.printable(changed['at'])} by {changed['by']}: {changed['why']}" if changed else None
    waits = f"{length_of(row['initial_seconds'])} to {length_of(row['maximum_seconds'])}"
    rules = [waits, length_of(row["give_up_after_seconds"]), length_of(row["retry_after_maximum_seconds"])]
    rules.append(f"{row['recovery_rps']:g} a second")
    breaker = ", ".join(f"{one['code']} {one['state']}" for one in row["breakers"])
    limit = row["limit"] and (f"{row['limit']['rps']:g} a second" if row["limit"]["rps"] else "paused")
    return [row["partner"], row["waiting"], codes, row["since"], row["next_at"], breaker, *rules, limit, told]


def _show_moved(moved: dict[str, int]) -> None:
    render.line(f"{moved['moved']} waiting steps have a new time")


@retries.command("set")
@_partner
@click.option("--initial", type=options.LENGTH, help="The first wait, such as 1s; each is twice the one before.")
@click.option("--maximum", type=options.LENGTH, help="The longest wait, such as 5m.")
@click.option("--give-up-after", type=options.LENGTH, help="When a step fails for good, from its first failure: 12h.")
@click.option("--retry-after-maximum", type=options.LENGTH, help="How much of the partner's Retry-After counts: 15m.")
@click.option("--recovery-rps", type=click.FloatRange(0.1, 100), help="How many a second, once it is back.")
@options.by("operations", "Who says so.")
@options.why
@render.answers(_show_moved)
def set_retries(partner: str, by: str, why: str, recovery_rps: float | None, **given: float | None) -> dict[str, int]:
    """Change how PARTNER's failed steps are tried again, those that wait by now too."""
    seconds = {f"{name}_seconds": length for name, length in given.items()}
    said = read(RetryChange, {"by": by, "why": why, "recovery_rps": recovery_rps, **seconds})
    return _until_none_is_left(lambda found: found.change(partner, said))


@retries.command()
@_partner
@options.by("operations", "Who says so.")
@options.why
@render.answers(_show_moved)
def reset(partner: str, by: str, why: str) -> dict[str, int]:
    """Have PARTNER's failed steps tried again as by default."""
    said = read(RetryReset, {"by": by, "why": why})
    return _until_none_is_left(lambda found: found.reset(partner, said))


@retries.command()
@_partner
@click.option("--code", help="Only steps that fail in this way, as `homeward retries` shows it.")
@click.option("--rps", default=HURRIED_RATE, show_default=True, type=click.FloatRange(0.1, 100), help="Steps a second.")
@render.answers(_show_moved)
def now(partner: str, code: str | None, rps: float) -> dict[str, int]:
    """Try PARTNER's waiting steps now, the longest waiting first; each keeps the number of its attempt."""
    begun = datetime.now(UTC)
    return _until_none_is_left(lambda found: found.hurry(partner, code, rps, begun))


def _until_none_is_left(act: Callable[[Retries], Awaitable[Moved]]) -> dict[str, int]:
    async def all_of_it(found: Retries) -> int:
        moved = await act(found)
        count = moved.moved
        while moved.left:
            moved = await act(found)
            count += moved.moved
        return count

    return {"moved": _with_retries(all_of_it)}


def _with_retries(act: Callable[[Retries], Awaitable[Any]]) -> Any:
    settings = settings_or_exit()
    return with_homeward(lambda there: act(Retries(there.client, there.db, settings)))
