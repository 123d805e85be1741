"""A support case's own records: opened with its terms, kept as it changes, with the mails about it."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import structlog
from pydantic import AwareDatetime, BaseModel
from sqlalchemy import Connection
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.shared.effects import Effects, StepInput
from activities.shared.errors import application_errors
from activities.support.mails import CaseMails
from gateways.database import ledger
from gateways.database.engine import Database
from gateways.database.messages import news
from gateways.database.messages.signed_links import case_link
from gateways.database.rates import Limit, count
from gateways.database.returns import records
from gateways.database.support import cases
from gateways.errors import GatewayError
from gateways.orders.protocol import Orders, search
from lifecycle.contract.boundary import judge
from lifecycle.contract.mailboxes import same_mailbox, untagged
from lifecycle.contract.policy import Policy
from lifecycle.contract.request import ReturnRequest
from lifecycle.events.support import events_of
from lifecycle.shared import record_ids
from lifecycle.support.faq import FaqAnswer
from lifecycle.support.messages import SupportRequest
from lifecycle.support.rules import promised_by
from lifecycle.support.state import AddressChecked, CaseMessage, CaseOpened, CaseView, FoundAnswer, Notice
from lifecycle.support.terms import support_terms

#: The error's type when the case asked for has closed before.
CLOSED_BEFORE = "ClosedBefore"
#: Receipts to one mailbox, of questions from the portal.
_RECEIPTS: Final = Limit("receipts", 10, timedelta(days=1))
_log = structlog.get_logger()


class OpenCaseInput(BaseModel):
    """The question, and the case as it is, without further messages."""

    request: SupportRequest
    view: CaseView
    now: AwareDatetime


class SaveCaseInput(BaseModel):
    """A case as it is now, without its messages, with those that are new and the mails that are to be written.

    ``first`` is the number of the first of the messages within the case.
    """

    step: str
    view: CaseView
    messages: list[CaseMessage]
    first: int
    notices: list[Notice]
    now: AwareDatetime


class SupportActivities:
    """``best`` gives the FAQ's best answers to a question, ``front_door`` is where customers reach the portal."""

    def __init__(
        self,
        database: Database,
        policy: Callable[[], Policy],
        best: Callable[[str], Awaitable[Sequence[FaqAnswer]]],
        front_door: str,
        orders: Orders,
    ) -> None:
        self._database = database
        self._policy = policy
        self._best = best
        self._front_door = front_door
        self._effects = Effects(database, "support")
        self._mails = CaseMails(policy, front_door)
        self._orders = orders

    @activity.defn
    async def open_case(self, given: OpenCaseInput) -> CaseOpened:
        """Keep the case, work out its terms, and send the customer a receipt with the FAQ's best answers.

        Repeated, it gives the first terms back. Asked for a case that has closed, it fails. An anonymous question's
        order is not looked up here: whoever asks waits for this, and would feel what is found.
        """
        request = given.request
        first = False
        # Who asked makes it no other question.
        asked = request.model_dump(mode="json", exclude={"anonymous"})
        step = StepInput(return_id=record_id(request.case_id), step="open", now=given.now)
        with application_errors("support"):
            answers: Sequence[FaqAnswer] = []
            of_order, link = None, ""
            if await ledger.find(self._database, step.return_id, step.step) is None:
                answers = await self._answers(request)
                if not request.anonymous:
                    of_order = await self._of_order(request)
                    link = await case_link(self._database, self._front_door, request.case_id)

            def apply(connection: Connection) -> dict[str, Any]:
                nonlocal first
                first = True
                judge(request)
                opened = CaseOpened(
                    terms=support_terms(self._policy(), given.now),
                    answers=[FoundAnswer(faq_id=answer.faq_id, title=answer.title) for answer in answers],
                    of_order=of_order,
                )
                due = promised_by(opened.terms, given.view.opened_at)
                address = given.view.address.model_copy(update={"of_order": of_order})
                known = {"answers": opened.answers, "answer_by": due, "address": address}
                view = given.view.model_copy(update=known)
                cases.insert_case(connection, request, view)
                self._tell(connection, view)
                # From the portal, what is not anonymous follows a case whose address the asker has proved.
                if not request.anonymous and (
                    request.follows is None or _may_have_a_receipt(connection, request.email)
                ):
                    self._mails.receipt(connection, step, request, opened.answers, due, link)
                return opened.model_dump(mode="json")

            kept = await self._effects.in_database(step, asked, apply)
            if not first:
                await self._refuse_if_closed(request.case_id)
            return CaseOpened.model_validate(kept)

    @activity.defn
    async def check_address(self, given: OpenCaseInput) -> AddressChecked:
        """Look an anonymous question's order up; its receipt goes to the order's own address, and to no other.

        Repeated, it gives the first result back.
        """
        request, view = given.request, given.view
        step = StepInput(return_id=record_id(request.case_id), step="check_address", now=given.now)
        with application_errors("support"):
            of_order, link = None, ""
            if await ledger.find(self._database, step.return_id, step.step) is None:
                of_order = await self._of_order(request)
                link = await case_link(self._database, self._front_door, request.case_id)

            def apply(connection: Connection) -> dict[str, Any]:
                address = view.address.model_copy(update={"of_order": of_order})
                cases.keep_case(connection, view.model_copy(update={"address": address}), given.now)
                self._tell(connection, view)
                if of_order and view.answer_by and _may_have_a_receipt(connection, request.email):
                    self._mails.receipt(connection, step, request, view.answers, view.answer_by, link)
                return {"of_order": of_order}

            return AddressChecked.model_validate(await self._effects.in_database(step, {}, apply))

    def _tell(self, connection: Connection, view: CaseView) -> None:
        """Keep what has happened for subscribers, with what happened before anybody subscribed."""
        if news.wanted(connection):
            news.keep(connection, record_id(view.case_id), events_of(view))

    async def _answers(self, request: SupportRequest) -> Sequence[FaqAnswer]:
        """What the FAQ knows; a question is taken without it too."""
        try:
            return await self._best(f"{request.subject} {request.text}")
        except GatewayError as error:
            _log.warning("faq_unavailable", code=error.code)
            return []

    async def _of_order(self, request: SupportRequest) -> bool | None:
        """Whether the address that asks is the order's; None where the order is not known."""
        try:
            address = await self._customers_address(request)
        except GatewayError as error:
            _log.warning("order_unavailable", code=error.code)
            return None
        return same_mailbox(address, request.email) if address else None

    async def _customers_address(self, request: SupportRequest) -> str | None:
        """Of the order that is named, else of the return that is asked about."""
        if request.order_id:
            async for found in search(self._orders, request.order_id):
                return found.order.customer.email
        elif request.return_id and (about := await records.get_return(self._database, request.return_id)):
            return ReturnRequest.model_validate(about.request).order.customer.email
        return None

    async def _refuse_if_closed(self, case_id: str) -> None:
        """A case that has closed is answered, never opened again."""
        known = await cases.get_case(self._database, case_id)
        if known and known.closed_at:
            raise ApplicationError(f"case {case_id} is closed", type=CLOSED_BEFORE, non_retryable=True)

    @activity.defn
    async def save_case(self, given: SaveCaseInput) -> None:
        """Save what has changed, and write the mails about it."""
        case_id, record = given.view.case_id, record_id(given.view.case_id)
        content = {
            "messages": [said.message_id for said in given.messages],
            "notices": [notice.model_dump(mode="json") for notice in given.notices],
        }
        link = await case_link(self._database, self._front_door, case_id) if given.notices else ""

        def apply(connection: Connection) -> None:
            request = cases.request_in(connection, case_id)
            cases.add_messages(connection, case_id, given.messages, given.first)
            cases.keep_case(connection, given.view, given.now)
            self._tell(connection, given.view)
            for notice in given.notices:
                step = StepInput(return_id=record, step=f"{notice.template}-{notice.number}", now=given.now)
                self._mails.notice(connection, step, request, notice, given.view, given.messages, link)

        await self._effects.in_database(StepInput(return_id=record, step=given.step, now=given.now), content, apply)


def _may_have_a_receipt(connection: Connection, address: str) -> bool:
    """Whoever knows an order's number and address can ask in its customer's name, but not flood them."""
    return count(connection, _RECEIPTS, (untagged(address),), datetime.now(UTC)) is None


def record_id(case_id: str) -> str:
    """Under which a case's mails, effects and events are kept."""
    return record_ids.record_id("support", case_id)
