"""The work of a repair, lane by lane: events for the return, mails, parts from stock."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from temporalio import workflow
from temporalio.exceptions import FailureError, is_cancelled_exception

from workflows.shared.attention import call_operations
from workflows.shared.lanes import Lanes
from workflows.shared.steps import StepIds, Steps, caused_by, reason

with workflow.unsafe.imports_passed_through():
    from activities.repairs.parts import PartsInput, RepairActivities
    from activities.returns.mails import MailActivities, WriteMailInput
    from activities.returns.stock import StockActivities, StockInput
    from activities.shared.attention import CallOperationsInput, FailedStep
    from activities.shared.errors import UNFORESEEN
    from lifecycle.repairs import rules
    from lifecycle.repairs.restock import shelf_moves
    from lifecycle.repairs.rules import Repair, RepairNotice
    from lifecycle.returns.aggregate.parked_step import ParkedStep
    from lifecycle.shared.repair_messages import Part, RepairEvent

#: The signal that reports a change to the return.
REPAIR_EVENT = "repair_event"


class BenchWork:
    """Each kind of work goes one after another; different kinds go side by side.

    ``on_change`` is called whenever a kind has nothing left to do, or a step has failed for good.
    """

    def __init__(self, repair: Repair, on_change: Callable[[], None]) -> None:
        self._repair = repair
        self._on_change = on_change
        self._ids = StepIds()
        self._steps = Steps()
        self._lanes = Lanes(on_change)
        self._shelved = repair.given.shelf_grade is None

    @property
    def idle(self) -> bool:
        """Whether nothing is being done or waits to be done."""
        repair = self._repair
        return self._lanes.idle and not (repair.events or repair.notices or repair.to_take or self._to_shelve)

    @property
    def _to_shelve(self) -> bool:
        """Whether a unit of the shop's own is done, and stock does not know yet."""
        return self._repair.outcome is not None and not self._shelved

    def start(self) -> None:
        """Begin what is wanted and not under way."""
        repair = self._repair
        wanted: dict[str, tuple[bool, Callable[[], Awaitable[None]]]] = {
            "events": (bool(repair.events), self._report),
            "mail": (bool(repair.notices), self._write_mails),
            "parts": (bool(repair.to_take), self._take),
            "shelf": (self._to_shelve, self._shelve),
            "call": (any(not parked.called for parked in repair.parked), self._call_operations),
        }
        self._lanes.start({kind: work for kind, (is_wanted, work) in wanted.items() if is_wanted})

    def collect(self) -> None:
        """Forget what has been done; raises what it failed with, for the workflow task to fail with."""
        self._lanes.collect()

    async def _report(self) -> None:
        queue = self._repair.events
        while queue:
            await _signal_parent(queue[0])
            queue.popleft()

    async def _write_mails(self) -> None:
        queue = self._repair.notices
        while queue:
            await self._write_mail(queue[0])
            queue.popleft()

    async def _write_mail(self, notice: RepairNotice) -> None:
        name, step = self._name(f"tell-{notice.template}")
        given = WriteMailInput(
            return_id=self._repair.given.return_id,
            step=step,
            template=notice.template,
            to=notice.to,
            values=notice.values,
            now=workflow.now(),
        )
        summary = f"Write the mail {notice.template}"
        await self._run(
            "mail",
            lambda: self._steps.start_activity(
                MailActivities.write_mail, given, name=name, summary=summary, profile="records"
            ),
        )

    async def _take(self) -> None:
        queue = self._repair.to_take
        while queue:
            await self._take_parts(queue[0])
            queue.popleft()

    async def _take_parts(self, parts: list[Part]) -> None:
        name, step = self._name("take_parts")
        repair = self._repair.given
        given = PartsInput(return_id=repair.return_id, step=step, title=repair.title, parts=parts, now=workflow.now())
        summary = f"Take parts from stock for {repair.unit_id}"
        await self._run(
            "parts",
            lambda: self._steps.start_activity(
                RepairActivities.take_parts, given, name=name, summary=summary, profile="inventory"
            ),
        )

    async def _shelve(self) -> None:
        """The shop's own unit leaves the bench: to the shelf, or out of stock."""
        given, (name, step) = self._repair.given, self._name("restock")
        moves = shelf_moves(self._repair)
        booked = StockInput(return_id=given.return_id, step=step, moves=moves, now=workflow.now())
        summary = f"Book {given.unit_id} from the bench"
        if moves:
            await self._run(
                "restock",
                lambda: self._steps.start_activity(
                    StockActivities.restock, booked, name=name, summary=summary, profile="inventory"
                ),
            )
        self._shelved = True

    async def _call_operations(self) -> None:
        """Write to operations of what waits for an operator."""
        given, (name, step) = self._repair.given, self._name("call_operations")
        waiting = [parked for parked in self._repair.parked if not parked.called]
        for parked in waiting:
            parked.called = True
        called = CallOperationsInput(
            journey="repair",
            record=given.return_id,
            step=step,
            what=f"{given.return_id} {given.unit_id}",
            waiting=[FailedStep(step=parked.step, error=parked.error) for parked in waiting],
            now=workflow.now(),
        )
        await call_operations(self._steps, called, name)

    def _name(self, kind: str) -> tuple[str, str]:
        """A step's activity id, and its name in the ledger of the return, which several repairs share."""
        name = self._ids.next(kind)
        return name, f"repair-{self._repair.given.unit_id}/{name}"

    async def _run(self, kind: str, start: Callable[[], Awaitable[Any]]) -> None:
        """Run a step until it works, or an operator says it is done or to be skipped, or all is called off."""
        while not self._repair.called_off:
            try:
                await self._unless_called_off(start())
            except FailureError as error:
                if is_cancelled_exception(error):
                    return
                unforeseen = caused_by(error, UNFORESEEN) is not None
                parked = rules.park(self._repair, kind, reason(error), workflow.now(), unforeseen=unforeseen)
            else:
                return
            self._on_change()
            if await self._answer(parked) != "retry":
                return

    async def _answer(self, parked: ParkedStep) -> str | None:
        """The operator's answer; None when the repair is cancelled."""
        await workflow.wait_condition(lambda: parked.answer is not None or self._repair.called_off)
        if parked.answer is not None:
            return parked.answer.action
        self._repair.parked.remove(parked)
        return None

    async def _unless_called_off(self, running: Awaitable[Any]) -> None:
        """Wait for it; called off, ask it to stop and wait for what came of it."""
        task = asyncio.ensure_future(running)
        await workflow.wait_condition(lambda: task.done() or self._repair.called_off)
        if not task.done():
            task.cancel()
        await task


async def _signal_parent(event: RepairEvent) -> None:
    """Signal the return; one that has closed needs none any more."""
    parent = workflow.info().parent
    if parent is None:
        return
    # By its id alone: after a reset the return has another run.
    handle = workflow.get_external_workflow_handle(parent.workflow_id)
    with suppress(FailureError):
        await handle.signal(REPAIR_EVENT, event.model_dump(mode="json"))
