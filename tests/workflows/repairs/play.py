"""A repair on the real server, started without its return's workflow, and what tests ask of it."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHandle

from client.names import REPAIR, repair_id
from client.repairs import Repairs
from client.search_attributes import at_start_of_repair
from gateways.database.messages.outbox import mails_of
from gateways.database.stock.inventory import add_stock, balances
from lifecycle.calendar.calendars import make_calendar
from lifecycle.contract.messages import ResolveAttention
from lifecycle.contract.policy import ClockRules
from lifecycle.repairs.messages import (
    Diagnosis,
    DiagnosisOutcome,
    EstimateAnswer,
    Part,
    RepairCheck,
    RepairSummary,
    RepairView,
    RepairWork,
)
from lifecycle.shared.repair_messages import RepairInput
from starter.demo.story import Stage
from tests.workflows.returns.play import LOOKS, Play, make_request

UNIT = "1-1"


class RepairStory:
    """The repair of one unit; its return is there, for the mails, and goes its own way."""

    def __init__(self, stage: Stage, **facts: Any) -> None:
        self._stage = stage
        self.order = Play(stage, make_request())
        self.return_id = self.order.return_id
        self.repairs = Repairs(stage.clock.client)
        self.part = Part(sku=f"PART-{uuid4().hex[:8]}", quantity=2)
        calendar = make_calendar(ClockRules(), datetime.now(UTC))
        known = {"return_id": self.return_id, "order_id": self.order.request.order.order_id, "unit_id": UNIT}
        unit = {"sku": "PHONE", "title": "Phone", "currency": "USD", "in_warranty": False, "calendar": calendar}
        self.given = RepairInput.model_validate(known | unit | facts)

    @property
    def handle(self) -> WorkflowHandle[Any, Any]:
        """Its workflow."""
        return self._stage.clock.client.get_workflow_handle(repair_id(self.return_id, UNIT))

    async def start(self, task_timeout: timedelta | None = None) -> None:
        """Ask for the return, then bring the unit onto the bench; a worker is missed after ``task_timeout``."""
        await self.order.start(until=None)
        await self._stage.clock.client.start_workflow(
            REPAIR,
            self.given.model_dump(mode="json"),
            id=repair_id(self.return_id, UNIT),
            task_queue="returns",
            search_attributes=at_start_of_repair(self.given),
            task_timeout=task_timeout,
        )

    async def stock(self, quantity: int) -> None:
        """Put so many parts on the shelf."""
        await add_stock(self._stage.db, self.part.sku, quantity)

    async def on_hand(self) -> int:
        """How many parts are on the shelf."""
        return sum(row["on_hand"] for row in await balances(self._stage.db, self.part.sku))

    async def diagnose(self, outcome: str = "repairable", estimate: int | None = 5000, name: str = "") -> RepairSummary:
        """The bench says what it found."""
        message = Diagnosis(diagnosis_id=name or uuid4().hex, outcome=DiagnosisOutcome(outcome), estimate=estimate)
        return await self.repairs.diagnose(self.return_id, UNIT, message)

    async def answer(self, *, accepted: bool) -> RepairSummary:
        """The customer says yes or no."""
        return await self.repairs.answer_estimate(
            self.return_id, UNIT, EstimateAnswer(by="customer", accepted=accepted), request_id="answer"
        )

    async def work(self, *, parts: bool = False, name: str = "") -> RepairSummary:
        """The bench repairs it."""
        message = RepairWork(repair_id=name or uuid4().hex, parts=[self.part] if parts else [])
        return await self.repairs.record_repair(self.return_id, UNIT, message)

    async def check(self, *, passed: bool, name: str = "") -> RepairSummary:
        """Somebody tries it."""
        message = RepairCheck(check_id=name or uuid4().hex, passed=passed)
        return await self.repairs.record_check(self.return_id, UNIT, message)

    async def resolve(self, action: str) -> RepairSummary:
        """An operator answers a step that failed for good."""
        message = ResolveAttention.model_validate({"by": "bench", "action": action})
        return await self.repairs.resolve_attention(self.return_id, UNIT, message)

    async def view(self) -> RepairView:
        """All there is to see."""
        return await self.repairs.view(self.return_id, UNIT)

    async def events(self) -> list[str]:
        """What is on its timeline."""
        return [entry.event for entry in (await self.view()).timeline]

    async def pass_time(self, span: timedelta) -> None:
        """Let time pass, for this repair alone."""
        await self._stage.clock.fast_forward(self.handle, span)

    async def now(self) -> datetime:
        """This repair's own time."""
        return await self._stage.clock.get_current_time(self.handle)

    async def result(self) -> Any:
        """What it answers its return with."""
        return await asyncio.wait_for(self.handle.result(), 60)

    async def mails(self) -> list[str]:
        """The templates of the repair's mails, in order of writing."""
        mails = await mails_of(self._stage.db, self.return_id)
        return [mail["template"] for mail in mails if mail["template"].startswith("repair_")]

    async def steps(self) -> list[str]:
        """The repair's steps in the ledger."""
        steps = [step for step in await self.order.effects() if step.startswith("repair-")]
        return sorted(step for step in steps if "/events" not in step)

    async def settled_length(self) -> int:
        """How many there are once the step that keeps its first events is done."""

        async def kept() -> bool:
            kinds = [event.event_type for event in (await self.handle.fetch_history()).events]
            done = EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED in kinds
            return done and kinds[-1] == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED

        await self.until(kept, "its first events are kept")
        return await self.history_length()

    async def history_length(self) -> int:
        """How many events its workflow has."""
        return len((await self.handle.fetch_history()).events)

    async def until(self, holds: Callable[[], Awaitable[bool]], what: str) -> None:
        """Wait until something holds."""
        for _ in range(LOOKS):
            if await holds():
                return
            await asyncio.sleep(0.1)
        raise TimeoutError(f"{self.return_id}: {what}")

    async def until_mail(self, template: str, times: int = 1) -> None:
        """Wait until a mail is written so often."""

        async def written() -> bool:
            return (await self.mails()).count(template) == times

        await self.until(written, f"no {template}")

    async def until_attention(self, step: str | None) -> None:
        """Wait until that step, or none, needs an operator."""

        async def parked() -> bool:
            attention = (await self.view()).attention
            return (attention.step if attention else None) == step

        await self.until(parked, f"attention is not {step}")
