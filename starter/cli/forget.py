"""Forgetting a customer who asks for it."""

from typing import Any

import click

from gateways.database.forgetting.forget import Said, StillOpenError
from starter.cli.shared import options, render
from starter.cli.shared.session import Failed, with_homeward
from starter.shared.connect import Connected
from starter.shared.forget import forget_customer


def _show(done: dict[str, Any]) -> None:
    render.line(
        f"{done['customer_id']} is forgotten in {done['returns']} returns, {done['cases']} questions and "
        f"{done['orders']} orders; {done['keys_destroyed']} histories cannot be read any more, "
        f"{done['histories_deleted']} were deleted"
    )
    if done["left_open"]:
        render.line(f"left as they are, being open: {', '.join(done['left_open'])}")
    if not done["files_rewritten"]:
        render.line("the database's file still holds what was changed: run this again in a quiet moment")


@click.command()
@options.customer
@options.by("operations", "Who says so.")
@options.why
@click.option("--leave-open", is_flag=True, help="Forget what is closed, though something is open.")
@render.answers(_show)
def forget(customer: str, by: str, why: str, leave_open: bool) -> dict[str, Any]:
    """Forget CUSTOMER: name, addresses, words. Money, stock and decisions stay in the books."""

    async def act(there: Connected) -> dict[str, Any]:
        try:
            return await forget_customer(there.client, there.db, customer, Said(by, why), leave_open=leave_open)
        except StillOpenError as error:
            raise Failed(
                f"{customer} has something open: {error}; close it first, or forget what is closed by --leave-open"
            ) from None

    return with_homeward(act)
