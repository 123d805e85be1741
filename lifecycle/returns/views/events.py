"""What a return publishes of itself: its timeline entries, numbered, each with what it is about at that moment.

What people wrote stays in the view: an entry's ``detail`` holds reasons and notes in their own words, and what
partners said. So do the names of people.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby

from pydantic import AwareDatetime, BaseModel, Field

from lifecycle.contract.events.data import EventFacts, EventPayment, EventRule, EventUnits, SentItem
from lifecycle.contract.events.roles import role_of
from lifecycle.contract.events.types import EVENT_TYPES
from lifecycle.contract.request import Reason
from lifecycle.contract.tenders import TenderKind
from lifecycle.contract.view import Summary, TimelineEntry, Unit, View
from lifecycle.returns.aggregate.about import About
from lifecycle.returns.aggregate.payment import STORE_CREDIT, Payment
from lifecycle.returns.settlement.settling import resolution_of
from lifecycle.returns.state import Return
from lifecycle.returns.units import UnitState
from lifecycle.returns.views.return_view import hold_of, summary_of, summary_of_view


class EventEntry(BaseModel):
    """One timeline entry; ``number`` is its place in the timeline, counted from 1.

    ``facts`` are of the moment at which it happened; their summary is left out where it is the batch's.
    """

    number: int
    at: AwareDatetime
    event: str
    by: str
    facts: EventFacts | None = Field(default=None, exclude_if=lambda facts: facts is None)


class EventBatch(BaseModel):
    """Entries in a row, and where the return stood when they were passed on."""

    happened: list[EventEntry]
    summary: Summary


class EventLog:
    """The entries of one return as events, each taken down with how the return stands then.

    What a return that is resumed has told before is told late: those who had it drop it by its number.
    """

    def __init__(self, ret: Return) -> None:
        self._ret = ret
        self._entries: list[EventEntry] = []
        self._before = len(ret.timeline)
        self._told = {_key(payment) for payment in ret.money.payments}

    def take_down(self) -> None:
        """Take down what has been noted since the last time; nothing may have changed since it was."""
        timeline = self._ret.timeline
        if len(self._entries) == len(timeline):
            return
        summary, resolution = summary_of(self._ret), resolution_of(self._ret)
        for number, entry in enumerate(timeline[len(self._entries) :], start=len(self._entries) + 1):
            late = number <= self._before
            facts = EventFacts(summary=summary, late=True) if late else self._facts(number, entry, summary)
            self._entries.append(_entry(number, entry, facts.model_copy(update={"resolution": resolution})))

    def batch(self, after: int) -> EventBatch:
        """What has happened since the entry of that number."""
        self.take_down()
        summary = summary_of(self._ret)
        return EventBatch(happened=[_briefly(entry, summary) for entry in self._entries[after:]], summary=summary)

    def _facts(self, number: int, entry: TimelineEntry, summary: Summary) -> EventFacts:
        about = self._ret.about.get(number - 1, About())
        known = EVENT_TYPES.get(entry.event)  # type: ignore[call-overload]  # any text; those without a row carry nothing
        carries = known.carries if known else ()
        paid = about.paid or (self._newly_paid() if "paid" in carries else ())
        self._told |= {_key(payment) for payment in paid}
        return EventFacts(
            summary=summary,
            units=_rows(self._ret.named(about.units)),
            paid=[_payment(self._ret, payment) for payment in paid],
            tracking_code=about.tracking_code,
            rules=list(_rules(self._ret)) if "rules" in carries else [],
            hold=hold_of(self._ret) if "hold" in carries else None,
            sent=[SentItem(sku=item.sku, quantity=item.quantity) for item in about.sent],
            step=about.step,
        )

    def _newly_paid(self) -> list[Payment]:
        payments = self._ret.money.payments
        return [payment for payment in payments if payment.state != "planned" and _key(payment) not in self._told]


def event_batch_of_view(view: View) -> EventBatch:
    """All that has happened to a return that was begun before anybody listened: all of it is as it stands now."""
    summary, resolution = summary_of_view(view), view.settlement.resolution
    happened = [
        _entry(number, entry, EventFacts(resolution=resolution, late=True))
        for number, entry in enumerate(view.timeline, start=1)
    ]
    if happened:
        happened[-1].facts = EventFacts(resolution=resolution, units=_rows(view.units), paid=_paid_of(view))
    return EventBatch(happened=happened, summary=summary)


def _entry(number: int, entry: TimelineEntry, facts: EventFacts) -> EventEntry:
    return EventEntry(number=number, at=entry.at, event=entry.event, by=role_of(entry.by), facts=facts)


def _briefly(entry: EventEntry, summary: Summary) -> EventEntry:
    if entry.facts is None or entry.facts.summary != summary:
        return entry
    return entry.model_copy(update={"facts": entry.facts.model_copy(update={"summary": None})})


def _key(payment: Payment) -> tuple[int, str, int, str | None]:
    return id(payment), payment.state, payment.amount, payment.reference


def _alike(unit: UnitState | Unit) -> tuple[str, ...]:
    stands = (unit.reception, unit.acceptance, unit.grade, unit.disposition, unit.refund)
    return (unit.line_id, unit.sku, *map(str, (_reason(unit), *stands)))


def _reason(unit: UnitState | Unit) -> Reason | None:
    return unit.reason if isinstance(unit, UnitState) else None


def _rows(units: Iterable[UnitState | Unit]) -> list[EventUnits]:
    """Those that stand alike together, by line."""
    groups = (list(group) for _, group in groupby(sorted(units, key=_alike), _alike))
    return [
        EventUnits(
            line_id=first.line_id,
            sku=first.sku,
            quantity=1 + len(more),
            unit_ids=[unit.unit_id for unit in (first, *more)],
            reason=_reason(first),
            reception=first.reception,
            acceptance=first.acceptance,
            grade=first.grade,
            disposition=first.disposition,
            refund=None if first.refund is None else first.refund * (1 + len(more)),
        )
        for first, *more in groups
    ]


def _payment(ret: Return, payment: Payment) -> EventPayment:
    kinds: dict[str, TenderKind] = {tender.tender_id: tender.kind for tender in ret.request.order.tenders}
    kinds[STORE_CREDIT] = TenderKind.STORE_CREDIT
    return EventPayment(
        tender_id=payment.tender_id,
        kind=kinds.get(payment.tender_id, TenderKind.CARD),
        amount=payment.amount,
        state=payment.state,
        reference=payment.reference,
    )


def _paid_of(view: View) -> list[EventPayment]:
    return [EventPayment.model_validate(paid, from_attributes=True) for paid in view.settlement.paid]


def _rules(ret: Return) -> Iterator[EventRule]:
    for rule in ret.decision.rules if ret.decision else ():
        yield EventRule(rule=rule.rule, unit_id=rule.unit_id)
