"""The story of one question after the sale: opened, answered in time or escalated, closed or become a return."""

from contextlib import suppress
from datetime import datetime
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from activities.shared.attention import FailedStep
    from activities.support.cases import CLOSED_BEFORE, OpenCaseInput, SaveCaseInput, SupportActivities, record_id
    from activities.support.start_return import StartReturnInput, SupportReturnActivities
    from lifecycle.contract.errors import InvalidRequest, Refused
    from lifecycle.contract.signing import key_of
    from lifecycle.shared import backoff
    from lifecycle.support import rules
    from lifecycle.support.messages import AddMessage, CloseCase, MakeReturn, SupportRequest, parse_case
    from lifecycle.support.state import Case, CaseSummary, CaseView, Wish

from client.names import SUPPORT, support_id
from workflows.shared.attention import Operations
from workflows.shared.handlers import refused_as_application_error
from workflows.shared.shell import Shell, update
from workflows.shared.step_runner import BackOffStepRunner, StepFailed
from workflows.shared.steps import StepIds, Steps, caused_by
from workflows.support import operator_view

#: The opening cannot go better another time: the case has closed or was another question, or a text is wrong.
_KNOWN = (CLOSED_BEFORE, "KeyReused", "InvalidRequest")


@workflow.defn(name=SUPPORT)
class SupportCaseWorkflow(Shell[Case, CaseSummary]):
    """One question, with a clock of its own (CONTRACT section 7).

    Started with a ``SupportRequest`` as JSON, it answers with the last summary. A cancel request from
    outside closes the case.
    """

    expects = "one question"

    def _begin(self, raw: Any) -> None:
        self._failed: ApplicationError | None = None
        self._ids = StepIds()
        self._steps = Steps()
        self._state = rules.begin(_input(raw), workflow.now())
        case_id = self._state.request.case_id
        self._operations = Operations(self._steps, "support", record_id(case_id), case_id)
        self._back_off = BackOffStepRunner(self._steps, self._state, self._call_operations)

    @workflow.run
    async def run(self, raw: Any = None, *more: Any) -> dict[str, Any]:
        """Carry the case to its end."""
        await self._refuse_invalid()
        await self._until(self._ended)
        await workflow.wait_condition(workflow.all_handlers_finished)
        if self._failed:
            raise self._failed
        return self._summary().model_dump(mode="json")

    def _ended(self) -> bool:
        """Whether nothing more can be said, and all that was said is kept."""
        return self._failed is not None or (self._state.status.ended and self._state.recorded == self._state.changes)

    # The story

    async def _proceed(self) -> None:
        await self._undisturbed(self._conclude())

    async def _wait_for_change(self) -> None:
        """Wait, unless what was just kept has ended it."""
        if not self._ended():
            await super()._wait_for_change()

    async def _conclude(self) -> None:
        """Draw the conclusions of what was said, and keep them."""
        with suppress(StepFailed):
            while self._failed is None and not backoff.backing_off(self._state, workflow.now()):
                rules.advance(self._state, workflow.now())
                if self._state.opened is None:
                    await self._open()
                elif not self._state.address_checked:
                    await self._check_address()
                elif self._state.recorded < self._state.changes:
                    self._show()
                    await self._save()
                elif self._state.wish:
                    await self._start_return(self._state.wish)
                else:
                    return

    async def _open(self) -> None:
        case = self._state
        changes_before, now = case.changes, workflow.now()
        view = rules.view_of(case).model_copy(update={"messages": case.messages[:1]})
        opening = self._steps.start_activity(
            SupportActivities.open_case,
            OpenCaseInput(request=case.request, view=view, now=now),
            name="open",
            summary="Save the question, send a receipt",
            profile="support",
        )
        opened = await self._back_off.run("open", opening, on_failure=self._never_opens)
        rules.open_case(case, opened)
        case.recorded = changes_before

    async def _check_address(self) -> None:
        """Of a question that anybody may have asked: once it is kept and answered, so that its answer tells nothing."""
        view = rules.view_of(self._state).model_copy(update={"messages": []})
        checking = self._steps.start_activity(
            SupportActivities.check_address,
            OpenCaseInput(request=self._state.request, view=view, now=workflow.now()),
            name="check_address",
            summary="See whose address it is, send a receipt if it is the order's",
            profile="support",
        )
        rules.address_checked(self._state, await self._back_off.run("check_address", checking))

    async def _save(self) -> None:
        """Write what has changed; what changes meanwhile is written the next time."""
        case = self._state
        known, messages, notices = case.changes, rules.to_record(case), list(case.notices)
        step = self._ids.next("keep")
        given = SaveCaseInput(
            step=step,
            view=rules.view_of(case).model_copy(update={"messages": []}),
            messages=messages,
            first=case.messages_recorded + 1,
            notices=notices,
            now=workflow.now(),
        )
        summary = f"Save the case{', write a mail' if notices else ''}"
        keeping = self._steps.start_activity(
            SupportActivities.save_case, given, name=step, summary=summary, profile="support"
        )
        await self._back_off.run(step, keeping)
        case.recorded = known
        case.messages_recorded += len(messages)
        del case.notices[: len(notices)]

    async def _start_return(self, wish: Wish) -> None:
        case = self._state
        given = StartReturnInput(
            case_id=case.request.case_id,
            return_id=rules.return_id_of(case),
            wanted=wish.wanted,
            channel=case.request.channel,
            order_id=case.request.order_id,
            about=case.request.return_id,
            anyway=wish.anyway,
            vouched_by=key_of(wish.by) if wish.wanted.order else None,
            now=workflow.now(),
        )
        starting = self._steps.start_activity(
            SupportReturnActivities.start_return,
            given,
            name=f"start_return-{case.wishes}",
            summary="Start a return from the case",
            profile="support",
        )
        started = await self._back_off.run("start_return", starting)
        if started.return_id:
            rules.became(case, started.return_id, workflow.now())
        else:
            rules.return_refused(case, started.refused or "", workflow.now())

    def _never_opens(self, error: BaseException) -> bool:
        """Whether the opening cannot go better another time, which ends the case."""
        known = next((found for kind in _KNOWN if (found := caused_by(error, kind))), None)
        if known:
            self._failed = ApplicationError(known.message, type=known.type, non_retryable=True)
        return known is not None

    async def _call_operations(self, failed: FailedStep) -> None:
        """Write to operations that a step failed for good."""
        name = self._ids.next("call_operations")
        await self._operations.call([failed], name, name)

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
        workflow.set_current_details(operator_view.details(self._state))

    def _summary(self) -> CaseSummary:
        return rules.summary_of(self._state)

    def _view(self) -> CaseView:
        return rules.view_of(self._state)

    # What may be said to it

    @workflow.update
    async def opening(self) -> CaseSummary:
        """Wait until the question is kept, and it is known by when it will be answered."""
        self._require_valid()
        await workflow.wait_condition(lambda: self._state.opened is not None or self._failed is not None)
        if self._failed:
            raise self._failed
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
