"""The story of one unit on the repair bench: diagnosis, the customer's word, work, check."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from pydantic import BaseModel

    from lifecycle.contract.errors import InvalidRequest
    from lifecycle.contract.messages import ResolveAttention
    from lifecycle.repairs import deadlines, rules
    from lifecycle.repairs.rules import Repair
    from lifecycle.repairs.views import summary_of, view_of
    from lifecycle.shared.repair_messages import (
        Diagnosis,
        EstimateAnswer,
        RepairCheck,
        RepairInput,
        RepairSummary,
        RepairWork,
        parse_repair,
    )

from client.names import REPAIR, earlier_repair_id, repair_id
from client.search_attributes import ATTENTION, ORDER, changes
from workflows.repairs import operator_view
from workflows.repairs.work import BenchWork
from workflows.shared.deadline_timer import DeadlineTimer
from workflows.shared.handlers import (
    check_content,
    invalid_request,
    refused_as_application_error,
    wait_ignoring_cancellation,
)


@workflow.defn(name=REPAIR)
class RepairWorkflow:
    """One unit of a return on the repair bench, with a clock of its own (CONTRACT section 7).

    Started with a ``RepairInput`` as JSON, it answers with a ``RepairResult`` once it has ended, its
    mails are written and its parts are booked. A cancel request calls it off: it ends as cancelled.
    """

    @workflow.init
    def __init__(self, raw: Any = None, *more: Any) -> None:
        """See a full state before the first message; what is wrong with ``raw`` is reported by ``run``."""
        self._invalid: InvalidRequest | None = None
        self._changed = True
        self._closed = False
        self._timer = DeadlineTimer(self._on_deadline)
        attributes = workflow.info().typed_search_attributes
        self._shown = {key.name: attributes.get(key) for key in (ORDER, ATTENTION)}
        self._memo: dict[str, Any] = {}
        try:
            self._repair = Repair(_input(raw, more), since=workflow.now())
            self._work = BenchWork(self._repair, self._notify)
            rules.begin(self._repair, workflow.now())
        except InvalidRequest as error:
            self._invalid = error

    @workflow.run
    async def run(self, raw: Any = None, *more: Any) -> dict[str, Any]:
        """Carry the repair to its end."""
        if self._invalid:
            await workflow.wait_condition(workflow.all_handlers_finished)
            raise invalid_request(self._invalid)
        await self._until_it_ends()
        self._closed = True
        self._show()
        await workflow.wait_condition(workflow.all_handlers_finished)
        if self._repair.outcome is None:
            raise asyncio.CancelledError
        return self._repair.result.model_dump(mode="json")

    async def _until_it_ends(self) -> None:
        """Do what is to be done, set the alarm, show where it stands, wait; again until all is done."""
        while not (self._repair.over and self._work.idle):
            self._work.start()
            self._timer.set(deadlines.next_alarm(self._repair))
            self._show()
            await wait_ignoring_cancellation(workflow.wait_condition(lambda: self._changed), self._cancel)
            self._changed = False
            self._work.collect()

    def _notify(self) -> None:
        self._changed = True

    def _cancel(self) -> None:
        """A cancel request calls the repair off, unless it has ended by itself."""
        rules.call_off(self._repair, workflow.now())
        self._notify()

    def _on_deadline(self) -> None:
        deadlines.fire_due_alarms(self._repair, workflow.now())
        self._notify()

    # What is shown

    def _show(self) -> None:
        columns, memo = operator_view.columns(self._repair), operator_view.memo(self._repair)
        updates = changes(self._shown, columns)
        if updates:
            workflow.upsert_search_attributes(updates)
            self._shown = columns
        if memo != self._memo:
            workflow.upsert_memo({key: value for key, value in memo.items() if value != self._memo.get(key)})
            self._memo = memo
        workflow.set_current_details(operator_view.details(self._repair))

    @workflow.query
    def view(self) -> dict[str, Any]:
        """All there is to see of the repair, as ``RepairView``."""
        if self._invalid:
            raise invalid_request(self._invalid)
        return view_of(self._repair, closed=self._closed).model_dump(mode="json")

    # What may be said to it

    @workflow.update
    async def record_diagnosis(self, message: Diagnosis) -> RepairSummary:
        """The bench looked at the unit."""
        return self._act(lambda now: rules.diagnose(self._repair, message, now))

    @record_diagnosis.validator
    def _check_diagnosis(self, message: Diagnosis) -> None:
        self._check(message, lambda: rules.check_diagnosis(self._repair, message))

    @workflow.update
    async def answer_estimate(self, message: EstimateAnswer) -> RepairSummary:
        """The customer accepts the estimate, or refuses it."""
        return self._act(lambda now: rules.answer_estimate(self._repair, message, now))

    @answer_estimate.validator
    def _check_answer(self, message: EstimateAnswer) -> None:
        self._check(message, lambda: rules.check_answer(self._repair))

    @workflow.update
    async def record_repair(self, message: RepairWork) -> RepairSummary:
        """The bench repaired the unit."""
        return self._act(lambda now: rules.record_work(self._repair, message, now))

    @record_repair.validator
    def _check_repair(self, message: RepairWork) -> None:
        self._check(message, lambda: rules.check_work(self._repair, message))

    @workflow.update
    async def record_check(self, message: RepairCheck) -> RepairSummary:
        """The bench tested whether it works."""
        return self._act(lambda now: rules.record_check(self._repair, message, now))

    @record_check.validator
    def _check_check(self, message: RepairCheck) -> None:
        self._check(message, lambda: rules.check_check(self._repair, message))

    @workflow.update
    async def resolve_attention(self, message: ResolveAttention) -> RepairSummary:
        """Answer a step that failed for good."""
        return self._act(lambda now: rules.resolve(self._repair, message, now))

    @resolve_attention.validator
    def _check_attention(self, message: ResolveAttention) -> None:
        self._check(message, lambda: rules.check_resolve(self._repair, message))

    def _check(self, message: BaseModel | None, check: Callable[[], object]) -> None:
        if self._invalid:
            raise invalid_request(self._invalid)
        check_content(message)
        check()

    def _act(self, act: Callable[[datetime], None]) -> RepairSummary:
        with refused_as_application_error():
            act(workflow.now())
        self._notify()
        return summary_of(self._repair)


def _input(raw: Any, more: Sequence[Any]) -> RepairInput:
    if more:
        raise InvalidRequest([("body", f"expected one input, got {1 + len(more)} arguments")])
    given = parse_repair(raw)
    unit, named = (given.return_id, given.unit_id), workflow.info().workflow_id
    if named not in (repair_id(*unit), earlier_repair_id(*unit)):
        raise InvalidRequest([("unit_id", f"expected the workflow id {repair_id(*unit)}, got {named}")])
    return given
