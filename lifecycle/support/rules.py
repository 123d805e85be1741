"""A support case: asked, answered, asked again, closed by either side or by silence, or become a return.

Each ``check_*`` raises ``Refused`` and changes nothing; each of the others expects what its check allows.
A repeat, known by the message's own id, changes nothing either.
"""

from datetime import datetime

from lifecycle.calendar.clock import Alarm
from lifecycle.contract.errors import Refused
from lifecycle.contract.view import Attention
from lifecycle.support.messages import (
    CUSTOMER,
    QUESTION,
    AddMessage,
    CloseCase,
    MakeReturn,
    SupportRequest,
    WantedReturn,
)
from lifecycle.support.state import (
    AddressChecked,
    AskersAddress,
    Case,
    CaseMessage,
    CaseOpened,
    CaseStatus,
    CaseSummary,
    CaseView,
    Notice,
    SupportTerms,
    Wish,
)

#: A conversation that is longer than this goes on in a new case, so that one always fits into a payload.
MOST_MESSAGES, MOST_CHARACTERS = 200, 200_000
_SILENCE = "silence"


def begin(request: SupportRequest, now: datetime) -> Case:
    """A question has come."""
    question = CaseMessage(message_id=QUESTION, at=now, by=CUSTOMER, text=request.text)
    case = Case(request=request, messages=[question], waiting_since=now)
    case.note(now, "opened", by=CUSTOMER, detail=f"by {request.channel}, for {request.lands_in}")
    return case


def open_case(case: Case, opened: CaseOpened) -> None:
    """The opening step has worked out by when it is to be answered; the question is in the database."""
    case.opened = opened
    case.address_checked = not case.request.anonymous
    case.messages_recorded = max(case.messages_recorded, 1)


def address_checked(case: Case, checked: AddressChecked) -> None:
    """An anonymous question's order was looked up; the database knows that too."""
    if case.opened:
        case.opened.of_order = checked.of_order
    case.address_checked = True


# What is said to it


def check_message(case: Case, message: AddMessage) -> None:
    """An ended case takes no message, and a message id means one text."""
    known = _said_before(case, message)
    if known:
        if (known.by, known.text) != (message.by, message.text):
            raise Refused(f"message_id: {message.message_id} was another message of this case")
        return
    _check_open(case)
    length = sum(len(said.text) for said in case.messages) + len(message.text)
    if len(case.messages) >= MOST_MESSAGES or length > MOST_CHARACTERS:
        raise Refused("the conversation is as long as one can be; ask in a new case")


def add_message(case: Case, message: AddMessage, now: datetime) -> None:
    """The customer wrote, or somebody answered."""
    check_message(case, message)
    if _said_before(case, message):
        return
    said = CaseMessage(message_id=message.message_id, at=now, by=message.by, text=message.text)
    case.messages.append(said)
    if said.from_customer:
        _asked_again(case, now)
    else:
        _answered(case, said, now)


def _said_before(case: Case, message: AddMessage) -> CaseMessage | None:
    return next((said for said in case.messages if said.message_id == message.message_id), None)


def _asked_again(case: Case, now: datetime) -> None:
    if case.status is not CaseStatus.OPEN:
        case.status, case.waiting_since = CaseStatus.OPEN, now
    case.note(now, "asked", by=CUSTOMER)


def _answered(case: Case, said: CaseMessage, now: datetime) -> None:
    case.status, case.answered_at, case.escalated = CaseStatus.ANSWERED, now, False
    case.first_answer_at = case.first_answer_at or now
    case.notices.append(Notice(template="support_answer", number=len(case.messages), message_id=said.message_id))
    case.note(now, "answered", by=said.by)


def prove(case: Case, now: datetime) -> None:
    """Whoever has the link that a mail brought reads the address that asked: once is enough."""
    if not case.proved and not case.status.ended:
        case.proved = True
        case.note(now, "address_proved", by=CUSTOMER)


def check_close(case: Case) -> None:
    """It must not have ended, nor be on its way to become a return."""
    _check_open(case)
    if case.wish:
        raise Refused("a return is being made of it")


def close(case: Case, message: CloseCase, now: datetime) -> None:
    """Nothing more is to be answered; the customer is mailed, unless it was they who said so."""
    check_close(case)
    _close(case, message.by, message.reason, now)


def _close(case: Case, by: str, reason: str | None, now: datetime) -> None:
    case.status, case.escalated = CaseStatus.CLOSED, False
    if by != CUSTOMER:
        case.notices.append(Notice(template="support_closed", number=1))
    case.note(now, "closed", by=by, detail=reason)


def check_make_return(case: Case) -> None:
    """One return is made of a case, at one time."""
    _check_open(case)
    if case.wish:
        raise Refused("a return is being made of it already")


def make_return(case: Case, message: MakeReturn, now: datetime) -> Wish:
    """The case is to become a return."""
    check_make_return(case)
    case.wish = Wish(message.request or WantedReturn(), message.by, message.anyway)
    case.wishes += 1
    case.note(now, "return_wanted", by=message.by, detail="whoever asked" if message.anyway else None)
    return case.wish


def return_id_of(case: Case) -> str:
    """The id of the return that is being made: the case's own. A try that comes to nothing uses none up."""
    return f"R-{case.request.case_id}"


def became(case: Case, return_id: str, now: datetime) -> None:
    """The return has begun; it is where the case goes on."""
    wish, case.wish = case.wish, None
    if wish:
        wish.return_id = return_id
    case.status, case.became_return, case.escalated = CaseStatus.BECAME_RETURN, return_id, False
    case.notices.append(Notice(template="support_became_return", number=1))
    case.note(now, "became_return", by=wish.by if wish else "engine", detail=return_id)


def return_refused(case: Case, why: str, now: datetime) -> None:
    """No return has come of it: the case goes on."""
    wish, case.wish = case.wish, None
    if wish:
        wish.refused = why
    case.note(now, "return_refused", detail=why)


def _check_open(case: Case) -> None:
    if case.status.ended:
        raise Refused(how_it_ended(case.request.case_id, case.became_return))


def how_it_ended(case_id: str, became_return: str | None) -> str:
    """What a case that has ended answers to whatever is said to it."""
    return f"{case_id} became the return {became_return}" if became_return else f"{case_id} is closed"


def says_case_ended(case_id: str, refusal: str) -> bool:
    """Whether a refusal says that the case has ended."""
    return refusal.startswith((f"{case_id} is closed", f"{case_id} became the return"))


# What happens by itself


def answer_by(case: Case) -> datetime | None:
    """By when the customer was promised an answer; None while none is awaited, or before it is known."""
    if case.opened is None or case.status is not CaseStatus.OPEN:
        return None
    return promised_by(case.opened.terms, case.waiting_since)


def promised_by(terms: SupportTerms, since: datetime) -> datetime:
    """By when what was asked then is to be answered."""
    return terms.hours.after(since, terms.answer_hours)


def closes_at(case: Case) -> datetime | None:
    """When silence closes the case: at the end of the last day on which the customer may answer."""
    if case.opened is None or case.status is not CaseStatus.ANSWERED or case.answered_at is None or case.wish:
        return None
    terms = case.opened.terms
    return terms.hours.calendar.end_of_day_after(case.answered_at, terms.silent_days)


def advance(case: Case, now: datetime) -> None:
    """Escalate what is late, close what has been silent; notices say what to write."""
    due, silent_until = answer_by(case), closes_at(case)
    if due and due <= now and not case.escalated:
        case.escalated = True
        late = 1 + sum(entry.event == "escalated" for entry in case.timeline)
        case.notices.append(Notice(template="support_escalated", number=late))
        case.note(now, "escalated", detail="nobody has answered within the promised hours")
    if silent_until and silent_until <= now:
        _close(case, "engine", _SILENCE, now)


def next_alarm(case: Case) -> Alarm | None:
    """What happens next by itself; None when nothing does until somebody says something."""
    found = []
    if (due := answer_by(case)) and not case.escalated:
        found.append(Alarm(due, "escalation"))
    if silent_until := closes_at(case):
        found.append(Alarm(silent_until, "closing"))
    if case.trouble:
        found.append(Alarm(case.trouble.again_at, f"{case.trouble.step} again"))
    return min(found, default=None)


def to_record(case: Case) -> list[CaseMessage]:
    """The messages that the database does not know yet."""
    return case.messages[case.messages_recorded :]


# What is shown


def summary_of(case: Case) -> CaseSummary:
    """The short answer."""
    return CaseSummary(
        case_id=case.request.case_id,
        status=case.status,
        queue=case.request.lands_in,
        answer_by=answer_by(case),
        escalated=case.escalated,
        became_return=case.became_return,
        attention=case.trouble.step if case.trouble else None,
    )


def address_of(case: Case) -> AskersAddress:
    """What is known of the address that asked."""
    return AskersAddress(proved=case.proved, of_order=case.opened.of_order if case.opened else None)


def in_words(address: AskersAddress) -> str:
    """The same, as staff read it."""
    whose = {True: "is the order's", False: "is not the order's", None: "no order known"}[address.of_order]
    return f"{'proved' if address.proved else 'not proved'}, {whose}"


def view_of(case: Case) -> CaseView:
    """All there is to see."""
    worked_out = {
        "queue": case.request.lands_in,
        "closed": case.status.ended,
        "opened_at": case.messages[0].at,
        "answer_by": answer_by(case),
        "closes_at": closes_at(case),
        "answers": case.opened.answers if case.opened else [],
        "address": address_of(case),
        "attention": Attention.model_validate(case.trouble, from_attributes=True) if case.trouble else None,
    }
    return CaseView.model_validate({**vars(case.request), **vars(case), **worked_out})
