"""The work of a return: what is on its agenda is carried out, and reported to the aggregate."""

from collections.abc import Awaitable, Callable
from contextlib import suppress

from temporalio import workflow
from temporalio.exceptions import FailureError

from workflows.returns.card_hold import CardHolds
from workflows.returns.claims import OrderClaims
from workflows.returns.closing import Closing
from workflows.returns.handover_means import HandoverMeans
from workflows.returns.loss_claims import LossClaims
from workflows.returns.mails import Mails
from workflows.returns.onward_journeys import OnwardJourneys
from workflows.returns.opening import OpeningSteps
from workflows.returns.outbound import Outbound
from workflows.returns.payments import Payments
from workflows.returns.step_runner import StepRunner
from workflows.returns.stock import StockBookings
from workflows.shared.command_queue import CommandQueue
from workflows.shared.lanes import Lanes
from workflows.shared.pending_events import PendingEvents
from workflows.shared.steps import StepIds, Steps

with workflow.unsafe.imports_passed_through():
    from activities.shared.publishing import PublishingActivities, PublishInput
    from lifecycle.returns.state import Return


class ReturnWork:
    """Each kind of work goes one after another; different kinds go side by side.

    ``on_change`` is called whenever a kind has nothing left to do, or a step has failed for good.
    """

    def __init__(self, ret: Return, ids: StepIds, pending_events: PendingEvents, on_change: Callable[[], None]) -> None:
        self._ret = ret
        self._ids = ids
        self._pending_events = pending_events
        self._lanes = Lanes(on_change)
        self._runner = runner = StepRunner(ret, Steps(pending_events), on_change)
        self.opening = OpeningSteps(ret, ids, runner)
        self.closing = Closing(ret, ids, runner)
        self._mails = Mails(ret, ids, runner)
        card_holds = CardHolds(ret, ids, runner)
        subjects = (
            OrderClaims(ret, ids, runner),
            HandoverMeans(ret, ids, runner),
            LossClaims(ret, ids, runner),
            StockBookings(ret, ids, runner),
            Payments(ret, ids, runner, card_holds),
            self._mails,
            Outbound(ret, ids, runner),
            card_holds,
            OnwardJourneys(ret, ids, runner),
        )
        self._commands = CommandQueue(ret.agenda, on_change, *(subject.handlers for subject in subjects))

    @property
    def idle(self) -> bool:
        """Whether nothing is being done."""
        return self._lanes.idle

    def start(self) -> None:
        """Begin what is wanted and not under way."""
        wanted: dict[str, Callable[[], Awaitable[None]]] = {}
        if self._ret.opening is None:
            wanted["open"] = self.opening.open
        wanted |= self._commands.lanes()
        if any(not parked.called for parked in self._ret.open_steps):
            wanted["call"] = self._mails.call_operations
        self._lanes.start(wanted)

    def collect(self) -> None:
        """Forget what has been done; raises what it failed with, for the workflow task to fail with."""
        self._lanes.collect()

    def publish(self) -> None:
        """Begin to publish what no other step takes along."""
        self._lanes.start({"events": self._publish})

    async def _publish(self) -> None:
        name = self._ids.next("publish")
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
        self._lanes.start({"close": self.closing.close})
