"""Commands about the policy: what a request would give, whether a policy file is right."""

from datetime import UTC, datetime

import click

from lifecycle.errors import InvalidRequest
from lifecycle.money import format_money
from lifecycle.policy import InvalidPolicy, Policy, parse_policy
from starter.cli import inputs, render
from starter.cli.session import WrongInput, settings_or_exit
from starter.quote import Quote
from starter.quote import quote as make_quote


@click.command()
@click.argument("file")
@render.json_option
def quote(file: str, *, as_json: bool) -> None:
    """Tell what the request in FILE (- for standard input) would give; starts nothing."""
    body = inputs.read_json(file)
    try:
        found = make_quote(body, _policy_in_force(), datetime.now(UTC))
    except InvalidRequest as error:
        raise WrongInput(error.problems) from None
    if as_json:
        render.put_json(found)
    else:
        _show(found)


def _policy_in_force() -> Policy:
    path = settings_or_exit().policy
    return _checked(str(path), "HOMEWARD_POLICY: ") if path else Policy()


def _checked(source: str, prefix: str = "") -> Policy:
    try:
        return parse_policy(inputs.read_text(source))
    except InvalidPolicy as error:
        raise WrongInput([(f"{prefix}{field}", text) for field, text in error.problems]) from None


def _show(found: Quote) -> None:
    render.line(f"{found.decision.outcome}  {format_money(found.amount, found.currency)}")
    for name, amount in found.breakdown:
        if amount:
            render.line(f"  {name.replace('_', ' ')} {format_money(amount, found.currency)}")
    for payment in found.paid:
        render.line(f"  to {payment.tender_id} {format_money(payment.amount, found.currency)}")
    for rule in found.decision.rules:
        render.line(f"  {rule.rule} {rule.unit_id or ''} {rule.detail}")


@click.group()
def policy() -> None:
    """Look after the policy."""


@policy.command()
@click.argument("file")
@render.json_option
def check(file: str, *, as_json: bool) -> None:
    """Check a policy FILE (- for standard input)."""
    found = _checked(file)
    if as_json:
        render.put_json({"valid": True, "version": found.version})
    else:
        render.line(f"{file}: right, version {found.version}")
