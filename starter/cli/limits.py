"""How many of a partner's steps begin each second: shown, limited, paused and resumed."""

from typing import Any

import click

from lifecycle.contract.boundary import read
from lifecycle.contract.retries import LimitChange
from starter.cli.shared import options, render
from starter.cli.shared.session import with_homeward
from starter.shared.connect import Connected
from starter.shared.dispatch import PARTNERS, Limit, limit, limit_of

_COLUMNS = ("partner", "steps a second", "since", "reason")
_partner = click.argument("partner", type=click.Choice(PARTNERS))


def _show(rows: list[dict[str, Any]]) -> None:
    told = {None: "no limit", 0: "paused"}
    cells = [(row["partner"], told.get(row["rps"], row["rps"]), row["at"], row["reason"]) for row in rows]
    render.table("limits", _COLUMNS, cells)


@click.group(invoke_without_command=True)
@render.json_option
@click.pass_context
def limits(context: click.Context, *, as_json: bool) -> None:
    """Show how many of each partner's steps may begin each second."""
    if context.invoked_subcommand is None:
        render.answer(with_homeward(_all_of_them), _show, as_json=as_json)


async def _all_of_them(there: Connected) -> list[dict[str, Any]]:
    return [_row(partner, await limit_of(there.client, partner)) for partner in PARTNERS]


def _row(partner: str, held: Limit) -> dict[str, Any]:
    return {"partner": partner, "rps": held.rps, "at": held.at, "reason": held.reason}


@limits.command("set")
@_partner
@click.argument("rps", type=click.FloatRange(0, 1000))
@options.by("operations", "Who says so.")
@options.why
@render.answers(_show)
def set_limit(partner: str, rps: float, by: str, why: str) -> list[dict[str, Any]]:
    """Have at most RPS of PARTNER's steps begin each second."""
    return _limit(partner, rps, by, why)


@limits.command()
@_partner
@options.by("operations", "Who says so.")
@options.why
@render.answers(_show)
def clear(partner: str, by: str, why: str) -> list[dict[str, Any]]:
    """Lift the limit of PARTNER's steps."""
    return _limit(partner, None, by, why)


@click.command()
@_partner
@options.by("operations", "Who says so.")
@options.why
@render.answers(_show)
def pause(partner: str, by: str, why: str) -> list[dict[str, Any]]:
    """Begin none of PARTNER's steps, on any worker, until `homeward resume`: they wait, and no attempt counts."""
    return _limit(partner, 0, by, why)


@click.command()
@_partner
@click.option("--rps", type=click.FloatRange(0.1, 1000), help="As a limit, so that not all begins at once.")
@options.by("operations", "Who says so.")
@options.why
@render.answers(_show)
def resume(partner: str, rps: float | None, by: str, why: str) -> list[dict[str, Any]]:
    """Begin PARTNER's steps again; a limit given here stays until `homeward limits clear`."""
    return _limit(partner, rps, by, why)


def _limit(partner: str, rps: float | None, by: str, why: str) -> list[dict[str, Any]]:
    async def act(there: Connected) -> list[dict[str, Any]]:
        said = read(LimitChange, {"by": by, "why": why, "rps": rps})
        return [_row(partner, await limit(there.client, partner, said))]

    return with_homeward(act)
