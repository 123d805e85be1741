"""The work of a return: what is on its agenda is carried out, and reported to the aggregate."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Any, Final

from temporalio import workflow
from temporalio.exceptions import FailureError

from workflows.returns import (
    card_hold,
    claims,
    closing,
    handover_means,
    loss_claims,
    mails,
    onward_journeys,
    outbound,
    payments,
    stock,
)
from workflows.returns.opening import OpeningSteps
from workflows.returns.step_runner import StepRunner
from workflows.shared.command_queue import CommandQueue
from workflows.shared.pending_events import PendingEvents
from workflows.shared.steps import StepIds, Steps

with workflow.unsafe.imports_passed_through():
    from activities.shared.publishing import PublishingActivities, PublishInput
    from lifecycle.returns import commands
    from lifecycle.returns.state import Return
    from lifecycle.shared.agenda import Command

#: What carries out each command.
HANDLERS: Final[dict[type[Command], Callable[[StepRunner, Any], Awaitable[None]]]] = {
    commands.ClaimUnits: claims.claim_units,
    commands.ReleaseUnits: claims.release_units,
    commands.ClaimMoney: claims.claim_money,
    commands.NotifySiblingReturns: claims.notify_sibling_returns,
    commands.VoidLabel: handover_means.void_label,
    commands.ProvideHandover: handover_means.provide_handover,
    commands.FileLossClaim: loss_claims.file_claim,
    commands.BookStock: stock.book,
    commands.Pay: payments.pay,
    commands.CheckPendingRefunds: payments.check_pending_refunds,
    commands.SendMail: mails.write_mail,
    commands.ReserveStock: outbound.reserve_stock,
    commands.ReleaseStock: outbound.release_stock,
    commands.Ship: outbound.ship,
    commands.SendBack: outbound.send_back,
    commands.PlaceHold: card_hold.place_hold,
    commands.ReleaseHold: card_hold.release_hold,
    commands.CaptureHold: card_hold.capture_hold,
    commands.RepairCustomerUnit: onward_journeys.repair_customer_unit,
    commands.RefurbishUnit: onward_journeys.refurbish_unit,
    commands.SendToSupplier: onward_journeys.send_to_supplier,
}


class ReturnWork:
    """Each kind of work goes one after another; different kinds go side by side.

    ``on_change`` is called whenever a kind has nothing left to do, or a step has failed for good.
    """

    def __init__(self, ret: Return, ids: StepIds, pending_events: PendingEvents, on_change: Callable[[], None]) -> None:
        self._ret = ret
        self._pending_events = pending_events
        self._runner = StepRunner(ret, ids, Steps(pending_events), on_change)
        self.opening = OpeningSteps(self._runner)
        self._commands = CommandQueue(ret.agenda, HANDLERS, on_change, self._runner)

    @property
    def idle(self) -> bool:
        """Whether nothing is being done."""
        return self._commands.idle

    def start(self) -> None:
        """Begin what is wanted and not under way."""
        if self._ret.opening is None:
            self._commands.begin("open", self.opening.open)
        self._commands.start()
        if any(not parked.called for parked in self._ret.open_steps):
            self._commands.begin("call", partial(mails.call_operations, self._runner))

    def collect(self) -> None:
        """Forget what has been done; raises what it failed with, for the workflow task to fail with."""
        self._commands.collect()

    def publish(self) -> None:
        """Begin to publish what no other step takes along."""
        self._commands.begin("events", self._publish)

    async def _publish(self) -> None:
        name = self._runner.ids.next("publish")
        given = PublishInput(return_id=self._ret.return_id, step=name)
        with self._pending_events.publishing(), suppress(FailureError):
            await self._runner.steps.start_activity(
                PublishingActivities.publish,
                given,
                name=name,
                summary="Publish events to subscribers",
                profile="records",
            )

    def close(self) -> None:
        """Begin to keep the final view, and the state that a later event resumes from."""
        self._commands.begin("close", partial(closing.close, self._runner))

    async def reopen(self) -> None:
        """Open the records of a return that had closed again."""
        await closing.reopen(self._runner)
