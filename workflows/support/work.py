"""The work of a support case, one step after another: opened, kept, made a return of."""

from collections.abc import Callable
from contextlib import suppress

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from workflows.shared.attention import Operations
from workflows.shared.step_runner import BackOffStepRunner, StepFailed
from workflows.shared.steps import StepIds, Steps, caused_by

with workflow.unsafe.imports_passed_through():
    from activities.shared.attention import FailedStep
    from activities.support.cases import CLOSED_BEFORE, OpenCaseInput, SaveCaseInput, SupportActivities, record_id
    from activities.support.start_return import StartReturnInput, SupportReturnActivities
    from lifecycle.contract.said_by import key_of
    from lifecycle.support import rules
    from lifecycle.support.state import Case, Wish

#: The opening cannot go better another time: the case has closed or was another question, or a text is wrong.
_KNOWN = (CLOSED_BEFORE, "KeyReused", "InvalidRequest")


class CaseWork:
    """What a case does outside; ``show`` is called before what has changed is saved."""

    def __init__(self, case: Case, show: Callable[[], None]) -> None:
        self._case = case
        self._show = show
        self._ids = StepIds()
        steps, case_id = Steps(), case.request.case_id
        self._operations = Operations(steps, "support", record_id(case_id), case_id)
        self._back_off = BackOffStepRunner(steps, case, "support", self._call_operations)
        #: Why the case cannot be opened at all.
        self.failed: ApplicationError | None = None

    async def proceed(self) -> None:
        """Draw the conclusions of what was said, and keep them."""
        with suppress(StepFailed):
            while self.failed is None and not self._back_off.backing_off:
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
        opened = await self._back_off.run_step(
            "open",
            SupportActivities.open_case,
            OpenCaseInput(request=case.request, view=view, now=now),
            summary="Save the question, send a receipt",
            on_failure=self._never_opens,
        )
        rules.open_case(case, opened)
        case.recorded = changes_before

    def _never_opens(self, error: BaseException) -> bool:
        """Whether the opening cannot go better another time, which ends the case."""
        known = next((found for kind in _KNOWN if (found := caused_by(error, kind))), None)
        if known:
            self.failed = ApplicationError(known.message, type=known.type, non_retryable=True)
        return known is not None

    async def _check_address(self) -> None:
        """Of a question that anybody may have asked: once it is kept and answered, so that its answer tells nothing."""
        view = rules.view_of(self._case).model_copy(update={"messages": []})
        checked = await self._back_off.run_step(
            "check_address",
            SupportActivities.check_address,
            OpenCaseInput(request=self._case.request, view=view, now=workflow.now()),
            summary="See whose address it is, send a receipt if it is the order's",
        )
        rules.address_checked(self._case, checked)

    async def _save(self) -> None:
        """Write what has changed; what changes meanwhile is written the next time."""
        case = self._case
        known, messages, notices = case.changes, rules.to_record(case), list(case.notices)
        name = self._ids.next("keep")
        given = SaveCaseInput(
            step=name,
            view=rules.view_of(case).model_copy(update={"messages": []}),
            messages=messages,
            first=case.messages_recorded + 1,
            notices=notices,
            now=workflow.now(),
        )
        summary = f"Save the case{', write a mail' if notices else ''}"
        await self._back_off.run_step(name, SupportActivities.save_case, given, summary=summary)
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
        started = await self._back_off.run_step(
            "start_return",
            SupportReturnActivities.start_return,
            given,
            name=f"start_return-{case.wishes}",
            summary="Start a return from the case",
        )
        if started.return_id:
            rules.became(case, started.return_id, workflow.now())
        else:
            rules.return_refused(case, started.refused or "", workflow.now())

    async def _call_operations(self, failed: FailedStep) -> None:
        """Write to operations that a step failed for good."""
        name = self._ids.next("call_operations")
        await self._operations.call([failed], name, name)
