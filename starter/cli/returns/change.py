"""Commands that change what a return is: what the customer wants, and what an operator knows better."""

import json
from typing import Any

import click

from lifecycle.contract import messages
from lifecycle.contract.request import Method
from lifecycle.contract.resolutions import Resolution
from lifecycle.contract.view import Summary
from lifecycle.returns.resolutions.table import MONEY_ONLY
from starter.cli.shared import inputs, options, render
from starter.cli.shared.session import WrongInput, with_homeward

_by = options.by("operator")


@click.command()
@options.return_id
@click.option("--resolution", type=options.OneOf(Resolution), default=None)
@click.option("--method", type=options.OneOf(Method), default=None)
@click.option("--pickup-slot", nargs=2, metavar="START END", default=None, help="One of the slots that `show` lists.")
@click.option("--items", default=None, help="What comes back instead, as a JSON list of items.")
@click.option("--exchange-for", default=None, help="What is wanted in exchange, as a JSON list.")
@_by
@render.answers(render.show_summary)
def change(
    return_id: str, pickup_slot: tuple[str, str] | None, items: str | None, exchange_for: str | None, **given: Any
) -> Summary:
    """Change what comes back, for what, or how, before it is handed over."""
    for instant in pickup_slot or ():
        inputs.instant("--pickup-slot", instant)
    given |= {
        "pickup_slot": dict(zip(("start", "end"), pickup_slot, strict=True)) if pickup_slot else None,
        "items": _json("--items", items),
        "exchange_for": _json("--exchange-for", exchange_for),
    }
    return with_homeward(
        lambda there: there.homeward.change_request(
            return_id, messages.ChangeRequest.model_validate(given, extra="forbid")
        )
    )


@click.command("answer-charge")
@options.return_id
@click.argument("said", metavar="accept|refuse", type=click.Choice(["accept", "refuse"]))
@click.option("--instead", type=options.OneOf(MONEY_ONLY), default=None, help="A refund when left out.")
@click.option("--keep", "kept", multiple=True, metavar="SKU[:QUANTITY]", help="What is still wanted; repeatable.")
@click.option("--amount", type=int, default=None, help="The charge that they were shown, in minor units.")
@_by
@render.answers(render.show_summary)
def answer_charge(return_id: str, said: str, kept: tuple[str, ...], **given: Any) -> Summary:
    """Record whether the customer pays what an exchange costs more than was agreed, or what they want instead."""
    given |= {"accepted": said == "accept", "exchange_for": [inputs.piece(text) for text in kept] or None}
    return with_homeward(
        lambda there: there.homeward.answer_charge(return_id, messages.AnswerCharge.model_validate(given))
    )


@click.command()
@options.return_id
@click.argument("unit_id")
@click.option("--how", required=True, help="What was done, as it should stand in the records.")
@_by
@render.answers(render.show_summary)
def wipe(return_id: str, **given: str) -> Summary:
    """Attest that a unit's personal data was wiped."""
    return with_homeward(lambda there: there.homeward.attest_wipe(return_id, messages.AttestWipe.model_validate(given)))


@click.command()
@options.return_id
@click.argument("field")
@click.argument("value")
@click.option("--why", required=True, help="Goes into the timeline.")
@click.option("--unit", "unit_id", default=None, help="The unit it is about; the return itself when left out.")
@_by
@render.answers(render.show_summary)
def override(return_id: str, field: str, value: str, **given: str) -> Summary:
    """Set FIELD of a return, or of a unit, to VALUE: amounts in minor units, instants as ISO 8601."""
    wanted = int(value) if field == "amount" and value.lstrip("-").isdigit() else value
    message = messages.Override.model_validate({**given, "field": field, "value": wanted})
    return with_homeward(lambda there: there.homeward.override(return_id, message))


def _json(option: str, text: str | None) -> Any:
    if text is None:
        return None
    try:
        return json.loads(text)
    except ValueError:
        raise WrongInput([(option, "expected a JSON list")]) from None
