"""One support case of a test, and what its customer and the shop say."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

from temporalio.client import WorkflowHandle

from activities.support.cases import record_id
from client.names import support_id
from client.support import Asked, Support
from gateways.database.messages.outbox import mails_of
from lifecycle.support.messages import CUSTOMER, AddMessage, CloseCase, MakeReturn, SupportRequest, WantedReturn
from lifecycle.support.state import CaseSummary, CaseView
from starter.demo.story import Stage
from tests.workflows.returns.play import LOOKS

_numbers = count(1)
_RUN = uuid4().hex[:6]


def make_question(**changes: Any) -> SupportRequest:
    """A question with an id of its own."""
    question = {
        "case_id": f"S-{_RUN}-{next(_numbers)}",
        "email": "customer@example.com",
        "subject": "The heel",
        "text": "The heel of my trail shoe came off. What now?",
    }
    return SupportRequest.model_validate(question | changes)


class CasePlay:
    """Drives one case; time passes for this case alone."""

    def __init__(self, stage: Stage, request: SupportRequest) -> None:
        self._stage = stage
        self.request = request
        self.case_id = request.case_id
        self.support = Support(stage.clock.client, stage.db)

    @property
    def handle(self) -> WorkflowHandle[Any, Any]:
        """Its workflow."""
        return self._stage.clock.client.get_workflow_handle(support_id(self.case_id))

    async def ask(self) -> Asked:
        """The customer asks."""
        return await self.support.ask(self.request)

    async def say(self, text: str, message_id: str | None = None) -> CaseSummary:
        """The customer writes."""
        return await self._add(CUSTOMER, text, message_id)

    async def answer(self, text: str = "We send you a new one.", message_id: str | None = None) -> CaseSummary:
        """Somebody of the shop writes."""
        return await self._add("alex", text, message_id)

    async def _add(self, by: str, text: str, message_id: str | None) -> CaseSummary:
        message = AddMessage(message_id=message_id or uuid4().hex, by=by, text=text)
        return await self.support.add_message(self.case_id, message)

    async def close(self, by: str = CUSTOMER, reason: str | None = None) -> CaseSummary:
        """Either side ends it."""
        return await self.support.close(self.case_id, CloseCase(by=by, reason=reason))

    async def make_return(self, wanted: WantedReturn | None = None, request_id: str = "") -> CaseSummary:
        """Somebody of the shop makes a return of it."""
        return await self.support.make_return(self.case_id, MakeReturn(by="alex", request=wanted), request_id)

    async def view(self) -> CaseView:
        """All of it."""
        return await self.support.view(self.case_id)

    async def events(self) -> list[str]:
        """The timeline's event names."""
        return [entry.event for entry in (await self.view()).timeline]

    async def mails(self) -> list[dict[str, Any]]:
        """What was written of it."""
        return await mails_of(self._stage.db, record_id(self.case_id))

    async def now(self) -> datetime:
        """This case's own time."""
        return await self._stage.clock.get_current_time(self.handle)

    async def pass_time(self, time: timedelta) -> None:
        """Let so much time pass for this case."""
        await self._stage.clock.fast_forward(self.handle, time)

    async def until_due(self, minutes: float) -> None:
        """Let time pass until so many minutes after the answer is due."""
        due = (await self.view()).answer_by
        assert due is not None
        await self.pass_time(due - await self.now() + timedelta(minutes=minutes))

    async def until_mails(self, *templates: str) -> None:
        """Wait until exactly these mails have been written."""
        await self.until(self.mails, lambda found: [mail["template"] for mail in found] == list(templates))

    async def until(self, ask: Callable[[], Awaitable[Any]], holds: Callable[[Any], bool]) -> None:
        """Wait until it holds; ``TimeoutError`` tells what was found instead."""
        found = None
        for _ in range(LOOKS):
            if holds(found := await ask()):
                return
            await asyncio.sleep(0.1)
        raise TimeoutError(f"{self.case_id}: {found}")

    async def ended(self) -> dict[str, Any]:
        """Wait until the workflow has completed; its last summary."""
        summary: dict[str, Any] = await asyncio.wait_for(self.handle.result(), 60)
        return summary
