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
    from activities.relays.partners import PartnerActivities
    from activities.relays.polling import RUN_LASTS
    from activities.relays.sign_in_links import SignInActivities
    from activities.relays.watch import WatchActivities

_LOOKS_FOR = timedelta(minutes=2)


@workflow.defn(name="OutboxRelayWorkflow")
class OutboxRelayWorkflow:
    """Sends mails, run after run."""

    @workflow.run
    async def run(self) -> None:
        """Relay until the run ends or its worker stops, then start anew."""
        await _run_once(RelayActivities.relay_outbox, "Send mails from the outbox")


@workflow.defn(name="EventDeliveryWorkflow")
class EventDeliveryWorkflow:
    """Delivers events to subscribers, run after run."""

    @workflow.run
    async def run(self) -> None:
        """Deliver until the run ends or its worker stops, then start anew."""
        await _run_once(DeliveryActivities.deliver_events, "Deliver events to subscribers")


@workflow.defn(name="InboxRelayWorkflow")
class InboxRelayWorkflow:
    """Forwards partners' webhook events, run after run."""

    @workflow.run
    async def run(self) -> None:
        """Relay until the run ends or its worker stops, then start anew."""
        # An event may have to wait for a worker that does not answer.
        await _run_once(
            InboxActivities.relay_inbox, "Forward partners' webhook events to returns", silent=timedelta(seconds=15)
        )


@workflow.defn(name="SignInLinksWorkflow")
class SignInLinksWorkflow:
    """Mails the sign-in links that visitors ask for, run after run."""

    @workflow.run
    async def run(self) -> None:
        """Look up their orders until the run ends or its worker stops, then start anew."""
        await _run_once(SignInActivities.mail_sign_in_links, "Mail sign-in links")


@workflow.defn(name="ReturnsWatchWorkflow")
class ReturnsWatchWorkflow:
    """Looks for returns that no workflow carries, run after run."""

    @workflow.run
    async def run(self) -> None:
        """Look until the run ends or its worker stops, then start anew."""
        # What it asks Temporal for may take a while to come.
        await _run_once(WatchActivities.watch_returns, "Look for returns without a running workflow", silent=_LOOKS_FOR)


@workflow.defn(name="PartnerWatchWorkflow")
class PartnerWatchWorkflow:
    """Tries steps of partners that fail for everybody, and ends pauses, run after run."""

    @workflow.run
    async def run(self) -> None:
        """Look until the run ends or its worker stops, then start anew."""
        await _run_once(PartnerActivities.watch_partners, "Try partners that fail for everybody, and end pauses")


async def _run_once(
    work: Callable[..., Awaitable[None]], summary: str, silent: timedelta = timedelta(seconds=10)
) -> None:
    """Each is a run of its own, so that history stays short; one that is ``silent`` for so long has died."""
    await workflow.execute_activity(
        work.__name__,
        activity_id=work.__name__,
        task_queue=MESSAGES_QUEUE,
        start_to_close_timeout=RUN_LASTS + timedelta(minutes=5),
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
INBOX = Relay(InboxRelayWorkflow, "inbox-relay", "Forwards partners' webhook events to returns")
SIGN_INS = Relay(SignInLinksWorkflow, "sign-in-links", "Mails the sign-in links that visitors ask for")
WATCH = Relay(ReturnsWatchWorkflow, "returns-watch", "Looks for returns without a running workflow")
PARTNERS = Relay(PartnerWatchWorkflow, "partner-watch", "Tries partners that fail for everybody, and ends pauses")
RELAYS = (MAILS, EVENTS, INBOX, SIGN_INS, WATCH, PARTNERS)
