"""Commands that change what a return is: what the customer wants, and what an operator knows better."""

import json
from typing import Any

import click

from client.returns import Homeward
from lifecycle.contract import messages
from lifecycle.contract.request import Method, Resolution
from lifecycle.returns.resolutions.table import MONEY_ONLY
from starter.cli.returns.operate import answer
from starter.cli.shared import inputs, render
from starter.cli.shared.session import WrongInput

_by = click.option("--by", default="operator", show_default=True, help="Who did it; goes into the timeline.")


@click.command()
@click.argument("return_id")
@click.option("--resolution", type=click.Choice([value.value for value in Resolution]), default=None)
@click.option("--method", type=click.Choice([value.value for value in Method]), default=None)
@click.option("--pickup-slot", nargs=2, metavar="START END", default=None, help="One of the slots that `show` lists.")
@click.option("--items", default=None, help="What comes back instead, as a JSON list of items.")
@click.option("--exchange-for", default=None, help="What is wanted in exchange, as a JSON list.")
@_by
@render.json_option
def change(
    return_id: str,
    resolution: str | None,
    method: str | None,
    pickup_slot: tuple[str, str] | None,
    items: str | None,
    exchange_for: str | None,
    by: str,
    *,
    as_json: bool,
) -> None:
    """Change what comes back, for what, or how, before it is handed over."""
    slot = {"start": pickup_slot[0], "end": pickup_slot[1]} if pickup_slot else None
    for name in ("start", "end") if slot else ():
        inputs.instant("--pickup-slot", (slot or {})[name])
    given = {
        "by": by,
        "resolution": resolution,
        "method": method,
        "pickup_slot": slot,
        "items": _json("--items", items),
        "exchange_for": _json("--exchange-for", exchange_for),
    }

    async def act(homeward: Homeward) -> Any:
        message = messages.ChangeRequest.model_validate(given, extra="forbid")
        return await homeward.change_request(return_id, message)

    answer(act, as_json=as_json)


@click.command("answer-charge")
@click.argument("return_id")
@click.argument("said", metavar="accept|refuse", type=click.Choice(["accept", "refuse"]))
@click.option(
    "--instead",
    type=click.Choice([resolution.value for resolution in MONEY_ONLY]),
    default=None,
    help="A refund when left out.",
)
@click.option("--keep", "kept", multiple=True, metavar="SKU[:QUANTITY]", help="What is still wanted; repeatable.")
@click.option("--amount", type=int, default=None, help="The charge that they were shown, in minor units.")
@_by
@render.json_option
def answer_charge(
    return_id: str, said: str, instead: str | None, kept: tuple[str, ...], amount: int | None, by: str, *, as_json: bool
) -> None:
    """Record whether the customer pays what an exchange costs more than was agreed, or what they want instead."""
    given = {
        "by": by,
        "accepted": said == "accept",
        "instead": instead,
        "exchange_for": [inputs.piece(text) for text in kept] or None,
        "amount": amount,
    }

    async def act(homeward: Homeward) -> Any:
        return await homeward.answer_charge(return_id, messages.AnswerCharge.model_validate(given))

    answer(act, as_json=as_json)


@click.command()
@click.argument("return_id")
@click.argument("unit_id")
@click.option("--how", required=True, help="What was done, as it should stand in the records.")
@_by
@render.json_option
def wipe(return_id: str, unit_id: str, how: str, by: str, *, as_json: bool) -> None:
    """Attest that a unit's personal data was wiped."""

    async def act(homeward: Homeward) -> Any:
        return await homeward.attest_wipe(return_id, messages.AttestWipe(by=by, unit_id=unit_id, how=how))

    answer(act, as_json=as_json)


@click.command()
@click.argument("return_id")
@click.argument("field")
@click.argument("value")
@click.option("--why", required=True, help="Goes into the timeline.")
@click.option("--unit", "unit_id", default=None, help="The unit it is about; the return itself when left out.")
@_by
@render.json_option
def override(return_id: str, field: str, value: str, why: str, unit_id: str | None, by: str, *, as_json: bool) -> None:
    """Set FIELD of a return, or of a unit, to VALUE: amounts in minor units, instants as ISO 8601."""

    async def act(homeward: Homeward) -> Any:
        given = int(value) if field == "amount" and value.lstrip("-").isdigit() else value
        message = messages.Override(by=by, why=why, unit_id=unit_id, field=field, value=given)
        return await homeward.override(return_id, message)

    answer(act, as_json=as_json)


def _json(option: str, text: str | None) -> Any:
    if text is None:
        return None
    try:
        return json.loads(text)
    except ValueError:
        raise WrongInput([(option, "expected a JSON list")]) from None
