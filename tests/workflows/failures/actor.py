"""A story whose steps are struck: somebody answers what gave up, and somebody brings the rest to its end."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

from temporalio.client import WorkflowExecutionStatus, WorkflowHandle
from temporalio.service import RPCError

from lifecycle.messages import ResolveAttention, TrackingStatus
from lifecycle.repair import DiagnosisOutcome, RepairState
from lifecycle.request import ReturnRequest
from lifecycle.view import Acceptance, Attention, Reception, Status, Unit, View
from starter.client import NotAllowed, UnknownReturn, Unreachable
from starter.demo.stories import STORIES
from starter.repairs import UnknownRepair
from tests.workflows.failures.books import Books
from tests.workflows.failures.shop import Shop
from tests.workflows.failures.striking import STRUCK, Strike
from tests.workflows.returns import Play

Action = Literal["retry", "mark_done", "skip"]
#: How often nothing may be under way before a story is told that it waits in vain.
_QUIET = 3
_PAUSE = 0.1
#: How many things may be done to bring a return to its end, days that pass among them.
_ROUNDS = 60
_COMING = (Reception.AWAITING, Reception.IN_TRANSIT)


class InVain(Exception):
    """Nothing is under way that could bring what a story waits for."""


class NoEnd(Exception):
    """Nobody knows how this return could come to its end."""


@dataclass
class Answered:
    """What a person was asked, and how they answered."""

    kind: str
    error: str
    action: str


class Actor(Play):
    """One return, the people around it, and whoever answers a struck step with ``action``."""

    def __init__(
        self, shop: Shop, request: ReturnRequest, strike: Strike | None = None, action: Action = "retry"
    ) -> None:
        super().__init__(shop.stage, request)
        self.strike, self.action, self.answered = strike, action, list[Answered]()
        #: Nobody answers for now, and nothing is in vain.
        self.waits = False
        self.ran = shop.striking.ran[self.return_id]
        if strike:
            shop.striking.strikes[self.return_id] = strike

    async def carry(self, story: str) -> None:
        """Play the story, and when it fails by what was struck, whatever else brings it home."""
        try:
            await STORIES[story](self)
        except (InVain, NotAllowed, UnknownReturn, RPCError):
            if self.strike is None or not self.strike.times:
                raise
            await self.finish()

    async def problems(self) -> list[str]:
        """What is wrong with its books now."""
        return await Books(self._stage.db, self.request, await self.view()).problems()

    # What a story waits for

    async def start(self, until: Status | None = Status.LABEL_SENT) -> None:
        """Ask for the return; a person sees to its opening step."""
        starting = asyncio.ensure_future(self._stage.homeward.start(self.request))
        while not starting.done():
            await asyncio.wait({starting}, timeout=_PAUSE)
            if self.strike and self.strike.step == "open" and self.strike.times and not starting.done():
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
            quiet = quiet + 1 if view == seen and not answered and not self.waits and await self.idle() else 0
            seen = view
            await asyncio.sleep(_PAUSE)
        raise InVain(f"{self.return_id} is {view.status}, nothing is under way, waited for: {what}")

    async def closed(self) -> None:
        """Wait until the workflow has completed."""
        await self.until_it(lambda view: view.closed, "closed")
        while await self.is_running():
            await self.see_to_it()
            await asyncio.sleep(_PAUSE)

    async def mend_for_the_shelf(self, unit_id: str) -> None:
        """The bench repairs a unit of the shop's own; a person sees to its steps."""
        mending = asyncio.ensure_future(super().mend_for_the_shelf(unit_id))
        while not mending.done():
            await asyncio.wait({mending}, timeout=_PAUSE)
            await self.see_to_it()
        await mending

    async def is_running(self) -> bool:
        """Whether its workflow has not ended."""
        return (await self.handle.describe()).status is WorkflowExecutionStatus.RUNNING

    async def idle(self) -> bool:
        """Whether neither the return nor its units on the bench are doing anything."""
        return await _idle(self.handle, self._stage.clock.client.get_workflow_handle)

    # The person who is asked

    async def see_to_it(self, view: View | None = None) -> bool:
        """Answer the struck step, if it waits; whether it did."""
        if self.waits or not self.strike or not self.strike.times or (self.strike.healed and self.answered):
            return False
        if self.strike.step.startswith("bench/"):
            return await self._see_to_the_bench()
        asked = view.attention if view and not view.closed else await self._asked()
        if asked is None or asked.error != STRUCK:
            return False
        await self.answer(asked, self.action)
        return True

    async def _asked(self) -> Attention | None:
        """What the workflow itself asks: the records may have been closed already."""
        try:
            return View.model_validate(await self.handle.query("view")).attention
        except RPCError:
            return None

    async def answer(self, asked: Attention, action: Action) -> None:
        """Answer it; the opening step can only be tried again."""
        if asked.step == "open" and action != "retry":
            try:
                await self._resolve(asked, action)
            except NotAllowed:
                action = "retry"
        self._take_down(asked, action)
        await self._resolve(asked, action)

    async def _resolve(self, asked: Attention, action: Action) -> None:
        await self._stage.homeward.resolve_attention(self.return_id, _answer(asked, action, self.return_id))

    async def _see_to_the_bench(self) -> bool:
        for unit in (await self.view()).units:
            try:
                asked = (await self.repairs.view(self.return_id, unit.unit_id)).attention
            except (UnknownRepair, Unreachable):
                continue
            if asked is not None:
                self._take_down(asked, self.action)
                message = _answer(asked, self.action, self.return_id)
                await self.repairs.resolve_attention(self.return_id, unit.unit_id, message)
                return True
        return False

    def _take_down(self, asked: Attention, action: Action) -> None:
        """Tried again, what was struck works."""
        if self.strike and action == "retry":
            self.strike.healed = True
        self.answered.append(Answered(asked.step, asked.error, action))

    # Whoever brings it to its end

    async def finish(self) -> None:
        """Do what its state asks of customer, warehouse, bench and support, until it has ended; or ``NoEnd``."""
        for _ in range(_ROUNDS):
            if not await self.is_running():
                return
            if await self.see_to_it():
                continue
            if not await self.idle():
                await asyncio.sleep(_PAUSE)
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
        elif state in (RepairState.REPAIRING, RepairState.CHECKING):
            await self.repair(unit.unit_id)
        else:
            return False
        return True


def _answer(asked: Attention, action: Action, return_id: str) -> ResolveAttention:
    return ResolveAttention(
        by="operator",
        action=action,
        step=asked.step,
        reference=f"by-hand-{return_id}" if action == "mark_done" else None,
    )


async def _idle(handle: WorkflowHandle[Any, Any], handle_of: Callable[[str], WorkflowHandle[Any, Any]]) -> bool:
    raw = (await handle.describe()).raw_description
    if raw.pending_activities or raw.HasField("pending_workflow_task"):
        return False
    children: list[Awaitable[bool]] = [_idle(handle_of(child.workflow_id), handle_of) for child in raw.pending_children]
    return all([await child for child in children])
