"""How many of a partner's steps begin each second: shown, limited, paused and resumed."""

from typing import Any

import click

from client.partners.dispatch import PARTNERS
from client.partners.limits import Limits
from lifecycle.contract.boundary import read
from lifecycle.contract.retries import LimitChange
from starter.cli.shared import options, render
from starter.cli.shared.session import with_homeward
from starter.shared.connect import Connected

_COLUMNS = ("partner", "steps a second", "since", "until", "then", "reason")
_partner = click.argument("partner", type=click.Choice(PARTNERS))


def _show(rows: list[dict[str, Any]]) -> None:
    render.table("limits", _COLUMNS, map(_cells, rows))


def _cells(row: dict[str, Any]) -> list[object]:
    told = {None: "no limit", 0: "paused"}
    then = told.get(row["then_rps"], row["then_rps"]) if row["until"] else None
    return [row["partner"], told.get(row["rps"], row["rps"]), row["at"], row["until"], then, row["reason"]]


@click.group(invoke_without_command=True)
@render.json_option
@click.pass_context
def limits(context: click.Context, *, as_json: bool) -> None:
    """Show how many of each partner's steps may begin each second."""
    if context.invoked_subcommand is None:
        render.answer(with_homeward(_all_of_them), _show, as_json=as_json)


async def _all_of_them(there: Connected) -> list[dict[str, Any]]:
    limits = Limits(there.client, there.db)
    return [{"partner": partner, **(await limits.of(partner)).shown()} for partner in PARTNERS]


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
@click.option("--for", "lasts", type=options.LENGTH, help="It ends by itself after so long, such as 2h.")
@options.by("operations", "Who says so.")
@options.why
@render.answers(_show)
def pause(partner: str, lasts: float | None, by: str, why: str) -> list[dict[str, Any]]:
    """Begin none of PARTNER's steps, on any worker, until `homeward resume`: they wait, and no attempt counts."""
    return _limit(partner, 0, by, why, for_seconds=lasts)


@click.command()
@_partner
@click.option("--rps", type=click.FloatRange(0.1, 1000), help="So many at first, then ever more.")
@options.by("operations", "Who says so.")
@options.why
@render.answers(_show)
def resume(partner: str, rps: float | None, by: str, why: str) -> list[dict[str, Any]]:
    """Begin PARTNER's steps again, all at once or, with --rps, twice as many a second every ten seconds."""
    return _limit(partner, rps, by, why, ramps=rps is not None)


def _limit(
    partner: str, rps: float | None, by: str, why: str, *, for_seconds: float | None = None, ramps: bool = False
) -> list[dict[str, Any]]:
    async def act(there: Connected) -> list[dict[str, Any]]:
        said = read(LimitChange, {"by": by, "why": why, "rps": rps, "for_seconds": for_seconds, "ramps": ramps})
        return [{"partner": partner, **(await Limits(there.client, there.db).change(partner, said)).shown()}]

    return with_homeward(act)
