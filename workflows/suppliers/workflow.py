"""The goods of one supplier, from the first unit on and for years, one run after another."""

from contextlib import suppress
from datetime import datetime
from typing import Any

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from pydantic import ValidationError

    from activities.shared.attention import FailedStep
    from activities.suppliers.journey import AskedUnit, PlanInput, SupplierActivities, SupplierMailInput, record_id
    from lifecycle.contract.errors import InvalidRequest
    from lifecycle.contract.request import problems
    from lifecycle.shared import backoff
    from lifecycle.suppliers import rules
    from lifecycle.suppliers.messages import AddUnit, Authorise, RecordCredit, RecordShipment, Refuse
    from lifecycle.suppliers.state import SupplierNotice, SupplierReturn, SupplierSummary, SupplierView

from client.names import SUPPLIER, SUPPLIER_PREFIX
from workflows.shared.attention import Operations
from workflows.shared.shell import Shell, update
from workflows.shared.step_runner import BackOffStepRunner, StepFailed
from workflows.shared.steps import Steps
from workflows.suppliers import operator_view

#: Events; a history of so many is replayed in half a second.
LONG_HISTORY = 1000


@workflow.defn(name=SUPPLIER)
class SupplierReturnWorkflow(Shell[SupplierReturn, SupplierSummary]):
    """Units of many returns that go back to one supplier (CONTRACT section 7).

    Handlers only change the state and wait for nothing, so that none is ever under way when a run
    makes room for the next one.
    """

    expects = "nothing"

    def _begin(self, raw: Any) -> None:
        """See what the run before knew ahead of the first message; started by a signal, nothing is known."""
        self._cancel_wanted = False
        self._steps = Steps()
        self._state = _carried_on(raw)
        supplier_id = self._state.supplier_id
        self._operations = Operations(self._steps, "supplier", record_id(supplier_id), supplier_id)
        self._back_off = BackOffStepRunner(self._steps, self._state, self._call_operations)

    @workflow.run
    async def run(self, raw: Any = None, *more: Any) -> dict[str, Any]:
        """See the goods to their end; answers, once it was cancelled and nothing is open, with the last summary."""
        await self._refuse_invalid()
        await self._until(self._may_end)
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self._summary().model_dump(mode="json")

    # The story

    async def _proceed(self) -> None:
        if self._history_is_long():
            await self._continue_as_new()
        await self._undisturbed(self._conclude())

    async def _wait_for_change(self) -> None:
        await self._undisturbed(workflow.wait_condition(lambda: self._changed or self._history_is_long()))
        self._changed = False

    async def _conclude(self) -> None:
        """Draw the conclusions of what was said and write the mails they ask for, as long as there is room."""
        with suppress(StepFailed):
            while not self._history_is_long():
                rules.advance(self._state, workflow.now())
                if backoff.backing_off(self._state, workflow.now()):
                    return
                if self._state.notices:
                    await self._write_mail(self._state.notices[0])
                elif rules.needs_plan(self._state):
                    await self._plan()
                else:
                    return

    async def _write_mail(self, notice: SupplierNotice) -> None:
        units = [self._state.units[name] for name in notice.unit_ids if name in self._state.units]
        given = SupplierMailInput(
            supplier_id=self._state.supplier_id,
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
        self._state.notices.remove(notice)

    async def _plan(self) -> None:
        given = PlanInput(now=workflow.now())
        planning = self._steps.start_activity(
            SupplierActivities.plan_batch,
            given,
            name="plan_batch",
            summary="Plan the next batch",
            profile="records",
        )
        rules.begin_batch(self._state, await self._back_off.run("plan_batch", planning))

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
        rules.tidy(self._state, workflow.now())
        workflow.continue_as_new(self._state.model_dump(mode="json", exclude_defaults=True))

    def _may_end(self) -> bool:
        """Whether somebody asked Temporal to cancel it, and nothing is open any more."""
        if self._cancel_wanted and not self._state.ending:
            self._state.ending = True
            self._state.note(workflow.now(), "ending", by="temporal", detail="ends once no unit is open")
        return self._state.ending and rules.all_ended(self._state)

    def _cancel(self) -> None:
        """A cancel request from outside is taken as a wish."""
        self._cancel_wanted = self._changed = True

    # What is shown

    def _next_alarm(self) -> tuple[datetime, str] | None:
        due = rules.next_alarm(self._state)
        return (due.at, due.what) if due else None

    def _show(self) -> None:
        workflow.set_current_details(operator_view.details(self._state))

    def _summary(self) -> SupplierSummary:
        return rules.summary_of(self._state)

    def _view(self) -> SupplierView:
        return rules.view_of(self._state)

    # What may be said to it

    @workflow.signal
    async def add_unit(self, raw: Any = None, *more: Any) -> None:
        """A unit for this supplier; one that does not fit is noted on the timeline and dropped."""
        if not self._invalid:
            self._apply("add_unit", AddUnit, (raw, *more), rules.add_unit)

    @update(rules.check_authorise)
    async def authorise(self, message: Authorise) -> SupplierSummary:
        """The supplier takes units back."""
        return self._act(rules.authorise, message)

    @update(rules.check_shipment)
    async def record_shipment(self, message: RecordShipment) -> SupplierSummary:
        """What was authorised is on its way to the supplier."""
        return self._act(rules.record_shipment, message)

    @update(rules.check_credit)
    async def record_credit(self, message: RecordCredit) -> SupplierSummary:
        """The supplier has given money back, for all units or for some."""
        return self._act(rules.record_credit, message)

    @update(rules.check_refuse)
    async def refuse(self, message: Refuse) -> SupplierSummary:
        """The supplier does not take units, or does not pay for them."""
        return self._act(rules.refuse, message)


def _carried_on(raw: Any) -> SupplierReturn:
    """What the run before knew, or nothing; raises ``InvalidRequest`` for anything else."""
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
