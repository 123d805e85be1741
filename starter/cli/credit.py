"""Store credit of a customer: what there is, how it came about, and spending it."""

from datetime import UTC, datetime
from typing import Any

import click

from gateways.database import store_credit
from gateways.database.engine import Database
from lifecycle.contract.money import format_money, is_currency
from starter.cli.shared import options, render
from starter.cli.shared.session import WrongInput, with_database

_ENTRIES = ("at", "kind", "amount", "credit_id", "return_id", "order_id", "expires_at")


class _ShowByDefault(click.Group):
    """`credit C-77` is short for `credit show C-77`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = ["show", *args]
        return super().parse_args(ctx, args)


def _key(order: str) -> str:
    return f"order-{order}/store_credit"


async def _of(db: Database, customer: str) -> dict[str, Any]:
    return {
        "customer_id": customer,
        "balance": await store_credit.balance(db, customer, datetime.now(UTC)),
        "entries": await store_credit.entries_of(db, customer),
    }


def _show(found: dict[str, Any]) -> None:
    for row in found["balance"]:
        ends = f"  first part ends {render.printable(row['expires_at'])}" if row["expires_at"] else ""
        render.line(f"{found['customer_id']}  {format_money(row['amount'], row['currency'])}{ends}")
    if not found["balance"]:
        render.line(f"{found['customer_id']} has no store credit")
    rows = [row | {"amount": format_money(row["amount"], row["currency"])} for row in found["entries"]]
    if rows:
        render.records("entries", _ENTRIES, rows)


@click.group(cls=_ShowByDefault)
def credit() -> None:
    """Show a customer's store credit (`credit CUSTOMER`), spend it or take it back."""


@credit.command()
@options.customer
@render.answers(_show)
def show(customer: str) -> dict[str, Any]:
    """What CUSTOMER can spend, and every entry that led there."""
    return with_database(lambda db: _of(db, customer))


@credit.command()
@options.customer
@click.argument("amount", type=click.IntRange(min=1))
@click.argument("currency")
@click.option("--order", required=True, help="The order that is paid with it; once for each order.")
@render.answers(_show)
def spend(customer: str, amount: int, currency: str, order: str) -> dict[str, Any]:
    """Pay AMOUNT, in minor units of CURRENCY, of an order."""
    if not is_currency(currency):
        raise WrongInput([("CURRENCY", f"expected an ISO 4217 code such as USD, got {currency}")])

    async def act(db: Database) -> dict[str, Any]:
        await store_credit.spend(
            db,
            key=_key(order),
            customer_id=customer,
            currency=currency,
            amount=amount,
            at=datetime.now(UTC),
            order_id=order,
        )
        return await _of(db, customer)

    return with_database(act)


@credit.command("give-back")
@options.customer
@click.option("--order", required=True, help="The order that was paid with it.")
@render.answers(_show)
def give_back(customer: str, order: str) -> dict[str, Any]:
    """Put back what CUSTOMER spent on an order that came to nothing."""

    async def act(db: Database) -> dict[str, Any]:
        await store_credit.give_back(db, customer_id=customer, spend_key=_key(order), at=datetime.now(UTC))
        return await _of(db, customer)

    return with_database(act)


@credit.command("take-back")
@options.customer
@click.argument("credit_id")
@click.argument("amount", type=click.IntRange(min=1))
@options.repeatable_id("--request-id")
@render.answers(_show)
def take_back(customer: str, credit_id: str, amount: int, request_id: str) -> dict[str, Any]:
    """Take AMOUNT, in minor units, of one credit of CUSTOMER back, given in error; never more than is left of it."""

    async def act(db: Database) -> dict[str, Any]:
        if credit_id not in {entry["credit_id"] for entry in await store_credit.entries_of(db, customer)}:
            raise WrongInput([("CREDIT_ID", f"{customer} has no credit {credit_id}")])
        await db.write(
            lambda connection: store_credit.take_back(
                connection, key=f"take-back-{request_id}", credit_id=credit_id, amount=amount, at=datetime.now(UTC)
            )
        )
        return await _of(db, customer)

    return with_database(act)
