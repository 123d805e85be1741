"""Whether a shop's own system keeps what Homeward relies on; for the shop to run against its test server."""

from dataclasses import asdict
from typing import Final

import click
from pydantic import TypeAdapter, ValidationError

from lifecycle.contract.request import problems
from starter.cli.shared import render
from starter.cli.shared.session import WrongInput, run
from starter.cli.upkeep.doctor import show
from starter.conform import told
from starter.conform.probe import Probe
from starter.conform.refunds import RefundChecks, Sample
from starter.doctor.finding import Finding
from workers.setting_values import WebhookSecrets

KINDS: Final = ("refunds", "mails", "stock")


@click.command()
@click.argument("url")
@click.option("--kind", "kinds", type=click.Choice(KINDS), multiple=True, help="What to test; all when left out.")
@click.option("--secret", prompt=True, hide_input=True, help="What calls are signed with, whsec_...; asked for.")
@click.option("--order-id", default="CONFORM", show_default=True, help="An order that 3 minor units may go back of.")
@click.option("--customer-id", default="C-CONFORM", show_default=True, help="Whose order it is.")
@click.option("--currency", default="EUR", show_default=True, help="The order's currency.")
@click.option("--tender-id", default="t1", show_default=True, help="The tender that gets them.")
@click.option("--tender-kind", default="other", show_default=True, help="Its kind.")
@click.option("--tender-reference", default=None, help="Your own name of it.")
@click.option("--captured", type=click.IntRange(min=3), default=1000, show_default=True, help="In minor units.")
@click.option("--mail-to", default="conform@example.com", show_default=True, help="Who gets the test mail.")
@click.option("--sku", default="CONFORM", show_default=True, help="The article that comes and leaves.")
@render.json_option
def conform(
    url: str,
    kinds: tuple[str, ...],
    secret: str,
    mail_to: str,
    sku: str,
    *,
    as_json: bool,
    **sample: str,
) -> None:
    """Test a system of your own at URL against the protocol: one line each; ends with 1 where one failed.

    It makes refunds of 1 and 2 minor units, sends a mail, and books one piece in and out: name a test server.
    """
    try:
        probe = Probe(url, TypeAdapter(WebhookSecrets).validate_python(secret).get_secret_value())
    except ValidationError as error:
        raise WrongInput([("--secret", text) for _, text in problems(error)]) from None

    async def examine() -> list[Finding]:
        found: list[Finding] = []
        try:
            for kind in kinds or KINDS:
                found += await _of(kind, probe, Sample(**sample), mail_to, sku)  # type: ignore[arg-type]
        finally:
            await probe.close()
        return found

    found = run(examine())
    render.answer([asdict(one) for one in found], show, as_json=as_json)
    if any(one.state == "failed" for one in found):
        raise SystemExit(1)


async def _of(kind: str, probe: Probe, sample: Sample, mail_to: str, sku: str) -> list[Finding]:
    if kind == "refunds":
        return await RefundChecks(probe, sample).findings()
    if kind == "mails":
        return await told.findings(probe, "/mails", told.mail(mail_to))
    return await told.findings(probe, "/stock/movements", told.movements(sku))
