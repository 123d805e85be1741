"""Whether a partner's message may be about a return at all: what speaks against it, for whoever says that it is."""

from collections.abc import Iterator
from dataclasses import dataclass

from lifecycle.contract.messages import Inspection, PaymentEvent, Receipt, TrackingEvent
from lifecycle.contract.scanned_codes import same
from lifecycle.contract.view import View

Message = TrackingEvent | PaymentEvent | Receipt | Inspection


@dataclass(frozen=True)
class Told:
    """A message: the return and the parcel that it names, and the return that is known for these."""

    message: Message
    return_id: str | None
    tracking_code: str | None
    owner: str | None


def doubts(told: Told, view: View) -> list[str]:
    """What speaks against it being about the return of this view; nothing for one that may well be."""
    return list(_doubts(told, view))


def _doubts(told: Told, view: View) -> Iterator[str]:
    mine, message = view.return_id, told.message
    if told.return_id not in (None, mine):
        yield f"it names the return {told.return_id}"
    if isinstance(message, PaymentEvent):
        yield from _of_refund(message.reference, told.owner, view)
        return
    code = message.tracking_code if isinstance(message, TrackingEvent) else told.tracking_code
    if code is not None:
        yield from _of_parcel(code, told.owner, view)
    if isinstance(message, Receipt):
        known = {unit.line_id for unit in view.units}
        named = {units.line_id for units in message.units if units.line_id is not None}
        yield from (f"{mine} has no line {line}" for line in sorted(named - known))


def _of_parcel(code: str, owner: str | None, view: View) -> Iterator[str]:
    label = view.handover.tracking_code
    if owner not in (None, view.return_id):
        yield f"the parcel {code} is that of {owner}"
    elif label is not None and owner is None and not same(label, code):
        yield f"the parcel of {view.return_id} is {label}"


def _of_refund(reference: str, owner: str | None, view: View) -> Iterator[str]:
    if owner not in (None, view.return_id):
        yield f"the refund {reference} is that of {owner}"
    elif owner is None and reference not in {paid.reference for paid in view.settlement.paid}:
        yield f"{view.return_id} has made no refund {reference}"
