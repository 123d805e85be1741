"""The work of a supplier's goods, one step after another: planned batches, and mails to operations."""

from collections.abc import Callable
from contextlib import suppress

from temporalio import workflow

from workflows.shared.attention import Operations
from workflows.shared.listening import Listening
from workflows.shared.step_runner import BackOffStepRunner, StepFailed
from workflows.shared.steps import Steps

with workflow.unsafe.imports_passed_through():
    from activities.shared.attention import FailedStep
    from activities.suppliers.journey import (
        AskedUnit,
        PlanInput,
        SupplierActivities,
        SupplierEventsInput,
        SupplierMailInput,
        record_id,
    )
    from lifecycle.events.suppliers import events_of
    from lifecycle.suppliers import rules
    from lifecycle.suppliers.state import SupplierNotice, SupplierReturn


class SupplierWork:
    """What the goods of one supplier ask for outside, as long as the run's history ``has_room``."""

    def __init__(self, journey: SupplierReturn, has_room: Callable[[], bool]) -> None:
        self._journey = journey
        self._has_room = has_room
        self._listening = Listening("supplier-events")
        steps, supplier_id = Steps(), journey.supplier_id
        self._operations = Operations(steps, "supplier", record_id(supplier_id), supplier_id)
        self._back_off = BackOffStepRunner(steps, journey, "records", self._call_operations)

    @property
    def has_news(self) -> bool:
        """Whether something has happened that subscribers, if there are any, have not been told."""
        return bool(self._journey.untold) and self._listening.asked(workflow.now())

    async def proceed(self) -> None:
        """Draw the conclusions of what was said, and write the mails they ask for."""
        with suppress(StepFailed):
            while self._has_room():
                rules.advance(self._journey, workflow.now())
                if self._back_off.backing_off:
                    return
                if self._journey.notices:
                    await self._write_mail(self._journey.notices[0])
                elif rules.needs_plan(self._journey):
                    await self._plan()
                elif self.has_news:
                    await self._keep_events()
                else:
                    return

    async def _write_mail(self, notice: SupplierNotice) -> None:
        units = [self._journey.units[name] for name in notice.unit_ids if name in self._journey.units]
        given = SupplierMailInput(
            supplier_id=self._journey.supplier_id,
            notice=notice,
            units=[AskedUnit(**unit.model_dump(include=set(AskedUnit.model_fields))) for unit in units],
            now=workflow.now(),
        )
        # Not local: a task that is done again after more messages came would make another mail of the same step.
        summary = f"Mail to operations: {notice.template}"
        await self._back_off.run_step(notice.step, SupplierActivities.write_supplier_mail, given, summary=summary)
        self._journey.notices.remove(notice)

    async def _keep_events(self) -> None:
        journey = self._journey
        entries, noted, now = journey.untold, journey.noted, workflow.now()
        given = SupplierEventsInput(
            return_id=record_id(journey.supplier_id),
            step=f"events/{now:%Y%m%dT%H%M%S.%fZ}",
            happened=events_of(entries, journey, rules.summary_of(journey)),
            now=now,
        )
        summary = f"Keep {len(entries)} events for subscribers"
        wanted = await self._back_off.run_step(
            "events", SupplierActivities.keep_supplier_events, given, summary=summary
        )
        journey.told = noted
        self._listening.answered(wanted, workflow.now())

    async def _plan(self) -> None:
        given = PlanInput(now=workflow.now())
        plan = await self._back_off.run_step(
            "plan_batch", SupplierActivities.plan_batch, given, summary="Plan the next batch"
        )
        rules.begin_batch(self._journey, plan)

    async def _call_operations(self, failed: FailedStep) -> None:
        """Write to operations that a step failed for good."""
        key = f"call_operations/{failed.step}/{workflow.now():%Y%m%dT%H%M%SZ}"
        await self._operations.call([failed], "call_operations", key)
