"""The work of a repair, lane by lane: events for the return, mails, parts from stock."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Any

from temporalio import workflow
from temporalio.exceptions import FailureError

from workflows.shared.attention import Operations
from workflows.shared.command_queue import CommandQueue
from workflows.shared.listening import Listening
from workflows.shared.step_runner import ParkingStepRunner
from workflows.shared.steps import StepIds, Steps

with workflow.unsafe.imports_passed_through():
    from activities.repairs.parts import PartsInput, RepairActivities, RepairEventsInput
    from activities.shared.return_mails import MailActivities, WriteMailInput
    from activities.shared.stock import StockActivities, StockInput
    from lifecycle.events.repairs import events_of
    from lifecycle.repairs import rules
    from lifecycle.repairs.commands import ReportToReturn, SendRepairMail, ShelveUnit, TakeParts
    from lifecycle.repairs.rules import Repair

#: The signal that reports a change to the return.
REPAIR_EVENT = "repair_event"


class BenchWork:
    """Each kind of work goes one after another; different kinds go side by side.

    ``on_change`` is called whenever a kind has nothing left to do, or a step has failed for good.
    """

    def __init__(self, repair: Repair, on_change: Callable[[], None]) -> None:
        self._repair = repair
        self._ids = StepIds()
        self._steps = Steps()
        self._runner = ParkingStepRunner(self._steps, partial(rules.park, repair), repair.parked.remove, on_change)
        self._listening = Listening("repair-events")
        #: How many entries of the timeline are told, or on their way.
        self._told = 0
        given = repair.given
        what = f"{given.return_id} {given.unit_id}"
        self._operations = Operations(self._steps, "repair", given.return_id, what)
        self._commands = CommandQueue(
            repair.agenda,
            {
                ReportToReturn: _signal_parent,
                SendRepairMail: self._write_mail,
                TakeParts: self._take_parts,
                ShelveUnit: self._shelve,
            },
            on_change,
        )

    @property
    def idle(self) -> bool:
        """Whether nothing is being done or waits to be done."""
        return self._commands.idle and not self._repair.agenda.busy and not self._has_news

    def start(self) -> None:
        """Begin what is wanted and not under way."""
        self._commands.start()
        if any(not parked.called for parked in self._repair.parked):
            self._commands.begin("call", self._call_operations)
        if self._has_news:
            self._commands.begin("events", self._keep_events)

    @property
    def _has_news(self) -> bool:
        """Whether something has happened that subscribers, if there are any, have not been told."""
        return self._listening.asked(workflow.now()) and len(self._repair.timeline) > self._told

    def collect(self) -> None:
        """Forget what has been done; raises what it failed with, for the workflow task to fail with."""
        self._commands.collect()

    async def _write_mail(self, mail: SendRepairMail) -> None:
        name, step = self._name(f"tell-{mail.template}")
        given = WriteMailInput(
            return_id=self._repair.given.return_id,
            step=step,
            template=mail.template,
            to=mail.to,
            values=mail.values,
            now=workflow.now(),
        )
        summary = f"Write the mail {mail.template}"
        await self._run("mail", MailActivities.write_mail, given, name=name, summary=summary, profile="records")

    async def _take_parts(self, command: TakeParts) -> None:
        name, step = self._name("take_parts")
        repair = self._repair.given
        given = PartsInput(
            return_id=repair.return_id, step=step, title=repair.title, parts=command.parts, now=workflow.now()
        )
        summary = f"Take parts from stock for {repair.unit_id}"
        await self._run("parts", RepairActivities.take_parts, given, name=name, summary=summary, profile="inventory")

    async def _shelve(self, _: ShelveUnit) -> None:
        given, (name, step) = self._repair.given, self._name("restock")
        moves = rules.shelf_moves(self._repair)
        booked = StockInput(return_id=given.return_id, step=step, moves=moves, now=workflow.now())
        summary = f"Book {given.unit_id} from the bench"
        if moves:
            await self._run("restock", StockActivities.restock, booked, name=name, summary=summary, profile="inventory")

    async def _keep_events(self) -> None:
        """Keep what has happened for subscribers."""
        repair, (name, step) = self._repair.given, self._name("events")
        entries = self._repair.timeline[self._told :]
        given = RepairEventsInput(
            return_id=repair.return_id,
            unit_id=repair.unit_id,
            step=step,
            happened=events_of(entries, rules.summary_of(self._repair), repair.sku),
            now=workflow.now(),
        )
        self._told += len(entries)

        def start() -> Awaitable[Any]:
            return self._steps.start_activity(
                RepairActivities.keep_repair_events,
                given,
                name=name,
                summary=f"Keep {len(entries)} events for subscribers",
                profile="records",
            )

        self._listening.answered(await self._runner.run("events", start), workflow.now())

    async def _call_operations(self) -> None:
        """Write to operations of what waits for an operator."""
        name, step = self._name("call_operations")
        await self._operations.call_about(self._repair.parked, name, step)

    def _name(self, kind: str) -> tuple[str, str]:
        """A step's activity id, and its name in the ledger of the return, which several repairs share."""
        name = self._ids.next(kind)
        return name, f"repair-{self._repair.given.unit_id}/{name}"

    async def _run(
        self, kind: str, step: Callable[..., Awaitable[Any]], given: Any, *, name: str, summary: str, profile: str
    ) -> None:
        """Run a step until it works, or an operator says it is done or to be skipped, or all is called off."""

        def start() -> Awaitable[Any]:
            return self._steps.start_activity(step, given, name=name, summary=summary, profile=profile)

        await self._runner.run(kind, start, needed=lambda: not self._repair.called_off)


async def _signal_parent(command: ReportToReturn) -> None:
    """Signal the return; one that has closed needs none any more."""
    parent = workflow.info().parent
    if parent is None:
        return
    # By its id alone: after a reset the return has another run.
    handle = workflow.get_external_workflow_handle(parent.workflow_id)
    with suppress(FailureError):
        await handle.signal(REPAIR_EVENT, command.event.model_dump(mode="json"))
