"""Steps that failed for good: shown, and answered, for one return or for many."""

from datetime import UTC, datetime, timedelta
from typing import Any

import click

from client.attention import MOST, RATE, AttentionAnswers, WaitingFilter, WaitingReturn, answer_waiting, waiting_returns
from client.errors import Unreachable
from lifecycle.contract.boundary import read
from lifecycle.contract.messages import ResolveAttention
from lifecycle.contract.money import format_money
from lifecycle.contract.view import Summary
from starter.cli.shared import options, render
from starter.cli.shared.session import Failed, WrongInput, with_homeward
from starter.cli.upkeep import findings
from starter.shared.connect import Connected
from starter.shared.findings import waiting_findings

_COLUMNS = ("return", "step", "since", "resolve by", "amount", "error")
#: Seconds of work between two lines that tell how far it is.
_BETWEEN_LINES = 5


@click.command()
@click.argument("return_id", required=False, metavar="[RETURN_ID]")
@click.argument("action", required=False, metavar="[retry|mark_done|skip]")
@options.by("operator")
@options.reference
@click.option("--step", default=None, help="Which step; of one return the one waiting longest when left out.")
@click.option("--error", default=None, help="Many: only steps whose error has this in it.")
@click.option("--older", type=options.LENGTH, default=0.0, help="Many: only steps that wait for longer, such as 1h.")
@click.option("--rps", default=RATE, show_default=True, type=click.FloatRange(0.1, 100), help="Many: answers a second.")
@click.option("--why", default=None, help="Goes into the timeline; many need it.")
@click.option("--yes", is_flag=True, help="Many: do not ask.")
@render.json_option
def attention(
    return_id: str | None, action: str | None, *, error: str | None, older: float, as_json: bool, **given: Any
) -> None:
    """Answer a step that failed for good.

    RETURN_ID and an action answer the step of one return, and an action alone all that --step, --error and --older
    name, once it was asked whether to. Without either, what waits is listed, the longest waiting first, and what
    does not agree with the books.
    """
    wanted = WaitingFilter(given["step"], error, datetime.now(UTC) - timedelta(seconds=older))
    if return_id is None:
        render.answer(_all_that_waits(wanted), _show_waiting, as_json=as_json)
    elif action is None and (many := return_id.replace("-", "_")) in options.ACTION.choices:
        render.answer(_answer_many(wanted, many, **given), _show_answers, as_json=as_json)
    else:
        render.answer(_answer_one(return_id, action, **given), render.show_summary, as_json=as_json)


def _waiting(wanted: WaitingFilter) -> list[WaitingReturn]:
    return with_homeward(lambda there: waiting_returns(there.homeward, wanted))


def _all_that_waits(wanted: WaitingFilter) -> dict[str, Any]:
    async def read_all(there: Connected) -> dict[str, Any]:
        waiting = await waiting_returns(there.homeward, wanted)
        found = [] if wanted.step else await waiting_findings(there.db, wanted.error, wanted.before)
        return {"returns": waiting, "more": len(waiting) == MOST, "findings": found}

    return with_homeward(read_all)


def _show_waiting(found: dict[str, Any]) -> None:
    waiting: list[WaitingReturn] = found["returns"]
    cells = [
        (one.return_id, one.step, one.since, one.resolve_by, format_money(one.amount, one.currency), one.error)
        for one in waiting
    ]
    render.table("attention", _COLUMNS, cells)
    if found["more"]:
        render.line(f"the newest {MOST} are looked at: there may be more")
    if found["findings"]:
        findings.show(found["findings"])


def _answer_one(return_id: str, action: str | None, by: str, reference: str | None, **given: Any) -> Summary:
    if action is None:
        raise click.UsageError("Missing argument 'ACTION'.")
    if action not in options.ACTION.choices:
        raise click.UsageError(f"'{action}' is not one of {', '.join(options.ACTION.choices)}.")
    said = {"by": by, "action": action, "reference": reference, "step": given["step"], "why": given["why"]}
    answer = ResolveAttention.model_validate(said)
    return with_homeward(lambda there: there.homeward.resolve_attention(return_id, answer))


def _answer_many(
    wanted: WaitingFilter, action: str, *, by: str, why: str | None, rps: float, **given: Any
) -> AttentionAnswers:
    if wanted.step is None:
        raise WrongInput([("--step", "expected, as an answer means something else for each step")])
    if why is None:
        raise WrongInput([("--why", "expected, to answer many")])
    if given["reference"] is not None:
        raise WrongInput([("--reference", "expected for one return alone")])
    answer = read(ResolveAttention, {"by": by, "action": action, "why": why})
    waiting = _waiting(wanted)
    if waiting and not given["yes"]:
        returns = "one return" if len(waiting) == 1 else f"{len(waiting)} returns"
        click.confirm(f"{action} {wanted.step} of {returns}, {rps:g} a second?", abort=True, err=True)

    async def act(there: Connected) -> AttentionAnswers:
        done = AttentionAnswers(left=len(waiting))
        while done.left:
            await _some(there, waiting, answer, rps, done)
        return done

    return with_homeward(act)


async def _some(
    there: Connected, waiting: list[WaitingReturn], answer: ResolveAttention, rps: float, done: AttentionAnswers
) -> None:
    """Answer the next of them, and tell how far it is: what was told is done, also where it is broken off."""
    most = max(1, int(rps * _BETWEEN_LINES))
    try:
        now = await answer_waiting(there.homeward, waiting[-done.left :], answer, rps, most)
    except Unreachable as error:
        raise Failed(f"{error}; left: {done.left} of {len(waiting)}") from None
    done.answered += now.answered
    done.refused |= now.refused
    done.left = now.left
    click.echo(f"{len(waiting) - done.left} of {len(waiting)}", err=True)


def _show_answers(done: AttentionAnswers) -> None:
    render.line(f"answered: {len(done.answered)}, refused: {len(done.refused)}")
    for return_id, why in done.refused.items():
        render.line(f"  {return_id}: {why}")
