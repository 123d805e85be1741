"""Commands about the policy: what a request would give, whether a policy file is right."""

import json
from datetime import UTC, datetime
from typing import Any

import click

from gateways.database.ledger import find
from lifecycle.contract.errors import InvalidRequest
from lifecycle.contract.money import format_money
from lifecycle.contract.policy import InvalidPolicy, Policy, parse_policy
from lifecycle.contract.view import View
from lifecycle.returns.decisions.quote import Quote
from lifecycle.returns.decisions.quote import quote as make_quote
from lifecycle.shared.policy_text import flat, line_of
from starter.cli.shared import inputs, options, render
from starter.cli.shared.session import WrongInput, settings_or_exit, with_homeward
from starter.shared.connect import Connected


def _show_quote(found: Quote) -> None:
    render.line(f"{found.decision.outcome}  {format_money(found.amount, found.currency)}")
    for name, amount in found.breakdown:
        if amount:
            render.line(f"  {name.replace('_', ' ')} {format_money(amount, found.currency)}")
    for payment in found.paid:
        render.line(f"  to {payment.tender_id} {format_money(payment.amount, found.currency)}")
    for rule in found.decision.rules:
        render.line(f"  {rule.rule} {rule.unit_id or ''} {rule.detail}")


@click.command()
@click.argument("file")
@render.answers(_show_quote)
def quote(file: str) -> Quote:
    """Show what the request in FILE (- for standard input) would give; starts nothing."""
    body, path = inputs.read_json(file), settings_or_exit().policy
    policy = _checked(str(path), "HOMEWARD_POLICY: ") if path else Policy()
    try:
        return make_quote(body, policy, datetime.now(UTC))
    except InvalidRequest as error:
        raise WrongInput(error.problems) from None


def _checked(source: str, prefix: str = "") -> Policy:
    text = inputs.read_text(source)
    try:
        return parse_policy(text)
    except InvalidPolicy as error:
        raise WrongInput([(f"{prefix}{_with_line(text, key)}", what) for key, what in error.problems]) from None


def _with_line(text: str, key: str) -> str:
    number = line_of(text, key)
    return f"line {number}: {key}" if number else key


@click.group()
def policy() -> None:
    """Check, show and compare policies."""


@policy.command()
@click.argument("file")
@render.json_option
def check(file: str, *, as_json: bool) -> None:
    """Check a policy FILE (- for standard input)."""
    found = _checked(file)
    answer = {"valid": True, "version": found.version}
    render.answer(answer, lambda _: render.line(f"{file}: right, version {found.version}"), as_json=as_json)


def _show(found: dict[str, Any]) -> None:
    render.line(f"{found['return_id']}  {found['outcome'] or 'not decided yet'}")
    for rule in found["rules"]:
        render.line(f"  {rule['rule']} {rule['unit_id'] or ''} {rule['detail']}")
    for key, value in flat(found["terms"] or {}).items():
        render.line(f"  {key} = {json.dumps(value)}")


@policy.command()
@options.return_id
@render.answers(_show)
def show(return_id: str) -> dict[str, Any]:
    """Show what the policy said to a return: the rules that fired, and the terms it keeps."""

    async def act(there: Connected) -> tuple[View, dict[str, Any] | None]:
        return await there.homeward.view(return_id), await find(there.db, return_id, "open")

    view, opening = with_homeward(act)
    rules = [rule.model_dump(mode="json") for rule in view.decision.rules] if view.decision else []
    outcome = view.decision.outcome if view.decision else None
    terms = (opening or {}).get("terms")
    return {"return_id": return_id, "outcome": outcome, "rules": rules, "terms": terms}


def _show_changed(changed: list[dict[str, Any]]) -> None:
    for row in changed:
        render.line(f"{row['key']}: {json.dumps(row['from'])} -> {json.dumps(row['to'])}")


@policy.command()
@click.argument("one")
@click.argument("other")
@render.answers(_show_changed)
def diff(one: str, other: str) -> list[dict[str, Any]]:
    """Show which keys differ between two policy files, defaults filled in."""
    before, after = (flat(_checked(source).model_dump(mode="json")) for source in (one, other))
    return [
        {"key": key, "from": before.get(key), "to": after.get(key)}
        for key in sorted(before.keys() | after.keys())
        if before.get(key) != after.get(key)
    ]
