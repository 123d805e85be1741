"""Requests for tests, each of an order of its own, and what tests ask of a return."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

from pydantic import BaseModel
from sqlalchemy import select

from gateways.database.engine import Database
from gateways.database.ledger import DONE, effects_of
from gateways.database.messages.outbox import latest_mails, mails_of
from gateways.database.stock.inventory import movements_of
from gateways.sandbox.tables import sandbox_shipments
from lifecycle.contract.messages import InspectedUnit, Inspection, Receipt, ReceiptUnits
from lifecycle.contract.request import ReturnRequest
from lifecycle.contract.view import Summary
from lifecycle.returns.promise_clock import LIMIT_SPREADS_OVER
from lifecycle.shared.spread import spread
from starter.demo.story import Story

_numbers = count(1)
_RUN = uuid4().hex[:6]
#: How often a test looks before it gives up: three minutes and more, for workers may be killed meanwhile.
LOOKS = 1800


def make_body(
    *,
    lines: list[dict[str, Any]] | None = None,
    items: list[dict[str, Any]] | None = None,
    tender: str | None = None,
    tenders: list[dict[str, Any]] | None = None,
    line2: str | None = None,
    name: str = "Sample Customer",
    order_id: str | None = None,
    shipping: int = 0,
    **changes: Any,
) -> dict[str, Any]:
    """A request as JSON; ``tender`` is the one card's reference."""
    number = f"{_RUN}-{next(_numbers)}"
    lines = lines or [
        {"line_id": "1", "sku": f"SKU-{number}", "title": "Trail shoe", "quantity": 2, "unit_price": 4000}
    ]
    total = shipping + sum(
        line["quantity"] * line["unit_price"] - line.get("discount_total", 0) + line.get("tax_total", 0)
        for line in lines
    )
    now = datetime.now(UTC)
    card = {"tender_id": "t1", "kind": "card", "captured": total, "reference": tender or f"pi_{number}"}
    body = {
        "return_id": f"R-{number}",
        "order": {
            "order_id": order_id or f"SO-{number}",
            "placed_at": (now - timedelta(days=9)).isoformat(),
            "delivered_at": (now - timedelta(days=4)).isoformat(),
            "currency": "USD",
            "customer": {
                "customer_id": f"C-{number}",
                "name": name,
                "email": "customer@example.com",
                "address": {"line1": "1 Main St", "line2": line2, "city": "Springfield", "country": "US"},
            },
            "lines": lines,
            "shipping": {"price": shipping},
            "tenders": tenders or [card],
        },
        "items": items or [{"line_id": "1", "quantity": 1, "reason": "unwanted"}],
    }
    return body | changes


def make_request(**changes: Any) -> ReturnRequest:
    """The same, checked."""
    return ReturnRequest.model_validate(make_body(**changes))


async def called_for(db: Database, subject: str) -> bool:
    """Whether a mail to operations is written whose subject ends so: steps of that kind need an operator."""
    mails = await latest_mails(db, None, 1000)
    return any(mail["template"] == "attention" and mail["subject"].endswith(subject) for mail in mails)


class Play(Story):
    """A story, with what tests ask besides."""

    async def receipt(self, *units: ReceiptUnits, complete: bool = True, receipt_id: str | None = None) -> Summary:
        """Record exactly this receipt."""
        receipt = Receipt(receipt_id=receipt_id or uuid4().hex, complete=complete, units=list(units))
        return await self._stage.homeward.record_receipt(self.return_id, receipt)

    async def inspection(self, *units: InspectedUnit, inspection_id: str | None = None) -> Summary:
        """Record exactly this inspection."""
        inspection = Inspection(inspection_id=inspection_id or uuid4().hex, units=list(units))
        return await self._stage.homeward.record_inspection(self.return_id, inspection)

    async def now(self) -> datetime:
        """This return's own time."""
        return await self._stage.clock.get_current_time(self.handle)

    async def limit_enforced_at(self) -> datetime:
        """When its limit is enforced: in the last hour before it, at a second of its own."""
        limit = (await self.view()).deadlines.limit
        assert limit is not None
        return spread(self.return_id, limit, LIMIT_SPREADS_OVER)

    async def effects(self) -> list[str]:
        """The steps that the ledger has as done, oldest first."""
        effects = await effects_of(self._stage.db, self.return_id)
        return [effect["step"] for effect in effects if effect["state"] == DONE]

    async def mails(self) -> list[str]:
        """The templates of its mails, oldest first."""
        return [mail["template"] for mail in await mails_of(self._stage.db, self.return_id)]

    async def stock(self) -> dict[tuple[str, str], int]:
        """What its movements add up to, by location and grade; balances of 0 left out."""
        totals: dict[tuple[str, str], int] = {}
        for move in await movements_of(self._stage.db, self.return_id):
            place = (move["location"], move["grade"])
            totals[place] = totals.get(place, 0) + move["quantity"]
        return {place: quantity for place, quantity in totals.items() if quantity}

    async def events(self) -> list[str]:
        """The timeline's event names."""
        return [entry.event for entry in (await self.view()).timeline]

    async def history_length(self) -> int:
        """How many events its workflow has."""
        return len((await self.handle.fetch_history()).events)

    async def until_event(self, event: str) -> None:
        """Wait until it stands on the timeline."""
        await self._until(self.events, lambda events: event in events, f"no {event}")

    async def signal(self, name: str, event: BaseModel) -> None:
        """Send a signal as a partner's webhook would."""
        await self.handle.signal(name, event)

    async def labels(self) -> list[str]:
        """The states of the labels that the carrier sold for it."""
        table = sandbox_shipments
        statement = select(table.c.state).where(table.c.return_id == self.return_id)
        return await self._stage.db.read(lambda connection: list(connection.execute(statement).scalars()))

    async def until_no_label_is_left(self) -> None:
        """Wait until every label that the carrier sold for it is voided."""
        await self._until(self.labels, lambda states: set(states) <= {"voided"}, "a label is left")

    async def until_effect(self, step: str) -> None:
        """Wait until the step is in the ledger."""
        await self._until(self.effects, lambda steps: step in steps, f"no {step}")

    async def until_mails_are(self, state: str) -> None:
        """Wait until every mail is in that state of the outbox."""
        await self._until(
            lambda: mails_of(self._stage.db, self.return_id),
            lambda mails: bool(mails) and all(mail["state"] == state for mail in mails),
            f"mails are not {state}",
        )

    async def until_mail(self, template: str, state: str) -> None:
        """Wait until that mail is in that state."""
        await self._until(
            lambda: mails_of(self._stage.db, self.return_id),
            lambda mails: (template, state) in [(mail["template"], mail["state"]) for mail in mails],
            f"no {template} is {state}",
        )

    async def until_paid(self, state: str) -> None:
        """Wait until a payment is in that state."""
        await self._until(
            self.view,
            lambda view: any(paid.state == state for paid in view.settlement.paid),
            f"nothing paid is {state}",
        )

    async def _until(self, ask: Callable[[], Awaitable[Any]], holds: Callable[[Any], bool], problem: str) -> None:
        for _ in range(LOOKS):
            if holds(await ask()):
                return
            await asyncio.sleep(0.1)
        raise TimeoutError(f"{self.return_id}: {problem}")
