"""All events, by what they are about: the one table that schemas, descriptions and docs/events.md come from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel

from lifecycle.contract.events.data import EventData
from lifecycle.contract.events.types import EVENT_TYPES, EventType
from lifecycle.events.data import (
    CreditEventData,
    RepairEventData,
    StockEventData,
    SupplierEventData,
    SupportEventData,
)

#: What every type begins with.
PREFIX: Final = "homeward."


@dataclass(frozen=True)
class Family:
    """The events of one kind of subject; ``subject`` finds its id in an event's data."""

    about: str
    source: str
    data: type[BaseModel]
    subject: Callable[[Mapping[str, Any]], str]
    types: Mapping[str, EventType]


FAMILIES: Final[Mapping[str, Family]] = {
    "return": Family(
        "a return",
        "/homeward/returns",
        EventData,
        lambda data: str(data["summary"]["return_id"]),
        {str(name): kind for name, kind in EVENT_TYPES.items()},
    ),
    "support": Family(
        "a support case",
        "/homeward/support",
        SupportEventData,
        lambda data: str(data["summary"]["case_id"]),
        {
            "opened": EventType("A customer has asked."),
            "asked": EventType("The customer has written again."),
            "answered": EventType("The shop has answered."),
            "address_proved": EventType("Somebody has followed the link that was mailed to the asker's address."),
            "escalated": EventType("Nobody has answered within the promised hours."),
            "return_wanted": EventType("A return is to be made of it."),
            "return_refused": EventType("No return could be made of it."),
            "became_return": EventType("A return was made of it."),
            "closed": EventType("It was closed, by either side or by silence."),
            "close_refused": EventType("It could not be closed any more."),
            "attention": EventType("A step of it waits to be tried again."),
            "attention_resolved": EventType("Nothing of it waits any more."),
            "dropped": EventType("A message to it did not fit, and was dropped."),
        },
    ),
    "repair": Family(
        "a unit on the repair bench",
        "/homeward/repairs",
        RepairEventData,
        lambda data: f"{data['summary']['return_id']}/{data['summary']['unit_id']}",
        {
            "diagnosing": EventType("The unit came onto the bench."),
            "diagnosed": EventType("The bench has looked at it."),
            "awaiting_customer": EventType("The customer is asked whether the estimate is accepted."),
            "estimate_accepted": EventType("The customer has accepted the estimate."),
            "estimate_refused": EventType("The customer has refused the estimate."),
            "estimate_unanswered": EventType("The customer has not answered in time."),
            "repairing": EventType("It is to be repaired, or once more."),
            "repaired": EventType("The bench has repaired it."),
            "checking": EventType("It is to be tested."),
            "check_passed": EventType("It works."),
            "check_failed": EventType("It does not work."),
            "reminded": EventType("Whoever it waits for was reminded."),
            "done": EventType("It is repaired for good."),
            "unrepairable": EventType("It cannot be repaired."),
            "refused": EventType("It goes back unrepaired."),
            "called_off": EventType("Nobody wants it any more."),
            "attention": EventType("A step of it waits for an operator."),
            "attention_resolved": EventType("An operator has answered, or nothing of it waits any more."),
            "dropped": EventType("A message to it did not fit, and was dropped."),
        },
    ),
    "supplier": Family(
        "goods for a supplier",
        "/homeward/suppliers",
        SupplierEventData,
        lambda data: str(data["summary"]["supplier_id"]),
        {
            "added": EventType("A unit is to go back to the supplier."),
            "asked": EventType("The supplier was asked about a batch."),
            "reminded": EventType("The supplier was reminded."),
            "authorised": EventType("The supplier takes units back."),
            "shipped": EventType("What was authorised is on its way."),
            "credited": EventType("The supplier has given money back."),
            "refused": EventType("The supplier does not take units, or does not pay for them."),
            "attention": EventType("A step waits to be tried again."),
            "attention_resolved": EventType("Nothing waits any more."),
            "ending": EventType("It ends once no unit is open."),
            "dropped": EventType("A message did not fit, and was dropped."),
        },
    ),
    "stock": Family(
        "a SKU in stock",
        "/homeward/stock",
        StockEventData,
        lambda data: str(data["sku"]),
        {
            "received": EventType("Units came back, and lie ungraded."),
            "restocked": EventType("Units can be sold again."),
            "moved": EventType("Units went where their verdict, or the bench, sends them."),
            "reserved": EventType("Units are set aside for a replacement."),
            "released": EventType("Units that were set aside are free again."),
            "shipped": EventType("Units that were set aside have gone out."),
            "used": EventType("Parts were used in a repair."),
            "added": EventType("Units came from elsewhere."),
        },
    ),
    "credit": Family(
        "store credit",
        "/homeward/credit",
        CreditEventData,
        lambda data: str(data["credit_id"]),
        {
            "issued": EventType("Store credit was given."),
            "spent": EventType("An order was paid with it."),
            "given_back": EventType("What was spent has been put back."),
            "taken_back": EventType("The shop has taken some of it back."),
        },
    ),
}
#: Every type that there is now, with its family and what it says; new ones may come.
TYPES: Final[Mapping[str, tuple[Family, EventType]]] = {
    f"{PREFIX}{kind}.{name}": (family, told) for kind, family in FAMILIES.items() for name, told in family.types.items()
}
TYPE_NAMES: Final = tuple(TYPES)
