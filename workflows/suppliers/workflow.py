"""The goods of one supplier, from the first unit on and for years, one run after another."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from pydantic import BaseModel, ValidationError

    from activities.shared.attention import FailedStep
    from activities.suppliers.journey import AskedUnit, PlanInput, SupplierActivities, SupplierMailInput, record_id
    from lifecycle.contract.errors import InvalidRequest
    from lifecycle.contract.request import problems
    from lifecycle.shared import backoff
    from lifecycle.suppliers import rules
    from lifecycle.suppliers.messages import AddUnit, Authorise, RecordCredit, RecordShipment, Refuse
    from lifecycle.suppliers.state import SupplierNotice, SupplierReturn, SupplierSummary

from client.names import SUPPLIER, SUPPLIER_PREFIX
from workflows.shared.attention import Operations
from workflows.shared.deadline_timer import DeadlineTimer
from workflows.shared.handlers import (
    check_content,
    invalid_request,
    refused_as_application_error,
    wait_ignoring_cancellation,
)
from workflows.shared.step_runner import BackOffStepRunner, StepFailed
from workflows.shared.steps import Steps
from workflows.suppliers import operator_view

#: Events; a history of so many is replayed in half a second.
LONG_HISTORY = 1000


@workflow.defn(name=SUPPLIER)
class SupplierReturnWorkflow:
    """Units of many returns that go back to one supplier (CONTRACT section 7).

    Handlers only change the state and wait for nothing, so that none is ever under way when a run
    makes room for the next one.
    """

    @workflow.init
    def __init__(self, raw: Any = None, *more: Any) -> None:
        """See what the run before knew ahead of the first message; started by a signal, nothing is known."""
        self._invalid: InvalidRequest | None = None
        self._changed = True
        self._cancel_wanted = False
        self._steps = Steps()
        self._timer = DeadlineTimer(self._on_deadline)
        try:
            self._journey = _carried_on(raw, more)
            supplier_id = self._journey.supplier_id
            self._operations = Operations(self._steps, "supplier", record_id(supplier_id), supplier_id)
            self._back_off = BackOffStepRunner(self._steps, self._journey, self._call_operations)
        except InvalidRequest as error:
            self._invalid = error

    @workflow.run
    async def run(self, raw: Any = None, *more: Any) -> dict[str, Any]:
        """See the goods to their end; answers, once it was cancelled and nothing is open, with the last summary."""
        if self._invalid:
            await workflow.wait_condition(workflow.all_handlers_finished)
            raise invalid_request(self._invalid)
        while not self._may_end():
            if self._history_is_long():
                await self._continue_as_new()
            await wait_ignoring_cancellation(self._work(), self._cancel)
            due = rules.next_alarm(self._journey)
            self._timer.set((due.at, due.what) if due else None)
            workflow.set_current_details(operator_view.details(self._journey))
            await wait_ignoring_cancellation(
                workflow.wait_condition(lambda: self._changed or self._history_is_long()), self._cancel
            )
            self._changed = False
        await workflow.wait_condition(workflow.all_handlers_finished)
        return rules.summary_of(self._journey).model_dump(mode="json")

    # The story

    async def _work(self) -> None:
        """Draw the conclusions of what was said and write the mails they ask for, as long as there is room."""
        with suppress(StepFailed):
            while not self._history_is_long():
                rules.advance(self._journey, workflow.now())
                if backoff.backing_off(self._journey, workflow.now()):
                    return
                if self._journey.notices:
                    await self._write_mail(self._journey.notices[0])
                elif rules.needs_plan(self._journey):
                    await self._plan()
                else:
                    return

    async def _write_mail(self, notice: SupplierNotice) -> None:
        units = [self._journey.units[name] for name in notice.unit_ids if name in self._journey.units]
        given = SupplierMailInput(
            supplier_id=self._journey.supplier_id,
            notice=notice,
            units=[AskedUnit(**unit.model_dump(include=set(AskedUnit.model_fields))) for unit in units],
            now=workflow.now(),
        )
        # Not local: a task that is done again after more messages came would make another mail of the same step.
        sending = self._steps.start_activity(
            SupplierActivities.write_supplier_mail,
            given,
            name=notice.step,
            summary=f"Mail to operations: {notice.template}",
            profile="records",
        )
        await self._back_off.run(notice.step, sending)
        self._journey.notices.remove(notice)

    async def _plan(self) -> None:
        given = PlanInput(now=workflow.now())
        planning = self._steps.start_activity(
            SupplierActivities.plan_batch,
            given,
            name="plan_batch",
            summary="Plan the next batch",
            profile="records",
        )
        rules.begin_batch(self._journey, await self._back_off.run("plan_batch", planning))

    async def _call_operations(self, failed: FailedStep) -> None:
        """Write to operations that a step failed for good."""
        key = f"call_operations/{failed.step}/{workflow.now():%Y%m%dT%H%M%SZ}"
        await self._operations.call([failed], "call_operations", key)

    def _history_is_long(self) -> bool:
        info = workflow.info()
        return info.is_continue_as_new_suggested() or info.get_current_history_length() >= LONG_HISTORY

    async def _continue_as_new(self) -> None:
        """Go on in a new run, before any other work: whatever is to be done is carried along.

        A message that comes meanwhile makes the server ask again, with that message taken in.
        """
        await workflow.wait_condition(workflow.all_handlers_finished)
        rules.tidy(self._journey, workflow.now())
        workflow.continue_as_new(self._journey.model_dump(mode="json", exclude_defaults=True))

    def _may_end(self) -> bool:
        """Whether somebody asked Temporal to cancel it, and nothing is open any more."""
        if self._cancel_wanted and not self._journey.ending:
            self._journey.ending = True
            self._journey.note(workflow.now(), "ending", by="temporal", detail="ends once no unit is open")
        return self._journey.ending and rules.all_ended(self._journey)

    def _cancel(self) -> None:
        """A cancel request from outside is taken as a wish."""
        self._cancel_wanted = self._changed = True

    def _on_deadline(self) -> None:
        self._changed = True

    # What is shown

    @workflow.query
    def view(self) -> dict[str, Any]:
        """All units that are open or ended lately, with their papers."""
        if self._invalid:
            raise invalid_request(self._invalid)
        return rules.view_of(self._journey).model_dump(mode="json")

    # What may be said to it

    @workflow.signal
    async def add_unit(self, raw: Any = None, *more: Any) -> None:
        """A unit for this supplier; one that does not fit is noted on the timeline and dropped."""
        if self._invalid:
            return
        try:
            message = AddUnit.model_validate([*more, raw] if more else raw)
            rules.add_unit(self._journey, message, workflow.now())
        except ValidationError as error:
            detail = "; ".join(f"{field}: {text}" for field, text in problems(error))
            self._journey.note(workflow.now(), "dropped", detail=f"add_unit: {detail}")
        self._changed = True

    @workflow.update
    async def authorise(self, message: Authorise) -> SupplierSummary:
        """The supplier takes units back."""
        return self._act(lambda now: rules.authorise(self._journey, message, now))

    @authorise.validator
    def _check_authorise(self, message: Authorise) -> None:
        self._check(message, lambda: rules.check_authorise(self._journey, message))

    @workflow.update
    async def record_shipment(self, message: RecordShipment) -> SupplierSummary:
        """What was authorised is on its way to the supplier."""
        return self._act(lambda now: rules.record_shipment(self._journey, message, now))

    @record_shipment.validator
    def _check_shipment(self, message: RecordShipment) -> None:
        self._check(message, lambda: rules.check_shipment(self._journey, message))

    @workflow.update
    async def record_credit(self, message: RecordCredit) -> SupplierSummary:
        """The supplier has given money back, for all units or for some."""
        return self._act(lambda now: rules.record_credit(self._journey, message, now))

    @record_credit.validator
    def _check_credit(self, message: RecordCredit) -> None:
        self._check(message, lambda: rules.check_credit(self._journey, message))

    @workflow.update
    async def refuse(self, message: Refuse) -> SupplierSummary:
        """The supplier does not take units, or does not pay for them."""
        return self._act(lambda now: rules.refuse(self._journey, message, now))

    @refuse.validator
    def _check_refuse(self, message: Refuse) -> None:
        self._check(message, lambda: rules.check_refuse(self._journey, message))

    def _check(self, message: BaseModel | None, check: Callable[[], None]) -> None:
        if self._invalid:
            raise invalid_request(self._invalid)
        check_content(message)
        check()

    def _act(self, act: Callable[[datetime], None]) -> SupplierSummary:
        if self._invalid:
            raise invalid_request(self._invalid)
        with refused_as_application_error():
            act(workflow.now())
        self._changed = True
        return rules.summary_of(self._journey)


def _carried_on(raw: Any, more: Sequence[Any]) -> SupplierReturn:
    """What the run before knew, or nothing; raises ``InvalidRequest`` for anything else."""
    if more:
        raise InvalidRequest([("body", f"expected nothing, got {1 + len(more)} arguments")])
    workflow_id = workflow.info().workflow_id
    supplier_id = workflow_id.removeprefix(SUPPLIER_PREFIX)
    if not workflow_id.startswith(SUPPLIER_PREFIX) or not supplier_id:
        raise InvalidRequest(
            [("supplier_id", f"expected the workflow id {SUPPLIER_PREFIX}{{supplier_id}}, got {workflow_id}")]
        )
    if raw is None:
        return SupplierReturn(supplier_id=supplier_id)
    try:
        journey = SupplierReturn.model_validate(raw)
    except ValidationError as error:
        raise InvalidRequest(problems(error)) from None
    if journey.supplier_id != supplier_id:
        raise InvalidRequest([("supplier_id", f"expected {supplier_id}, got {journey.supplier_id}")])
    return journey
