"""The events that a return publishes, each with what it says and what it carries (docs/events.md).

An event is a timeline entry. ``EVENT_TYPES`` is the one table of them: what is noted, what subscribers get, the JSON
Schemas, the OpenAPI and AsyncAPI descriptions and the list in the documentation all come from it.
"""

from dataclasses import dataclass
from typing import Final, Literal

EventName = Literal[
    "requested", "in_review", "approved_first", "approved", "declined", "kept", "label_sent", "changed",
    "resolution_changed", "reminded", "handed_over", "delivered", "delivery_failed", "returned_to_sender", "lost",
    "scan_passed_over", "received", "inspected", "came_before", "wiped", "sent_back", "bench_done", "escalated",
    "limit_reached", "cancelled", "cancel_refused", "expired", "reopened", "hold_placed", "hold_released",
    "hold_captured", "hold_expired", "charge_asked", "charge_accepted", "charge_refused", "charge_unanswered",
    "charge_withdrawn", "fewer_pieces", "replacement_shipped", "repaired_shipped", "shortfall", "paid_before",
    "refund_failed", "charge_failed", "attention", "attention_resolved", "overridden", "dropped", "released",
    "refunded", "credited", "replaced", "exchanged", "repaired", "rejected", "closed",
]  # fmt: skip
#: What an event may carry besides its entry and the summary; each is a field of ``EventFacts``.
Fact = Literal["units", "paid", "order", "tracking_code", "rules", "hold", "sent", "step"]


@dataclass(frozen=True)
class EventType:
    """One kind of event: what has happened, and what it carries."""

    says: str
    carries: tuple[Fact, ...] = ()


_SETTLED: Final[tuple[Fact, ...]] = ("units", "paid")
EVENT_TYPES: Final[dict[EventName, EventType]] = {
    "requested": EventType("The return was asked for, and the policy has decided.", ("units", "order", "rules")),
    "in_review": EventType("It has to be approved before it goes on.", ("units", "rules")),
    "approved_first": EventType("The first of two people has approved it."),
    "approved": EventType("It was approved, and goes on.", ("units",)),
    "declined": EventType("The policy or a reviewer has declined it.", ("units", "rules")),
    "kept": EventType("The customer keeps the units, and is paid for them.", ("units",)),
    "label_sent": EventType("The customer has what they need to hand the goods over.", ("tracking_code",)),
    "changed": EventType("The customer's wish was changed.", ("units",)),
    "resolution_changed": EventType(
        "Something else is given than was asked for, of the return or of units.", ("units",)
    ),
    "reminded": EventType("Whoever the return waits for was reminded."),
    "handed_over": EventType("The customer has handed the goods over.", ("units",)),
    "delivered": EventType("The carrier has delivered a parcel to the shop.", ("tracking_code",)),
    "delivery_failed": EventType("The carrier could not fetch or deliver a parcel.", ("tracking_code",)),
    "returned_to_sender": EventType("A parcel went back to the customer.", ("units", "tracking_code")),
    "lost": EventType("The carrier has lost a parcel.", ("units", "tracking_code")),
    "scan_passed_over": EventType("A scan said nothing of the goods.", ("tracking_code",)),
    "received": EventType("The warehouse has counted a parcel; the units are those that it held.", ("units",)),
    "inspected": EventType("Units were graded, or rejected.", ("units",)),
    "came_before": EventType("A piece came back before, in another return.", ("units",)),
    "wiped": EventType("A unit's personal data is gone.", ("units",)),
    "sent_back": EventType("Rejected units are on their way to the customer.", ("units", "tracking_code")),
    "bench_done": EventType("The repair bench is done with a unit.", ("units",)),
    "escalated": EventType("Its target has passed."),
    "limit_reached": EventType("Its limit has passed: what is owed is paid as far as it is known."),
    "cancelled": EventType("It was cancelled.", ("units",)),
    "cancel_refused": EventType("It could not be cancelled any more."),
    "expired": EventType("Nothing was handed over in time.", ("units",)),
    "reopened": EventType("It goes on after it had ended."),
    "hold_placed": EventType("The card holds a replacement's worth.", ("hold",)),
    "hold_released": EventType("The hold was released.", ("hold",)),
    "hold_captured": EventType("The hold was captured: the customer has paid the replacement.", ("hold",)),
    "hold_expired": EventType("The hold has expired.", ("hold",)),
    "charge_asked": EventType("An exchange would cost more than agreed: the customer is asked."),
    "charge_accepted": EventType("The customer pays what the exchange costs."),
    "charge_refused": EventType("The customer wants something else instead."),
    "charge_unanswered": EventType("The customer has not answered in time."),
    "charge_withdrawn": EventType("The question is taken back: it costs something else now."),
    "fewer_pieces": EventType("The exchange brings fewer pieces."),
    "replacement_shipped": EventType("What the customer gets is on its way.", ("sent", "tracking_code")),
    "repaired_shipped": EventType("The repaired unit is on its way.", ("sent", "tracking_code")),
    "shortfall": EventType("A unit was paid before it was seen, and is worth less.", ("units",)),
    "paid_before": EventType("An earlier run has paid another amount.", ("paid",)),
    "refund_failed": EventType("A refund has failed for good.", ("paid",)),
    "charge_failed": EventType("A charge has failed for good.", ("paid",)),
    "attention": EventType("A step waits for an operator.", ("step",)),
    "attention_resolved": EventType("An operator has answered, or nothing waits any more.", ("step",)),
    "overridden": EventType("An operator has changed a fact by hand.", ("units",)),
    "dropped": EventType("A message did not fit, and was dropped."),
    "released": EventType("An operator has ended a return that nothing carried."),
    "refunded": EventType("Money was given back.", _SETTLED),
    "credited": EventType("Store credit was given.", _SETTLED),
    "replaced": EventType("The replacement is settled.", _SETTLED),
    "exchanged": EventType("The exchange is settled.", _SETTLED),
    "repaired": EventType("The repair is settled.", _SETTLED),
    "rejected": EventType("Nothing of what came is accepted.", _SETTLED),
    "closed": EventType(
        "Customer and goods are where they end; the units are all of the return's.", ("units", "order")
    ),
}
