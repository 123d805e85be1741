"""Store credit of a customer: what there is, how it came about, and spending it."""

import click

from lifecycle.contract.boundary import read
from lifecycle.contract.money import format_money
from starter.cli.shared import options, render
from starter.cli.shared.session import with_database
from starter.shared.books import store_credit
from starter.shared.books.store_credit import GiveBackCredit, SpendCredit, Statement, TakeBackCredit, statement_of

_ENTRIES = ("at", "kind", "amount", "credit_id", "return_id", "order_id", "expires_at", "by", "why")


class _ShowByDefault(click.Group):
    """`credit C-77` is short for `credit show C-77`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = ["show", *args]
        return super().parse_args(ctx, args)


def _show(found: Statement) -> None:
    for row in found.balance:
        ends = f"  first part ends {render.printable(row.expires_at)}" if row.expires_at else ""
        render.line(f"{found.customer_id}  {format_money(row.amount, row.currency)}{ends}")
    if not found.balance:
        render.line(f"{found.customer_id} has no store credit")
    rows = [vars(row) | {"amount": format_money(row.amount, row.currency)} for row in found.entries]
    if rows:
        render.records("entries", _ENTRIES, rows)


_by = options.by("operations", "Who says so.")


@click.group(cls=_ShowByDefault)
def credit() -> None:
    """Show a customer's store credit (`credit CUSTOMER`), spend it or take it back."""


@credit.command()
@options.customer
@render.answers(_show)
def show(customer: str) -> Statement:
    """What CUSTOMER can spend, and every entry that led there."""
    return with_database(lambda db: statement_of(db, customer))


@credit.command()
@options.customer
@click.argument("amount", type=click.IntRange(min=1))
@click.argument("currency")
@click.option("--order", required=True, help="The order that is paid with it; once for each order.")
@_by
@render.answers(_show)
def spend(customer: str, amount: int, currency: str, order: str, by: str) -> Statement:
    """Pay AMOUNT, in minor units of CURRENCY, of an order."""
    said = {"by": by, "customer_id": customer, "order_id": order, "amount": amount, "currency": currency}
    message = read(SpendCredit, said)
    return with_database(lambda db: store_credit.spend(db, message))


@credit.command("give-back")
@options.customer
@click.option("--order", required=True, help="The order that was paid with it.")
@_by
@render.answers(_show)
def give_back(customer: str, order: str, by: str) -> Statement:
    """Put back what CUSTOMER spent on an order that came to nothing."""
    message = read(GiveBackCredit, {"by": by, "customer_id": customer, "order_id": order})
    return with_database(lambda db: store_credit.give_back(db, message))


@credit.command("take-back")
@options.customer
@click.argument("credit_id")
@click.argument("amount", type=click.IntRange(min=1))
@options.repeatable_id("--request-id")
@_by
@click.option("--why", default="given in error", show_default=True, help="For whoever looks at it later.")
@render.answers(_show)
def take_back(customer: str, credit_id: str, amount: int, request_id: str, by: str, why: str) -> Statement:
    """Take AMOUNT, in minor units, of one credit of CUSTOMER back, given in error; never more than is left of it."""
    said = {"by": by, "why": why, "customer_id": customer, "credit_id": credit_id, "amount": amount}
    message = read(TakeBackCredit, said)
    return with_database(lambda db: store_credit.take_back(db, message, request_id))
