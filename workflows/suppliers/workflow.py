"""The goods of one supplier, from the first unit on and for years, one run after another."""

from datetime import datetime
from typing import Any

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from lifecycle.contract.errors import InvalidRequest
    from lifecycle.contract.request import invalid_as_request_error
    from lifecycle.suppliers import rules
    from lifecycle.suppliers.messages import AddUnit, Authorise, RecordCredit, RecordShipment, Refuse
    from lifecycle.suppliers.state import SupplierReturn, SupplierSummary, SupplierView

from client.names import SUPPLIER, SUPPLIER_PREFIX
from workflows.shared.shell import Shell, update
from workflows.suppliers import operator_view
from workflows.suppliers.work import SupplierWork

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
        self._state = _carried_on(raw)
        self._work = SupplierWork(self._state, has_room=lambda: not self._history_is_long())

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
        await self._undisturbed(self._work.proceed())

    async def _wait_for_change(self) -> None:
        await self._undisturbed(workflow.wait_condition(lambda: self._changed or self._history_is_long()))
        self._changed = False

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
        return self._state.ending and rules.all_ended(self._state) and not self._work.has_news

    def _cancel(self) -> None:
        """A cancel request from outside is taken as a wish."""
        self._cancel_wanted = self._changed = True

    # What is shown

    def _next_alarm(self) -> tuple[datetime, str] | None:
        due = rules.next_alarm(self._state)
        return (due.at, due.what) if due else None

    def _show(self) -> None:
        """No list tells more of it than its id."""

    def _details(self) -> str:
        return operator_view.details(self._state)

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
    with invalid_as_request_error():
        journey = SupplierReturn.model_validate(raw)
    if journey.supplier_id != supplier_id:
        raise InvalidRequest([("supplier_id", f"expected {supplier_id}, got {journey.supplier_id}")])
    return journey
