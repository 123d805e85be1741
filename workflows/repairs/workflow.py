"""The story of one unit on the repair bench: diagnosis, the customer's word, work, check."""

import asyncio
from datetime import datetime
from typing import Any

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from lifecycle.contract.errors import InvalidRequest
    from lifecycle.contract.messages import ResolveAttention
    from lifecycle.repairs import deadlines, rules
    from lifecycle.repairs.messages import (
        Diagnosis,
        EstimateAnswer,
        RepairCheck,
        RepairSummary,
        RepairView,
        RepairWork,
        parse_repair,
    )
    from lifecycle.repairs.rules import Repair
    from lifecycle.shared.repair_messages import RepairInput

from client.names import REPAIR, earlier_repair_id, repair_id
from workflows.repairs import operator_view
from workflows.repairs.work import BenchWork
from workflows.shared.shell import Shell, update


@workflow.defn(name=REPAIR)
class RepairWorkflow(Shell[Repair, RepairSummary]):
    """One unit of a return on the repair bench, with a clock of its own (CONTRACT section 7).

    Started with a ``RepairInput`` as JSON, it answers with a ``RepairResult`` once it has ended, its
    mails are written and its parts are booked. A cancel request calls it off: it ends as cancelled.
    """

    expects = "one input"

    def _begin(self, raw: Any) -> None:
        self._closed = False
        self._state = Repair(_input(raw), since=workflow.now())
        self._bench = BenchWork(self._state, self._advance)
        rules.begin(self._state, workflow.now())

    @workflow.run
    async def run(self, raw: Any = None, *more: Any) -> dict[str, Any]:
        """Carry the repair to its end."""
        await self._refuse_invalid()
        await self._until(lambda: self._state.over and self._bench.idle)
        self._closed = True
        self._show()
        await workflow.wait_condition(workflow.all_handlers_finished)
        if self._state.outcome is None:
            raise asyncio.CancelledError
        return self._state.result.model_dump(mode="json")

    async def _proceed(self) -> None:
        self._bench.start()

    async def _wait_for_change(self) -> None:
        await super()._wait_for_change()
        self._bench.collect()

    def _cancel(self) -> None:
        """A cancel request calls the repair off, unless it has ended by itself."""
        rules.call_off(self._state, workflow.now())
        self._advance()

    def _on_deadline(self) -> None:
        deadlines.fire_due_alarms(self._state, workflow.now())
        self._advance()

    # What is shown

    def _next_alarm(self) -> tuple[datetime, str] | None:
        return deadlines.next_alarm(self._state)

    def _show(self) -> None:
        self._shown.columns(operator_view.columns(self._state))
        self._shown.memo(operator_view.memo(self._state))

    def _details(self) -> str:
        return operator_view.details(self._state)

    def _summary(self) -> RepairSummary:
        return rules.summary_of(self._state)

    def _view(self) -> RepairView:
        return rules.view_of(self._state, closed=self._closed)

    # What may be said to it

    @update(rules.check_diagnosis)
    async def record_diagnosis(self, message: Diagnosis) -> RepairSummary:
        """The bench looked at the unit."""
        return self._act(rules.diagnose, message)

    @update(lambda repair, _: rules.check_answer(repair))
    async def answer_estimate(self, message: EstimateAnswer) -> RepairSummary:
        """The customer accepts the estimate, or refuses it."""
        return self._act(rules.answer_estimate, message)

    @update(rules.check_work)
    async def record_repair(self, message: RepairWork) -> RepairSummary:
        """The bench repaired the unit."""
        return self._act(rules.record_work, message)

    @update(rules.check_check)
    async def record_check(self, message: RepairCheck) -> RepairSummary:
        """The bench tested whether it works."""
        return self._act(rules.record_check, message)

    @update(rules.check_resolve)
    async def resolve_attention(self, message: ResolveAttention) -> RepairSummary:
        """Answer a step that failed for good."""
        return self._act(rules.resolve, message)


def _input(raw: Any) -> RepairInput:
    given = parse_repair(raw)
    unit, named = (given.return_id, given.unit_id), workflow.info().workflow_id
    if named not in (repair_id(*unit), earlier_repair_id(*unit)):
        raise InvalidRequest([("unit_id", f"expected the workflow id {repair_id(*unit)}, got {named}")])
    return given
