"""How many of a partner's steps begin each second: shown, limited, paused and resumed."""

from typing import Any

import click

from lifecycle.contract.boundary import read
from lifecycle.contract.retries import LimitChange
from starter.cli.shared import render
from starter.cli.shared.session import with_homeward
from starter.shared.connect import Connected
from starter.shared.dispatch import PARTNERS, Limit, limit, limit_of

_COLUMNS = ("partner", "steps a second", "since", "reason")
_partner = click.argument("partner", type=click.Choice(PARTNERS))
_by = click.option("--by", default="operations", show_default=True, help="Who says so.")
_why = click.option("--why", required=True, help="For whoever looks at it later.")


@click.group(invoke_without_command=True)
@render.json_option
@click.pass_context
def limits(context: click.Context, *, as_json: bool) -> None:
    """Show how many of each partner's steps may begin each second."""
    if context.invoked_subcommand is not None:
        return

    async def act(there: Connected) -> dict[str, Limit]:
        return {partner: await limit_of(there.client, partner) for partner in PARTNERS}

    _show(with_homeward(act), as_json=as_json)


@limits.command("set")
@_partner
@click.argument("rps", type=click.FloatRange(0, 1000))
@_by
@_why
@render.json_option
def set_limit(partner: str, rps: float, by: str, why: str, *, as_json: bool) -> None:
    """Have at most RPS of PARTNER's steps begin each second."""
    _limit(partner, rps, by, why, as_json=as_json)


@limits.command()
@_partner
@_by
@_why
@render.json_option
def clear(partner: str, by: str, why: str, *, as_json: bool) -> None:
    """Lift the limit of PARTNER's steps."""
    _limit(partner, None, by, why, as_json=as_json)


@click.command()
@_partner
@_by
@_why
@render.json_option
def pause(partner: str, by: str, why: str, *, as_json: bool) -> None:
    """Begin none of PARTNER's steps, on any worker, until `homeward resume`: they wait, and no attempt counts."""
    _limit(partner, 0, by, why, as_json=as_json)


@click.command()
@_partner
@click.option("--rps", type=click.FloatRange(0.1, 1000), help="As a limit, so that not all begins at once.")
@_by
@_why
@render.json_option
def resume(partner: str, rps: float | None, by: str, why: str, *, as_json: bool) -> None:
    """Begin PARTNER's steps again; a limit given here stays until `homeward limits clear`."""
    _limit(partner, rps, by, why, as_json=as_json)


def _limit(partner: str, rps: float | None, by: str, why: str, *, as_json: bool) -> None:
    async def act(there: Connected) -> dict[str, Limit]:
        said = read(LimitChange, {"by": by, "why": why, "rps": rps})
        return {partner: await limit(there.client, partner, said)}

    _show(with_homeward(act), as_json=as_json)


def _show(held: dict[str, Limit], *, as_json: bool) -> None:
    rows: list[dict[str, Any]] = [
        {"partner": partner, "rps": one.rps, "at": one.at, "reason": one.reason} for partner, one in held.items()
    ]
    if as_json:
        render.put_json(rows)
    else:
        render.table("limits", _COLUMNS, [_cells(row) for row in rows])


def _cells(row: dict[str, Any]) -> list[object]:
    told = {None: "no limit", 0: "paused"}.get(row["rps"], row["rps"])
    return [row["partner"], told, row["at"], row["reason"]]
