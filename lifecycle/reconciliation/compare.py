"""What does not agree between our books of one return and what partners and Temporal say of it.

A return that Temporal has carried and the books do not know was lost with the books: only what was paid for it is
named besides, the rest is in order once its record is back.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from lifecycle.contract.statuses import Status
from lifecycle.contract.view import View
from lifecycle.reconciliation.books import ReturnBooks
from lifecycle.reconciliation.finding import Finding, finding
from lifecycle.reconciliation.outside import (
    COMPLETED,
    FAILED,
    HELD,
    RUNNING,
    MadeParcel,
    MadePayment,
    Outside,
    return_of,
    step_of,
)
from lifecycle.returns.aggregate.payment import STORE_CREDIT
from lifecycle.returns.orphaned import how

#: How long a return may wait for its label, or for an operator.
REQUESTED: Final = timedelta(hours=24)


def compare(books: ReturnBooks, outside: Outside, view: View | None, now: datetime) -> Iterator[Finding]:
    """Everything that does not agree. ``view`` is how the return stands; None where nobody has asked it.

    Without a view, what may not agree is given as well: whoever finds something asks, and looks again.
    """
    yield from _workflow(books, outside, now)
    yield from _payments(books, outside, view)
    if _is_lost(books, outside):
        return
    yield from _parcels(books, outside, view)
    if books.closed or not books.known:
        yield from (
            finding("reservation_open", books.return_id, f"stock stays reserved: {key}", key)
            for key in books.reservations
        )
    if books.claims and (books.called_off or not books.known):
        yield finding("claim_left", books.return_id, f"units that it still claims: {books.claims}")


def _workflow(books: ReturnBooks, outside: Outside, now: datetime) -> Iterator[Finding]:
    runs, mine = outside.workflow == RUNNING, books.return_id
    if _is_lost(books, outside):
        yield finding("not_in_books", mine, f"its workflow is {outside.workflow}, and the database has no record of it")
    elif runs and books.closed:
        yield finding("runs_after_close", mine, "its record is closed, and its workflow runs")
    elif runs and outside.status == Status.REQUESTED and books.opened_at and books.opened_at < now - REQUESTED:
        yield finding("requested_long", mine, f"requested since {books.opened_at:%Y-%m-%d %H:%M} UTC, without a label")
    elif books.known and not books.closed and outside.workflow == COMPLETED:
        yield finding("open_after_end", mine, "its workflow has come to its end, and its record is open")
    elif books.known and not books.closed and not runs:
        yield finding("orphaned", mine, how(outside.workflow))


def _is_lost(books: ReturnBooks, outside: Outside) -> bool:
    return not books.known and outside.workflow in (RUNNING, COMPLETED)


def _payments(books: ReturnBooks, outside: Outside, view: View | None) -> Iterator[Finding]:
    found = [*_made(books, outside), *_missing(books, outside)]
    yield from found
    yield from _by_hand(books, outside, view)
    if not found:
        yield from _overpaid(books, outside, view)


def _made(books: ReturnBooks, outside: Outside) -> Iterator[Finding]:
    """What the provider has made with our keys, against the ledger."""
    for made in outside.payments:
        if made.key is None or made.state == FAILED:
            continue
        if made.kind == "hold":
            yield from _hold(books, made, step_of(made.key))
        else:
            yield from _paid(books, made, step_of(made.key))


def _paid(books: ReturnBooks, made: MadePayment, step: str) -> Iterator[Finding]:
    booked, mine = books.effects.get(step), books.return_id
    if booked is None or (books.closed and not booked.done):
        text = f"the provider has {made.reference} over {made.amount}, and the ledger nothing for {step}"
        yield finding(f"{made.kind}_not_booked", mine, text, made.reference)
    elif booked.done and "amount" in booked.result and booked.result["amount"] != made.amount:
        text = f"{made.reference} is over {made.amount} at the provider, {step} over {booked.result['amount']}"
        yield finding(f"{made.kind}_differs", mine, text, made.reference)


def _hold(books: ReturnBooks, made: MadePayment, step: str) -> Iterator[Finding]:
    mine = books.return_id
    if made.state != HELD or books.undone(step) or books.captured(made.reference):
        return
    if books.closed:
        text = f"{made.reference} holds {made.amount}, and the return has closed"
        yield finding("hold_open", mine, text, made.reference)
    elif step not in books.effects:
        text = f"{made.reference} holds {made.amount}, and the ledger has nothing for {step}"
        yield finding("hold_not_booked", mine, text, made.reference)


def _missing(books: ReturnBooks, outside: Outside) -> Iterator[Finding]:
    """What the ledger has as made, against the provider."""
    made = {(one.kind, one.reference) for one in outside.payments}
    for step, booked in books.effects.items():
        kind, _, tender = step.partition("-")
        reference = booked.result.get("reference")
        if tender.partition("-")[0] == STORE_CREDIT or not (booked.done and reference):
            continue  # store credit is a book of our own
        if kind in ("refund", "charge") and (kind, reference) not in made:
            text = f"{step} is booked as {reference}, which the provider does not have"
            yield finding(f"{kind}_missing", books.return_id, text, reference)


def _by_hand(books: ReturnBooks, outside: Outside, view: View | None) -> Iterator[Finding]:
    """Refunds that somebody made at the provider, and that nobody told the return of."""
    told = {paid.reference for paid in view.settlement.paid} if view else set()
    for made in outside.payments:
        if made.key is None and made.state != FAILED and made.reference not in told:
            text = f"{made.reference} over {made.amount} was paid back at the provider, and not by Homeward"
            yield finding("refund_by_hand", books.return_id, text, made.reference)


def _overpaid(books: ReturnBooks, outside: Outside, view: View | None) -> Iterator[Finding]:
    kept = [one for one in outside.payments if one.key is not None]
    refunds = [one.amount for one in kept if one.kind == "refund" and one.state != FAILED]
    taken = sum(one.amount for one in kept if one.kind == "charge" or one.state == "captured")
    if view is None and len(refunds) < 2:  # one refund is what its own step was asked for
        return
    owed = max(view.settlement.amount, 0) if view else 0
    if sum(refunds) > owed + taken:
        text = f"paid back at the provider: {sum(refunds)}; owed: {owed}"
        yield finding("overpaid", books.return_id, text)


def _parcels(books: ReturnBooks, outside: Outside, view: View | None) -> Iterator[Finding]:
    for parcel in outside.parcels:
        step = step_of(parcel.key)
        if not parcel.usable or books.undone(step):
            continue
        if step not in books.effects:
            text = f"the carrier has {parcel.tracking_code}, and the ledger nothing for {step}"
            yield finding("parcel_not_booked", books.return_id, text, parcel.tracking_code)
        elif books.closed and view and not _is_used(books, parcel, view):
            text = f"{parcel.tracking_code} can still be used, and the return has ended"
            yield finding("label_usable", books.return_id, text, parcel.tracking_code)


def _is_used(books: ReturnBooks, parcel: MadeParcel, view: View) -> bool:
    """Whether it is a parcel to the customer, or the one that the goods came in, or went back in."""
    if not step_of(parcel.key).startswith(("buy_return_label", "book_pickup", "create_drop_off_code")):
        return True
    if any(entry.event == "returned_to_sender" and entry.detail == parcel.tracking_code for entry in view.timeline):
        return True
    return not books.called_off and parcel.tracking_code == view.handover.tracking_code


def belongs_to(made: MadePayment | MadeParcel) -> str | None:
    """The return that something was made for, by its key."""
    return return_of(made.key) if made.key else None
