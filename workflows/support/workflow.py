"""The story of one question after the sale: opened, answered in time or escalated, closed or become a return."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from pydantic import BaseModel

    from activities.shared.attention import FailedStep
    from activities.support.cases import CLOSED_BEFORE, OpenCaseInput, SaveCaseInput, SupportActivities, record_id
    from activities.support.start_return import StartReturnInput, SupportReturnActivities
    from lifecycle.contract.errors import InvalidRequest, Refused
    from lifecycle.contract.signing import key_of
    from lifecycle.shared import backoff
    from lifecycle.support import rules
    from lifecycle.support.messages import AddMessage, CloseCase, MakeReturn, SupportRequest, parse_case
    from lifecycle.support.state import CaseSummary, Wish

from client.names import SUPPORT, support_id
from client.search_attributes import KEYS, changes
from workflows.shared.attention import Operations
from workflows.shared.deadline_timer import DeadlineTimer
from workflows.shared.handlers import (
    check_content,
    invalid_request,
    refused_as_application_error,
    wait_ignoring_cancellation,
)
from workflows.shared.step_runner import BackOffStepRunner, StepFailed
from workflows.shared.steps import StepIds, Steps, caused_by
from workflows.support import operator_view

#: The opening cannot go better another time: the case has closed or was another question, or a text is wrong.
_KNOWN = (CLOSED_BEFORE, "KeyReused", "InvalidRequest")


@workflow.defn(name=SUPPORT)
class SupportCaseWorkflow:
    """One question, with a clock of its own (CONTRACT section 7).

    Started with a ``SupportRequest`` as JSON, it answers with the last summary. A cancel request from
    outside closes the case.
    """

    @workflow.init
    def __init__(self, raw: Any = None, *more: Any) -> None:
        """See a full state before the first message; what is wrong with ``raw`` is reported by ``run``."""
        self._invalid: InvalidRequest | None = None
        self._failed: ApplicationError | None = None
        self._changed = True
        self._steps = Steps()
        self._timer = DeadlineTimer(self._notify)
        self._ids = StepIds()
        attributes = workflow.info().typed_search_attributes
        self._shown = {key.name: attributes.get(key) for key in KEYS}
        try:
            self._case = rules.begin(_input(raw, more), workflow.now())
            case_id = self._case.request.case_id
            self._operations = Operations(self._steps, "support", record_id(case_id), case_id)
            self._back_off = BackOffStepRunner(self._steps, self._case, self._call_operations)
        except InvalidRequest as error:
            self._invalid = error

    @workflow.run
    async def run(self, raw: Any = None, *more: Any) -> dict[str, Any]:
        """Carry the case to its end."""
        if self._invalid:
            await workflow.wait_condition(workflow.all_handlers_finished)
            raise invalid_request(self._invalid)
        while not self._ended():
            await wait_ignoring_cancellation(self._work(), self._cancel)
            self._timer.set(rules.next_alarm(self._case))
            self._show()
            if not self._ended():
                await wait_ignoring_cancellation(workflow.wait_condition(lambda: self._changed), self._cancel)
            self._changed = False
        await workflow.wait_condition(workflow.all_handlers_finished)
        if self._failed:
            raise self._failed
        return rules.summary_of(self._case).model_dump(mode="json")

    def _ended(self) -> bool:
        """Whether nothing more can be said, and all that was said is kept."""
        return self._failed is not None or (self._case.status.ended and self._case.recorded == self._case.changes)

    # The story

    async def _work(self) -> None:
        """Draw the conclusions of what was said, and keep them."""
        with suppress(StepFailed):
            while self._failed is None and not backoff.backing_off(self._case, workflow.now()):
                rules.advance(self._case, workflow.now())
                if self._case.opened is None:
                    await self._open()
                elif not self._case.address_checked:
                    await self._check_address()
                elif self._case.recorded < self._case.changes:
                    self._show()
                    await self._save()
                elif self._case.wish:
                    await self._start_return(self._case.wish)
                else:
                    return

    async def _open(self) -> None:
        case = self._case
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
        view = rules.view_of(self._case).model_copy(update={"messages": []})
        checking = self._steps.start_activity(
            SupportActivities.check_address,
            OpenCaseInput(request=self._case.request, view=view, now=workflow.now()),
            name="check_address",
            summary="See whose address it is, send a receipt if it is the order's",
            profile="support",
        )
        rules.address_checked(self._case, await self._back_off.run("check_address", checking))

    async def _save(self) -> None:
        """Write what has changed; what changes meanwhile is written the next time."""
        case = self._case
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
        case = self._case
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

    def _notify(self) -> None:
        self._changed = True

    def _cancel(self) -> None:
        """A cancel request from outside closes the case, where that is allowed."""
        if self._case.status.ended:
            return
        try:
            rules.close(self._case, CloseCase(by="temporal"), workflow.now())
        except Refused as refusal:
            self._case.note(workflow.now(), "close_refused", by="temporal", detail=str(refusal))
        self._notify()

    # What is shown

    def _show(self) -> None:
        columns = operator_view.columns(self._case)
        updates = changes(self._shown, columns)
        if updates:
            workflow.upsert_search_attributes(updates)
            self._shown = columns
        workflow.set_current_details(operator_view.details(self._case))

    @workflow.query
    def view(self) -> dict[str, Any]:
        """All there is to see of the case, as ``CaseView``."""
        if self._invalid:
            raise invalid_request(self._invalid)
        return rules.view_of(self._case).model_dump(mode="json")

    # What may be said to it

    @workflow.update
    async def opening(self) -> CaseSummary:
        """Wait until the question is kept, and it is known by when it will be answered."""
        if not self._invalid:
            await workflow.wait_condition(lambda: self._case.opened is not None or self._failed is not None)
        if self._invalid:
            raise invalid_request(self._invalid)
        if self._failed:
            raise self._failed
        return rules.summary_of(self._case)

    @workflow.update
    async def add_message(self, message: AddMessage) -> CaseSummary:
        """The customer wrote, or somebody answered."""
        return self._act(lambda now: rules.add_message(self._case, message, now))

    @add_message.validator
    def _check_message(self, message: AddMessage) -> None:
        self._check(message, lambda: rules.check_message(self._case, message))

    @workflow.update
    async def close(self, message: CloseCase) -> CaseSummary:
        """Nothing more is to be answered."""
        return self._act(lambda now: rules.close(self._case, message, now))

    @close.validator
    def _check_close(self, message: CloseCase) -> None:
        self._check(message, lambda: rules.check_close(self._case))

    @workflow.signal
    async def address_proved(self, *_: Any) -> None:
        """Somebody has followed the link that a mail brought to the address that asked."""
        if not self._invalid:
            rules.prove(self._case, workflow.now())
            self._notify()

    @workflow.update
    async def make_return(self, message: MakeReturn) -> CaseSummary:
        """The case becomes a return; refused, it stays as it is."""
        if self._invalid:
            raise invalid_request(self._invalid)
        with refused_as_application_error():
            wish = rules.make_return(self._case, message, workflow.now())
            self._notify()
            await workflow.wait_condition(lambda: wish.settled)
            if wish.refused:
                raise Refused(wish.refused)
        return rules.summary_of(self._case)

    @make_return.validator
    def _check_make_return(self, message: MakeReturn) -> None:
        self._check(message, lambda: rules.check_make_return(self._case))

    def _check(self, message: BaseModel | None, check: Callable[[], object]) -> None:
        if self._invalid:
            raise invalid_request(self._invalid)
        check_content(message)
        check()

    def _act(self, act: Callable[[datetime], object]) -> CaseSummary:
        if self._invalid:
            raise invalid_request(self._invalid)
        with refused_as_application_error():
            act(workflow.now())
        self._notify()
        return rules.summary_of(self._case)


def _input(raw: Any, more: Sequence[Any]) -> SupportRequest:
    if more:
        raise InvalidRequest([("body", f"expected one question, got {1 + len(more)} arguments")])
    request = parse_case(raw)
    expected, named = support_id(request.case_id), workflow.info().workflow_id
    if named != expected:
        raise InvalidRequest([("case_id", f"expected the workflow id {expected}, got {named}")])
    return request
