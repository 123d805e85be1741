"""Which version works, and how another is brought in or taken back."""

import re
from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import click

from starter.cli.deploy.check import document, examined, show_report
from starter.cli.shared import options, render
from starter.cli.shared.session import Failed, WrongInput, build_or_exit, with_homeward
from starter.deploy.rollout import Rollout, Saying
from starter.deploy.routing import UNVERSIONED
from starter.shared.connect import Connected
from workers.deployment.build import DEPLOYMENT, Build
from workers.deployment.replay import USUAL_LIMIT

_COLUMNS = ("version", "state", "last current", "what was done", "by", "why", "at")
_GOES_ON = (
    "wedged workflows go on by themselves within a minute or two, once their task is tried again. Those that the "
    "version taken back has moved on in its own way do not: `homeward deploy check`, in the environment of the version "
    "that works now, names them, and until which event both agree; `temporal workflow reset -w ID --event-id EVENT` "
    "brings each back"
)


class _Ramp(click.ParamType[list[float]]):
    """Percentages that grow, with commas between."""

    name = "percentages"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> list[float]:
        if isinstance(value, list):
            return value
        if not re.fullmatch(r"\d+(\.\d+)?(,\d+(\.\d+)?)*", value):
            self.fail(f"expected percentages with commas between, such as 10,50,100, got {value}", param, ctx)
        steps = [float(part) for part in value.split(",")]
        if sorted(set(steps)) != steps or not steps[0] > 0 or steps[-1] != 100:
            self.fail(f"expected percentages that grow up to 100, got {value}", param, ctx)
        return steps


def _deployed() -> tuple[str, Build]:
    """The deployment that the environment names, and this version."""
    build = build_or_exit()
    if build.deployment is None:
        raise WrongInput([(DEPLOYMENT, "expected the name of the deployment whose versions are spoken of")])
    return build.deployment, build


@click.command()
@render.json_option
def status(*, as_json: bool) -> None:
    """Show which versions work, who chose them and why, and how many workflows cannot go on."""
    name, build = _deployed()

    async def read(there: Connected) -> dict[str, Any]:
        rollout = Rollout(there.client, name, render.line)
        deployment = await rollout.routing.describe()
        unserved = {one.build_id: await rollout.unserved(one.build_id) for one in deployment.versions}
        here = {"this": build.build_id, "unserved": unserved, "wedged": await rollout.wedged()}
        return asdict(deployment) | here

    render.answer(with_homeward(read), _show, as_json=as_json)


def _show(found: dict[str, Any]) -> None:
    part = f", {found['percentage']:g} % of it to {found['ramping']}" if found["ramping"] else ""
    by = f" (changed by {found['changed_by']})" if found["changed_by"] else ""
    render.line(f"{found['name']}: work goes to {found['current'] or UNVERSIONED}{part}{by}")
    render.table("versions", _COLUMNS, [_cells(one) for one in found["versions"]])
    for build_id in filter(None, (found["current"], found["ramping"])):
        for queue in found["unserved"].get(build_id, []):
            render.line(f"NOT SERVED  {queue}: no worker of {build_id}")
    if found["wedged"]:
        render.line(f"WEDGED  {found['wedged']} workflows cannot go on: `homeward deploy check` names them")


def _cells(one: dict[str, Any]) -> list[object]:
    note = one["note"] or {}
    return [one["build_id"], one["state"], one["last_current"], *(note.get(key) for key in ("did", "by", "why", "at"))]


@click.command()
@click.option("--ramp", type=_Ramp(), default="100", show_default=True, help="Part of the work, such as 10,50,100.")
@click.option("--hold", type=options.LENGTH, default="5m", show_default=True, help="How long each part is watched.")
@click.option("--limit", type=click.IntRange(1, 1_000_000), default=USUAL_LIMIT, show_default=True, help="As of check.")
@click.option("--force", is_flag=True, help="Bring it in although open returns break.")
@options.by("operations", "Who says so.")
@options.why
@render.json_option
def promote(ramp: list[float], hold: float, limit: int, force: bool, by: str, why: str, *, as_json: bool) -> None:
    """Bring this version in: check open returns, see that each queue is served, send work to it."""
    name, build = _deployed()
    said: list[str] = []

    async def act(there: Connected) -> dict[str, Any]:
        rollout = Rollout(there.client, name, _teller(said, as_json=as_json))
        await rollout.require_served(build.build_id)
        report = document(await examined(there, limit))
        if report["breaking"] and not force:
            render.answer(report, show_report, as_json=as_json)
            raise Failed(f"{build.build_id} is not brought in: open returns would break")
        await rollout.promote(build.build_id, ramp, timedelta(seconds=hold), Saying(by, why))
        return {"current": build.build_id, "did": said, "check": report}

    render.answer(with_homeward(act), lambda _: None, as_json=as_json)


@click.command()
@click.option("--to", default=None, help=f"Another version than the one before, or `{UNVERSIONED}`.")
@options.by("operations", "Who says so.")
@options.why
@render.json_option
def rollback(to: str | None, by: str, why: str, *, as_json: bool) -> None:
    """Take a ramp back, or have the version before work again; says what happens to wedged returns."""
    name, _ = _deployed()
    said: list[str] = []

    async def act(there: Connected) -> dict[str, Any]:
        rollout = Rollout(there.client, name, _teller(said, as_json=as_json))
        await rollout.rollback(to, Saying(by, why))
        return {"did": said, "wedged": await rollout.wedged(), "advice": _GOES_ON}

    render.answer(with_homeward(act), _show_rollback, as_json=as_json)


def _show_rollback(found: dict[str, Any]) -> None:
    render.line(f"wedged now: {found['wedged']}. {found['advice'][0].upper()}{found['advice'][1:]}.")


def _teller(said: list[str], *, as_json: bool) -> Callable[[str], None]:
    """Keeps what is done, and prints it as it is done unless the answer is to be JSON."""

    def tell(text: str) -> None:
        said.append(text)
        if not as_json:
            render.line(text)

    return tell
