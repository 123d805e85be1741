"""The work of a repair, lane by lane: events for the return, mails, parts from stock."""

from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.exceptions import FailureError

from workflows.shared.attention import Operations
from workflows.shared.lanes import Lanes
from workflows.shared.step_runner import ParkingStepRunner
from workflows.shared.steps import StepIds, Steps

with workflow.unsafe.imports_passed_through():
    from activities.repairs.parts import PartsInput, RepairActivities
    from activities.returns.mails import MailActivities, WriteMailInput
    from activities.returns.stock import StockActivities, StockInput
    from lifecycle.repairs import rules
    from lifecycle.repairs.restock import shelf_moves
    from lifecycle.repairs.rules import Repair, RepairNotice
    from lifecycle.shared.repair_messages import Part, RepairEvent

Item = TypeVar("Item")

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
        given = repair.given
        what = f"{given.return_id} {given.unit_id}"
        self._operations = Operations(self._steps, "repair", given.return_id, what)
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
            "events": (bool(repair.events), lambda: self._each(repair.events, _signal_parent)),
            "mail": (bool(repair.notices), lambda: self._each(repair.notices, self._write_mail)),
            "parts": (bool(repair.to_take), lambda: self._each(repair.to_take, self._take_parts)),
            "shelf": (self._to_shelve, self._shelve),
            "call": (any(not parked.called for parked in repair.parked), self._call_operations),
        }
        self._lanes.start({kind: work for kind, (is_wanted, work) in wanted.items() if is_wanted})

    def collect(self) -> None:
        """Forget what has been done; raises what it failed with, for the workflow task to fail with."""
        self._lanes.collect()

    async def _each(self, queue: deque[Item], do: Callable[[Item], Awaitable[None]]) -> None:
        """One after another; each leaves the queue once it is done."""
        while queue:
            await do(queue[0])
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
        await self._run("mail", MailActivities.write_mail, given, name=name, summary=summary, profile="records")

    async def _take_parts(self, parts: list[Part]) -> None:
        name, step = self._name("take_parts")
        repair = self._repair.given
        given = PartsInput(return_id=repair.return_id, step=step, title=repair.title, parts=parts, now=workflow.now())
        summary = f"Take parts from stock for {repair.unit_id}"
        await self._run("parts", RepairActivities.take_parts, given, name=name, summary=summary, profile="inventory")

    async def _shelve(self) -> None:
        """The shop's own unit leaves the bench: to the shelf, or out of stock."""
        given, (name, step) = self._repair.given, self._name("restock")
        moves = shelf_moves(self._repair)
        booked = StockInput(return_id=given.return_id, step=step, moves=moves, now=workflow.now())
        summary = f"Book {given.unit_id} from the bench"
        if moves:
            await self._run("restock", StockActivities.restock, booked, name=name, summary=summary, profile="inventory")
        self._shelved = True

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


async def _signal_parent(event: RepairEvent) -> None:
    """Signal the return; one that has closed needs none any more."""
    parent = workflow.info().parent
    if parent is None:
        return
    # By its id alone: after a reset the return has another run.
    handle = workflow.get_external_workflow_handle(parent.workflow_id)
    with suppress(FailureError):
        await handle.signal(REPAIR_EVENT, event.model_dump(mode="json"))
