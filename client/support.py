"""The typed way to after-sale support: questions, and what is said to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from pydantic import BaseModel
from temporalio.client import Client, WithStartWorkflowOperation
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy

from client.errors import Closed, NotAllowed, OtherRequest, UnknownCase, Unreachable
from client.names import SUPPORT, SUPPORT_QUEUE, support_id
from client.returns import PATIENCE
from client.search_attributes import at_start_of_case
from client.updates import UnlessGone, send_update, start_and_ask, view_of
from client.within import within
from gateways.database.engine import Database
from gateways.database.support import cases
from gateways.errors import GatewayError
from lifecycle.support.messages import AddMessage, CloseCase, MakeReturn, Queue, SupportRequest
from lifecycle.support.rules import how_it_ended, says_case_ended
from lifecycle.support.state import CaseStatus, CaseSummary, CaseView


@dataclass(frozen=True)
class Asked:
    """``created`` is false when the question was asked before."""

    summary: CaseSummary
    created: bool


class Support:
    """Takes questions and what is said to them, and shows them.

    Every call may raise ``Unreachable``: nothing answered in time, repeating is safe. Those about one
    case raise ``UnknownCase``; those that change something also ``NotAllowed`` and ``InvalidInput``.
    """

    def __init__(self, client: Client, db: Database, patience: timedelta = PATIENCE) -> None:
        self._client = client
        self._db = db
        self._patience = patience

    async def ask(self, request: SupportRequest) -> Asked:
        """Open a case and wait until it is kept; a known ``case_id`` is answered.

        Raises ``OtherRequest`` when the id belongs to another question.
        """
        known = await cases.get_case(self._db, request.case_id)
        summary = None if known else await self._open(request)
        row = known or await cases.get_case(self._db, request.case_id)
        # Whether whoever asks has signed in meanwhile makes it no other question.
        if row and row.request.model_copy(update={"anonymous": request.anonymous}) != request:
            raise OtherRequest(f"{request.case_id} was asked with another question")
        if summary is None:
            summary = summary_of(await self.view(request.case_id))
        return Asked(summary, created=known is None)

    async def _open(self, request: SupportRequest) -> CaseSummary | None:
        """Wait for the opening, starting the workflow if need be; None if it runs no more."""
        start: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
            SUPPORT,
            request.model_dump(mode="json", exclude_none=True),
            id=support_id(request.case_id),
            task_queue=SUPPORT_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            search_attributes=at_start_of_case(request),
            static_summary=f"A question by {request.channel}, for {request.lands_in}",
        )
        return await start_and_ask(self._client, start, "opening", CaseSummary, self._patience)

    async def add_message(self, case_id: str, message: AddMessage) -> CaseSummary:
        """Write as the customer, or answer; the same ``message_id`` again changes nothing."""
        return await self._update(case_id, "add_message", message, message.message_id)

    async def close(self, case_id: str, message: CloseCase, request_id: str = "") -> CaseSummary:
        """Say that nothing more is to be answered; the same ``request_id`` again changes nothing."""
        return await self._update(case_id, "close", message, request_id)

    async def make_return(self, case_id: str, message: MakeReturn, request_id: str = "") -> CaseSummary:
        """Have the case become a return, and wait for the policy's decision.

        Raises ``NotAllowed`` with the reason when no return comes of it; the case stays as it is.
        """
        return await self._update(case_id, "make_return", message, request_id)

    async def prove(self, case_id: str) -> None:
        """Record, once, that somebody has the link that a mail brought to the address that asked."""
        row = await cases.get_case(self._db, case_id)
        if row is None or row.closed_at or row.view.address.proved:
            return
        async with within(self._client, self._patience):
            with UnlessGone():  # it may have ended this very moment
                handle = self._client.get_workflow_handle(support_id(case_id))
                await handle.signal("address_proved", rpc_timeout=self._patience)

    async def view(self, case_id: str) -> CaseView:
        """Show all of one case: from the database once it is closed, and when no worker answers."""
        row = await cases.get_case(self._db, case_id)
        if row and row.closed_at:
            return row.view
        try:
            return await self._query(case_id)
        except (UnknownCase, Unreachable):
            if row is None:
                raise
            return row.view

    async def list(
        self,
        queue: Queue | None = None,
        statuses: Sequence[CaseStatus] = (),
        limit: int = 100,
        after: str | None = None,
    ) -> list[CaseView]:
        """List cases without their messages, the longest open first, a moment behind the cases themselves.

        ``after``: those that come behind this case.
        """
        try:
            return await cases.list_cases(self._db, queue=queue, statuses=statuses, limit=limit, after=after)
        except GatewayError as error:
            raise Unreachable(str(error)) from None

    async def _query(self, case_id: str) -> CaseView:
        handle = self._client.get_workflow_handle(support_id(case_id))
        async with within(self._client, self._patience):
            view = await view_of(handle, CaseView, self._patience)
        if view is None:
            raise UnknownCase(case_id)
        return view

    async def _update(self, case_id: str, name: str, message: BaseModel, request_id: str) -> CaseSummary:
        try:
            return await self._send(case_id, name, message, f"{name}:{request_id or uuid4().hex}")
        except NotAllowed as error:
            if says_case_ended(case_id, str(error)):  # a moment ago: the workflow still answers by itself
                raise Closed(str(error)) from None
            raise

    async def _send(self, case_id: str, name: str, message: BaseModel, update_id: str) -> CaseSummary:
        handle = self._client.get_workflow_handle(support_id(case_id))
        async with within(self._client, self._patience):
            with UnlessGone():
                return await send_update(handle, name, message, update_id, CaseSummary, self._patience)
        # Temporal says the same of a closed case and of an unknown one.
        row = await cases.get_case(self._db, case_id)
        raise Closed(how_it_ended(case_id, row.view.became_return)) if row else UnknownCase(case_id)


def summary_of(view: CaseView) -> CaseSummary:
    """The short answer, of a case that is only known by its view."""
    shared = view.model_dump(include=set(CaseSummary.model_fields) - {"attention"})
    return CaseSummary(**shared, attention=view.attention.step if view.attention else None)
