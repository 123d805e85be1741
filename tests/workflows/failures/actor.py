"""A story whose steps are struck: it waits, it learns that it waits in vain, and somebody brings it to its end."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any
from uuid import uuid4

from temporalio.client import WorkflowExecutionStatus, WorkflowHandle
from temporalio.service import RPCError

from client.errors import NotAllowed, UnknownReturn
from client.names import repair_id
from lifecycle.contract.messages import TrackingStatus
from lifecycle.contract.statuses import Status
from lifecycle.contract.view import Acceptance, Attention, Reception, Unit, View
from lifecycle.repairs.messages import DiagnosisOutcome, RepairCheck
from lifecycle.shared.repair_messages import RepairState
from tests.workflows.failures.answering import Answered, Answering, NoEnd
from tests.workflows.failures.paths import PATHS

#: How often nothing may be under way before a story is told that it waits in vain.
_QUIET = 2
_PAUSE = 0.2
#: How many things may be done to bring a return to its end, days that pass among them.
_ROUNDS = 60
_COMING = (Reception.AWAITING, Reception.IN_TRANSIT)


class InVain(Exception):
    """Nothing is under way that could bring what a story waits for."""


class Actor(Answering):
    """One return and the people around it: those of its story, and those who go on when that is spoiled."""

    async def carry(self, path: str) -> None:
        """Play the path, and when it fails by what was struck, whatever else brings it home."""
        try:
            await PATHS[path](self)
        except (InVain, NotAllowed, UnknownReturn, RPCError):
            if not self.struck:
                raise
            await self.finish()

    # What a story waits for

    async def start(self, until: Status | None = Status.LABEL_SENT) -> None:
        """Ask for the return; an operator sees to its opening step."""
        starting = asyncio.ensure_future(self._stage.homeward.start(self.request))
        while not starting.done():
            await asyncio.wait({starting}, timeout=_PAUSE)
            if self.strike and self.strike.step == "open" and self.struck and not starting.done():
                await self.see_to_it()
        await starting
        if until:
            await self.until(until)

    async def until_it(self, holds: Callable[[View], bool], what: str) -> View:
        """Wait until it holds; ``InVain`` once nothing is under way that could bring it."""
        quiet, seen = 0, None
        while quiet < _QUIET:
            view = await self.view()
            answered = await self.see_to_it(view)
            if holds(view) and not answered:
                return view
            held = self.waits and self.struck
            quiet = quiet + 1 if view == seen and not answered and not held and await self.idle() else 0
            seen = view
            await asyncio.sleep(_PAUSE)
        raise InVain(f"{self.return_id} is {view.status}, nothing is under way, waited for: {what}")

    async def closed(self) -> None:
        """Wait until the workflow has completed."""
        await self.until_it(lambda view: view.closed, "closed")
        while await self.is_running():
            await self.see_to_it()
            await asyncio.sleep(_PAUSE)

    async def repair_for_the_shelf(self, unit_id: str) -> None:
        """The bench repairs a unit of the shop's own; an operator sees to its steps."""
        await self._seen_to(super().repair_for_the_shelf(unit_id))

    async def off_the_bench(self, unit_id: str) -> None:
        """Wait until the bench has done all it has to do with a unit."""
        await self._seen_to(self.stage.clock.client.get_workflow_handle(repair_id(self.return_id, unit_id)).result())

    async def _seen_to(self, doing: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.ensure_future(doing)
        while not task.done():
            await asyncio.wait({task}, timeout=_PAUSE)
            await self.see_to_it()
        await task

    async def is_running(self) -> bool:
        """Whether its workflow has not ended."""
        return (await self.handle.describe()).status is WorkflowExecutionStatus.RUNNING

    async def idle(self) -> bool:
        """Whether neither the return nor its units on the bench are doing anything."""
        return await _idle(self.handle, self._stage.clock.client.get_workflow_handle)

    async def rest(self) -> None:
        """Wait until nothing is under way."""
        while True:
            if await self.idle():
                return
            await asyncio.sleep(_PAUSE)

    # Whoever brings it to its end

    async def finish(self) -> None:
        """Do what its state asks of customer, warehouse, bench and support, until it has ended; or ``NoEnd``."""
        for _ in range(_ROUNDS):
            await self.rest()
            if not await self.is_running():
                await self.handle.result()
                return
            if await self.see_to_it():
                continue
            try:
                await self._do_what_is_next()
            except RPCError:
                if await self.is_running():
                    raise
        raise NoEnd(f"{self.return_id} after {_ROUNDS} rounds: {(await self.view()).model_dump_json()}")

    async def _do_what_is_next(self) -> None:
        try:
            await self._next(await self.view())
        except (NotAllowed, InVain):
            await self.days(3)

    async def _next(self, view: View) -> None:
        if view.attention is not None:
            await self._support(view.attention)
        elif view.status is Status.IN_REVIEW:
            await self.approve()
        elif await self._home(view) or await self._judged(view):
            return
        else:
            await self.days(8)

    async def _support(self, asked: Attention) -> None:
        """A question that is no struck step's own."""
        if asked.step == "stock":
            await self.override("resolution", "refund")
            self.answered.append(Answered(asked.step, asked.error, "override"))
            return
        before = [one for one in self.answered if one.kind == asked.step]
        await self.answer(asked, "mark_done" if before else "retry")

    async def _home(self, view: View) -> bool:
        """What customer and warehouse do with goods that are to come; whether there was anything."""
        ended = view.status in (Status.CANCELLED, Status.EXPIRED, Status.DECLINED)
        if ended or not any(unit.reception in _COMING for unit in view.units):
            return False
        pickup = view.handover.pickup
        if view.handover.at is None and pickup and pickup.slots and not pickup.booked:
            await self.choose_slot()
        elif view.handover.at is None:
            if view.timeline[-1].event == "scan_passed_over":
                return False  # the customer has the parcel back, and no label that is good
            await self.scan(TrackingStatus.ACCEPTED)
        else:
            await self.receive()
        return True

    async def _judged(self, view: View) -> bool:
        """What the warehouse and the bench do with goods that are here; whether there was anything."""
        wrong = [unit for unit in view.units if unit.reception is Reception.WRONG_ITEM]
        if wrong and wrong[0].acceptance is not Acceptance.REJECTED:
            await self.reject(wrong[0].unit_id, "not what was sold")
            return True
        here = [unit for unit in view.units if unit.reception is Reception.RECEIVED]
        for unit in here:
            if unit.repair and await self._on_the_bench(unit):
                return True
        if any(not unit.repair and unit.grade is None and unit.acceptance is not Acceptance.REJECTED for unit in here):
            await self.inspect()
            return True
        lines = {line.line_id: line.holds_personal_data for line in self.request.order.lines}
        unwiped = [unit for unit in here if lines[unit.line_id] and not unit.wiped]
        if unwiped and view.status in (Status.REFUNDED, Status.CREDITED, Status.REPLACED):
            await self.wipe(unwiped[0].unit_id)
            return True
        return False

    async def _on_the_bench(self, unit: Unit) -> bool:
        state = (unit.repair or {}).get("state")
        if state == RepairState.DIAGNOSING:
            await self.diagnose(unit.unit_id, DiagnosisOutcome.NO_FAULT)
        elif state == RepairState.AWAITING_CUSTOMER:
            await self.answer_estimate(unit.unit_id, accepted=True)
        elif state == RepairState.REPAIRING:
            await self.repair(unit.unit_id)
        elif state == RepairState.CHECKING:
            check = RepairCheck(check_id=uuid4().hex, passed=True)
            await self.repairs.record_check(self.return_id, unit.unit_id, check)
        else:
            return False
        return True


class Late(Actor):
    """Looks at its return only when nothing is under way: no story may rely on being quicker than a step."""

    async def view(self) -> View:
        """The view, once there is nothing more to come of what was said."""
        await self.rest()
        return await super().view()


async def came_to(point: Coroutine[Any, Any, Any], playing: "asyncio.Future[None]") -> bool:
    """Wait until a story comes to a point of it; whether it does before it ends. What it fails by is raised."""
    waiting = asyncio.ensure_future(point)
    await asyncio.wait({playing, waiting}, return_when=asyncio.FIRST_COMPLETED)
    if waiting.done():
        return True
    await ended(waiting)
    playing.result()
    return False


async def ended(task: "asyncio.Future[Any]") -> None:
    """Call it off, if it is still going on, and wait until it has ended."""
    task.cancel()
    await asyncio.wait({task})


async def _idle(handle: WorkflowHandle[Any, Any], handle_of: Callable[[str], WorkflowHandle[Any, Any]]) -> bool:
    raw = (await handle.describe()).raw_description
    if raw.pending_activities or raw.HasField("pending_workflow_task"):
        return False
    children: list[Awaitable[bool]] = [_idle(handle_of(child.workflow_id), handle_of) for child in raw.pending_children]
    return all([await child for child in children])
