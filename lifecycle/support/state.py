"""What a support case knows, and what it shows. Instants are UTC."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from pydantic import AwareDatetime, BaseModel

from lifecycle.calendar.business_hours import BusinessHours
from lifecycle.contract.boundary import Ignored
from lifecycle.contract.request import Channel
from lifecycle.contract.view import Attention, TimelineEntry
from lifecycle.shared.backoff import Trouble
from lifecycle.support.messages import CUSTOMER, Queue, SupportRequest, WantedReturn


class CaseStatus(StrEnum):
    """Whose word is awaited: the shop's while ``open``, the customer's once ``answered``; else nobody's."""

    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"
    BECAME_RETURN = "became_return"

    @property
    def ended(self) -> bool:
        """Whether nothing can be said any more."""
        return self in (CaseStatus.CLOSED, CaseStatus.BECAME_RETURN)


class SupportTerms(BaseModel):
    """What a case keeps of the policy and the calendar it was opened with."""

    answer_hours: int
    silent_days: int
    hours: BusinessHours


class FoundAnswer(BaseModel):
    """An answer of the FAQ that was offered to the customer."""

    faq_id: str
    title: str


class AskersAddress(BaseModel):
    """Whether the address that the answers go to is who they are for. Not the address itself.

    ``proved``: somebody has followed the link that the case's mails bring to it. ``of_order``: it is the one of the
    order that the question is about; None where no such order is known.
    """

    proved: bool = False
    of_order: bool | None = None


class CaseOpened(BaseModel):
    """What the opening step worked out."""

    terms: SupportTerms
    answers: list[FoundAnswer] = []
    of_order: bool | None = None


class AddressChecked(BaseModel):
    """Whether the address that asks is the order's; None where no such order is known."""

    of_order: bool | None = None


class CaseMessage(BaseModel):
    """One message of the conversation."""

    message_id: str
    at: AwareDatetime
    by: str
    text: str

    @property
    def from_customer(self) -> bool:
        """Whether the customer wrote it."""
        return self.by == CUSTOMER


class Notice(BaseModel):
    """A mail that is to be written; ``number`` counts those of its template within the case."""

    template: Literal["support_answer", "support_escalated", "support_closed", "support_became_return"]
    number: int
    #: The answer's.
    message_id: str | None = None


@dataclass
class Wish:
    """Somebody wants the case to become a return; either ``return_id`` or ``refused`` comes of it."""

    wanted: WantedReturn
    by: str
    #: Though the order is not that of the address that asked.
    anyway: bool = False
    return_id: str | None = None
    refused: str | None = None

    @property
    def settled(self) -> bool:
        """Whether it is known what came of it."""
        return bool(self.return_id or self.refused)


@dataclass
class Case:
    """Everything known of one case. ``waiting_since`` is the first message that nobody answered."""

    request: SupportRequest
    messages: list[CaseMessage]
    waiting_since: AwareDatetime
    opened: CaseOpened | None = None
    #: It is known whether the address is the order's, as far as that can be known.
    address_checked: bool = False
    #: Somebody has followed the link that the mails bring to the address.
    proved: bool = False
    status: CaseStatus = CaseStatus.OPEN
    #: When the shop wrote first, and last.
    first_answer_at: AwareDatetime | None = None
    answered_at: AwareDatetime | None = None
    escalated: bool = False
    wish: Wish | None = None
    #: How often a return was asked for; each try is a step with a name of its own.
    wishes: int = 0
    became_return: str | None = None
    trouble: Trouble | None = None
    notices: list[Notice] = field(default_factory=list)
    timeline: list[TimelineEntry] = field(default_factory=list)
    #: How often something has changed, how much of that the database knows, and how many of the messages.
    changes: int = 0
    recorded: int = 0
    messages_recorded: int = 0

    def note(self, at: AwareDatetime, event: str, by: str = "engine", detail: str | None = None) -> None:
        """Put an entry on the timeline; everything that changes the case does."""
        self.timeline.append(TimelineEntry(at=at, event=event, by=by, detail=detail))
        self.changes += 1


class CaseSummary(BaseModel):
    """The short answer of an update. ``answer_by`` is null while no answer is awaited, or before the case is open."""

    case_id: str
    status: CaseStatus
    queue: Queue
    answer_by: AwareDatetime | None
    escalated: bool
    became_return: str | None
    attention: str | None
    ignored: Ignored = []


class CaseView(BaseModel):
    """What the query ``view`` gives back.

    ``return_id`` is the return that the question is about, ``became_return`` the one that came of it.
    """

    case_id: str
    queue: Queue
    status: CaseStatus
    closed: bool
    channel: Channel
    subject: str
    order_id: str | None
    return_id: str | None
    follows: str | None
    opened_at: AwareDatetime
    answer_by: AwareDatetime | None
    closes_at: AwareDatetime | None
    first_answer_at: AwareDatetime | None
    escalated: bool
    became_return: str | None
    answers: list[FoundAnswer]
    address: AskersAddress = AskersAddress()
    messages: list[CaseMessage]
    attention: Attention | None
    timeline: list[TimelineEntry]
