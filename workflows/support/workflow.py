"""The story of one question after the sale: opened, answered in time or escalated, closed or become a return."""

from datetime import datetime
from typing import Any

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from lifecycle.contract.errors import InvalidRequest, Refused
    from lifecycle.support import rules
    from lifecycle.support.messages import AddMessage, CloseCase, MakeReturn, SupportRequest, parse_case
    from lifecycle.support.state import Case, CaseSummary, CaseView

from client.names import SUPPORT, support_id
from workflows.shared.handlers import refused_as_application_error
from workflows.shared.shell import Shell, update
from workflows.support import operator_view
from workflows.support.work import CaseWork


@workflow.defn(name=SUPPORT)
class SupportCaseWorkflow(Shell[Case, CaseSummary]):
    """One question, with a clock of its own (CONTRACT section 7).

    Started with a ``SupportRequest`` as JSON, it answers with the last summary. A cancel request from
    outside closes the case.
    """

    expects = "one question"

    def _begin(self, raw: Any) -> None:
        self._state = rules.begin(_input(raw), workflow.now())
        self._work = CaseWork(self._state, self._show)

    @workflow.run
    async def run(self, raw: Any = None, *more: Any) -> dict[str, Any]:
        """Carry the case to its end."""
        await self._refuse_invalid()
        await self._until(self._ended)
        await workflow.wait_condition(workflow.all_handlers_finished)
        if self._work.failed:
            raise self._work.failed
        return self._summary().model_dump(mode="json")

    def _ended(self) -> bool:
        """Whether nothing more can be said, and all that was said is kept."""
        return self._work.failed is not None or (
            self._state.status.ended and self._state.recorded == self._state.changes
        )

    # The story

    async def _proceed(self) -> None:
        await self._undisturbed(self._work.proceed())

    async def _wait_for_change(self) -> None:
        """Wait, unless what was just kept has ended it."""
        if not self._ended():
            await super()._wait_for_change()

    def _cancel(self) -> None:
        """A cancel request from outside closes the case, where that is allowed."""
        if self._state.status.ended:
            return
        try:
            rules.close(self._state, CloseCase(by="temporal"), workflow.now())
        except Refused as refusal:
            self._state.note(workflow.now(), "close_refused", by="temporal", detail=str(refusal))
        self._advance()

    # What is shown

    def _next_alarm(self) -> tuple[datetime, str] | None:
        return rules.next_alarm(self._state)

    def _show(self) -> None:
        self._shown.columns(operator_view.columns(self._state))

    def _details(self) -> str:
        return operator_view.details(self._state)

    def _summary(self) -> CaseSummary:
        return rules.summary_of(self._state)

    def _view(self) -> CaseView:
        return rules.view_of(self._state)

    # What may be said to it

    @workflow.update
    async def opening(self, *_: Any) -> CaseSummary:
        """Wait until the question is kept, and it is known by when it will be answered."""
        self._require_valid()
        await workflow.wait_condition(lambda: self._state.opened is not None or self._work.failed is not None)
        if self._work.failed:
            raise self._work.failed
        return self._summary()

    @update(rules.check_message)
    async def add_message(self, message: AddMessage) -> CaseSummary:
        """The customer wrote, or somebody answered."""
        return self._act(rules.add_message, message)

    @update(lambda case, _: rules.check_close(case))
    async def close(self, message: CloseCase) -> CaseSummary:
        """Nothing more is to be answered."""
        return self._act(rules.close, message)

    @workflow.signal
    async def address_proved(self, *_: Any) -> None:
        """Somebody has followed the link that a mail brought to the address that asked."""
        if not self._invalid:
            rules.prove(self._state, workflow.now())
            self._advance()

    @update(lambda case, _: rules.check_make_return(case))
    async def make_return(self, message: MakeReturn) -> CaseSummary:
        """The case becomes a return; refused, it stays as it is."""
        self._require_valid()
        with refused_as_application_error():
            wish = rules.make_return(self._state, message, workflow.now())
            self._advance()
            await workflow.wait_condition(lambda: wish.settled)
            if wish.refused:
                raise Refused(wish.refused)
        return self._summary()


def _input(raw: Any) -> SupportRequest:
    request = parse_case(raw)
    expected, named = support_id(request.case_id), workflow.info().workflow_id
    if named != expected:
        raise InvalidRequest([("case_id", f"expected the workflow id {expected}, got {named}")])
    return request
