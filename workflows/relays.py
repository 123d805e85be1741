"""Keep what never ends running, one of each kind, on whichever worker lives: see ``RELAYS``."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

from client.names import MESSAGES_QUEUE

with workflow.unsafe.imports_passed_through():
    from activities.relays.events import DeliveryActivities
    from activities.relays.inbox import InboxActivities
    from activities.relays.mail import RelayActivities
    from activities.relays.orphans import WatchActivities
    from activities.relays.polling import SHIFT
    from activities.relays.sign_in_links import SignInActivities

_LOOKS_FOR = timedelta(minutes=2)


@workflow.defn(name="OutboxRelayWorkflow")
class OutboxRelayWorkflow:
    """Sends mails, shift after shift."""

    @workflow.run
    async def run(self) -> None:
        """Relay until the shift ends or its worker stops, then start anew."""
        await _one_shift(RelayActivities.relay_outbox, "Send mails from the outbox")


@workflow.defn(name="EventDeliveryWorkflow")
class EventDeliveryWorkflow:
    """Brings events to subscribers, shift after shift."""

    @workflow.run
    async def run(self) -> None:
        """Deliver until the shift ends or its worker stops, then start anew."""
        await _one_shift(DeliveryActivities.deliver_events, "Bring events to subscribers")


@workflow.defn(name="InboxRelayWorkflow")
class InboxRelayWorkflow:
    """Passes on what partners told, shift after shift."""

    @workflow.run
    async def run(self) -> None:
        """Relay until the shift ends or its worker stops, then start anew."""
        # An event may have to wait for a worker that does not answer.
        await _one_shift(InboxActivities.relay_inbox, "Pass on what partners told", silent=timedelta(seconds=15))


@workflow.defn(name="SignInLinksWorkflow")
class SignInLinksWorkflow:
    """Mails the sign-in links that visitors ask for, shift after shift."""

    @workflow.run
    async def run(self) -> None:
        """Look up their orders until the shift ends or its worker stops, then start anew."""
        await _one_shift(SignInActivities.mail_sign_in_links, "Mail sign-in links")


@workflow.defn(name="ReturnsWatchWorkflow")
class ReturnsWatchWorkflow:
    """Looks for returns that no workflow carries, shift after shift."""

    @workflow.run
    async def run(self) -> None:
        """Look until the shift ends or its worker stops, then start anew."""
        # What it asks Temporal for may take a while to come.
        await _one_shift(WatchActivities.watch_returns, "Look for returns that nothing carries", silent=_LOOKS_FOR)


async def _one_shift(
    work: Callable[..., Awaitable[None]], summary: str, silent: timedelta = timedelta(seconds=10)
) -> None:
    """Each is a run of its own, so that history stays short; one that is ``silent`` for so long has died."""
    await workflow.execute_activity(
        work.__name__,
        activity_id=work.__name__,
        task_queue=MESSAGES_QUEUE,
        start_to_close_timeout=SHIFT + timedelta(minutes=5),
        heartbeat_timeout=silent,
        retry_policy=RetryPolicy(maximum_interval=timedelta(seconds=10)),
        summary=summary,
    )
    workflow.continue_as_new()


@dataclass(frozen=True)
class Relay:
    """One that runs for ever: its workflow, its id, and what it does, as an operator reads it."""

    workflow: type
    workflow_id: str
    summary: str


MAILS = Relay(OutboxRelayWorkflow, "outbox-relay", "Sends mails from the outbox")
EVENTS = Relay(EventDeliveryWorkflow, "event-delivery", "Brings events to subscribers")
INBOX = Relay(InboxRelayWorkflow, "inbox-relay", "Passes on what partners told by webhook")
SIGN_INS = Relay(SignInLinksWorkflow, "sign-in-links", "Mails the sign-in links that visitors ask for")
WATCH = Relay(ReturnsWatchWorkflow, "returns-watch", "Looks for returns that nothing carries")
RELAYS = (MAILS, EVENTS, INBOX, SIGN_INS, WATCH)
