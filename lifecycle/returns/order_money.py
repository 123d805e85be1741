"""An order's money: claimed by its returns as its units are, so that together they never give back more than was paid.

    left = captured - the larger of (what this request says was refunded) and (what the order's
           first return said was refunded + all that Homeward has given back for the order since)

What other returns hold and have not given yet is not in what a request says: it is taken off besides.
Given back are refunds, store credit without its bonus, and what an exchange or a repair took off.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel, ConfigDict

from lifecycle.contract.money import share_out
from lifecycle.contract.request import Order
from lifecycle.contract.tenders import TenderKind


class OrderMoney(BaseModel):
    """A part of an order's money, in minor units: in all, and what of it is of which tender."""

    model_config = ConfigDict(frozen=True)

    total: int = 0
    tenders: dict[str, int] = {}


NOTHING: Final = OrderMoney()


class MoneyWanted(BaseModel):
    """What a return would give back, in minor units: ``given`` so far, ``paid`` of it by tender, and ``more``.

    ``to_tenders`` is the part of ``more`` that goes to tenders.
    """

    given: int = 0
    paid: dict[str, int] = {}
    more: int = 0
    to_tenders: int = 0

    def with_shipping(self, shipping: int, *, as_credit: bool) -> "MoneyWanted":
        """The same, and the order's original shipping besides."""
        more = {"more": self.more + shipping, "to_tenders": self.to_tenders + (0 if as_credit else shipping)}
        return self.model_copy(update=more)


class MoneyAnswer(BaseModel):
    """What a return holds of its order's money now; ``shipping``: the order's original shipping is part of it."""

    claim: OrderMoney
    shipping: bool = False


@dataclass(frozen=True)
class Books:
    """What the database knows of an order's money, besides what the return that asks holds itself.

    ``first``: what the order's first return said was refunded, None where that is the one that asks;
    ``given`` and ``promised``: what other returns hold, paid already or not; ``outside``: what was refunded
    elsewhere, as the return that asks found it when it opened.
    """

    first: OrderMoney | None = None
    given: OrderMoney = NOTHING
    promised: OrderMoney = NOTHING
    outside: OrderMoney | None = None


NO_BOOKS: Final = Books()


def add_up(*parts: OrderMoney) -> OrderMoney:
    """The sum of parts."""
    tenders: dict[str, int] = {}
    for part in parts:
        for tender_id, amount in part.tenders.items():
            tenders[tender_id] = tenders.get(tender_id, 0) + amount
    return OrderMoney(total=sum(part.total for part in parts), tenders=tenders)


def refunded_outside(order: Order, books: Books) -> OrderMoney:
    """What was refunded by others than Homeward: what the request says may count what Homeward gave, or not."""
    if books.outside is not None:
        return books.outside
    said = {tender.tender_id: tender.refunded for tender in order.tenders}
    first = books.first or OrderMoney(total=sum(said.values()), tenders=said)
    return OrderMoney(
        total=max(first.total, sum(said.values()) - books.given.total),
        tenders={
            tender_id: max(first.tenders.get(tender_id, 0), refunded - books.given.tenders.get(tender_id, 0))
            for tender_id, refunded in said.items()
        },
    )


def left(order: Order, books: Books) -> OrderMoney:
    """What the return that asks may give back of the order's money, what it has given included."""
    gone = add_up(refunded_outside(order, books), books.given, books.promised)
    captured = sum(tender.captured for tender in order.tenders)
    return OrderMoney(
        total=max(captured - gone.total, 0),
        tenders={
            tender.tender_id: max(tender.captured - gone.tenders.get(tender.tender_id, 0), 0)
            for tender in order.tenders
        },
    )


def grant(order: Order, books: Books, kinds: Sequence[TenderKind], wanted: MoneyWanted) -> OrderMoney:
    """What the return may hold of what it wants, of what is left of the order's money."""
    return within(left(order, books), order, kinds, wanted)


def within(bounds: OrderMoney, order: Order, kinds: Sequence[TenderKind], wanted: MoneyWanted) -> OrderMoney:
    """What is wanted, within bounds in all and by tender, the tenders by the order of their ``kinds``.

    Never less than what is given already.
    """
    more = min(wanted.more, max(bounds.total - wanted.given, 0))
    to_tenders = max(wanted.to_tenders - (wanted.more - more), 0)
    tenders = sorted(order.tenders, key=lambda tender: kinds.index(tender.kind))
    paid = {tender.tender_id: wanted.paid.get(tender.tender_id, 0) for tender in tenders}
    rooms = {tender_id: bounds.tenders.get(tender_id, 0) - amount for tender_id, amount in paid.items()}
    parts = dict(share_out(to_tenders, rooms))
    held = {tender_id: amount + parts.get(tender_id, 0) for tender_id, amount in paid.items()}
    return OrderMoney(
        total=wanted.given + more - (to_tenders - sum(parts.values())),
        tenders={tender_id: amount for tender_id, amount in held.items() if amount},
    )
