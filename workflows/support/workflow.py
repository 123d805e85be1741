"""The story of one question after the sale: opened, answered in time or escalated, closed or become a return."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.exceptions import ApplicationError, FailureError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from pydantic import BaseModel

    from activities.shared.attention import CallInput, GaveUp
    from activities.support.cases import CLOSED_BEFORE, KeepCaseInput, OpenCaseInput, SupportActivities, record_id
    from activities.support.start_return import StartedReturn, StartReturnInput, SupportReturnActivities
    from lifecycle.contract.errors import InvalidRequest, Refused
    from lifecycle.contract.signing import key_of
    from lifecycle.shared import backoff
    from lifecycle.support import rules
    from lifecycle.support.messages import AddMessage, CloseCase, MakeReturn, SupportRequest, parse_case
    from lifecycle.support.state import CaseSummary, Wish

from client.names import SUPPORT, support_id
from client.search_attributes import KEYS, changes
from workflows.shared.attention import call_operations
from workflows.shared.deadline_timer import AlarmClock
from workflows.shared.handlers import check_content, invalid_request, refusals_told, undisturbed
from workflows.shared.steps import Names, caused_by, partner_step, reason
from workflows.support import operator_view

Result = TypeVar("Result")
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
        """See a full state before the first message; what is wrong with ``raw`` is told by ``run``."""
        self._invalid: InvalidRequest | None = None
        self._failed: ApplicationError | None = None
        self._stirred = True
        self._alarm = AlarmClock(self._stir)
        self._names = Names()
        attributes = workflow.info().typed_search_attributes
        self._shown = {key.name: attributes.get(key) for key in KEYS}
        try:
            self._case = rules.begin(_input(raw, more), workflow.now())
        except InvalidRequest as error:
            self._invalid = error

    @workflow.run
    async def run(self, raw: Any = None, *more: Any) -> dict[str, Any]:
        """Carry the case to its end."""
        if self._invalid:
            await workflow.wait_condition(workflow.all_handlers_finished)
            raise invalid_request(self._invalid)
        while not self._ended():
            await undisturbed(self._work(), self._cancel)
            self._alarm.set(rules.next_alarm(self._case))
            self._show()
            if not self._ended():
                await undisturbed(workflow.wait_condition(lambda: self._stirred), self._cancel)
            self._stirred = False
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
        while self._failed is None and not backoff.rests(self._case, workflow.now()):
            rules.progress(self._case, workflow.now())
            if self._case.opened is None:
                worked = await self._open()
            elif not self._case.address_checked:
                worked = await self._check_address()
            elif self._case.recorded < self._case.changes:
                self._show()
                worked = await self._keep()
            elif self._case.wish:
                worked = await self._start_return(self._case.wish)
            else:
                return
            if not worked:
                return

    async def _open(self) -> bool:
        case = self._case
        changes_before, now = case.changes, workflow.now()
        view = rules.view_of(case).model_copy(update={"messages": case.messages[:1]})
        opening = partner_step(
            SupportActivities.open_case,
            OpenCaseInput(request=case.request, view=view, now=now),
            name="open",
            summary="Keep the question, send its receipt",
            partner="support",
        )
        opened = await self._done("open", opening)
        if opened is None:
            return False
        rules.open_case(case, opened)
        case.recorded = changes_before
        return True

    async def _check_address(self) -> bool:
        """Of a question that anybody may have asked: once it is kept and answered, so that its answer tells nothing."""
        view = rules.view_of(self._case).model_copy(update={"messages": []})
        checking = partner_step(
            SupportActivities.check_address,
            OpenCaseInput(request=self._case.request, view=view, now=workflow.now()),
            name="check_address",
            summary="See whose address it is, send a receipt if it is the order's",
            partner="support",
        )
        checked = await self._done("check_address", checking)
        if checked is None:
            return False
        rules.address_checked(self._case, checked)
        return True

    async def _keep(self) -> bool:
        """Write what has changed; what changes meanwhile is written the next time."""
        case = self._case
        known, messages, notices = case.changes, rules.to_record(case), list(case.notices)
        step = self._names.next("keep")
        given = KeepCaseInput(
            step=step,
            view=rules.view_of(case).model_copy(update={"messages": []}),
            messages=messages,
            first=case.messages_recorded + 1,
            notices=notices,
            now=workflow.now(),
        )
        summary = f"Keep the case{', write a mail' if notices else ''}"
        keeping = partner_step(SupportActivities.keep_case, given, name=step, summary=summary, partner="support")
        if await self._done(step, keeping, answered=True) is None:
            return False
        case.recorded = known
        case.messages_recorded += len(messages)
        del case.notices[: len(notices)]
        return True

    async def _start_return(self, wish: Wish) -> bool:
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
        starting = partner_step(
            SupportReturnActivities.start_return,
            given,
            name=f"start_return-{case.wishes}",
            summary="Start a return of the question",
            partner="support",
        )
        started: StartedReturn | None = await self._done("start_return", starting)
        if started is None:
            return False
        if started.return_id:
            rules.became(case, started.return_id, workflow.now())
        else:
            rules.return_refused(case, started.refused or "", workflow.now())
        return True

    async def _done(self, step: str, running: Awaitable[Result], *, answered: bool = False) -> Any:
        """What the step gave (or true, for one that gives nothing); null when it gave up, to be tried a day later."""
        try:
            result = await running
        except FailureError as error:
            if is_cancelled_exception(error):
                raise
            known = next((found for kind in _KNOWN if (found := caused_by(error, kind))), None)
            if known and step == "open":
                self._failed = ApplicationError(known.message, type=known.type, non_retryable=True)
                return None
            backoff.gave_up(self._case, step, reason(error), workflow.now())
            await self._call(step, reason(error))
            return None
        backoff.worked(self._case, workflow.now())
        return answered or result

    async def _call(self, step: str, error: str) -> None:
        """Write to operations that a step gave up."""
        name = self._names.next("call_operations")
        given = CallInput(
            journey="support",
            record=record_id(self._case.request.case_id),
            step=name,
            what=self._case.request.case_id,
            waiting=[GaveUp(step=step, error=error)],
            now=workflow.now(),
        )
        await call_operations(given, name)

    def _stir(self) -> None:
        self._stirred = True

    def _cancel(self) -> None:
        """A cancel request from outside closes the case, where that is allowed."""
        if self._case.status.ended:
            return
        try:
            rules.close(self._case, CloseCase(by="temporal"), workflow.now())
        except Refused as refusal:
            self._case.note(workflow.now(), "close_refused", by="temporal", detail=str(refusal))
        self._stir()

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
            self._stir()

    @workflow.update
    async def make_return(self, message: MakeReturn) -> CaseSummary:
        """The case becomes a return; refused, it stays as it is."""
        if self._invalid:
            raise invalid_request(self._invalid)
        with refusals_told():
            wish = rules.make_return(self._case, message, workflow.now())
            self._stir()
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
        with refusals_told():
            act(workflow.now())
        self._stir()
        return rules.summary_of(self._case)


def _input(raw: Any, more: Sequence[Any]) -> SupportRequest:
    if more:
        raise InvalidRequest([("body", f"expected one question, got {1 + len(more)} arguments")])
    request = parse_case(raw)
    expected, named = support_id(request.case_id), workflow.info().workflow_id
    if named != expected:
        raise InvalidRequest([("case_id", f"expected the workflow id {expected}, got {named}")])
    return request
