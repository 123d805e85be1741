"""Which process polls which task queue, and what it is wired to."""

import asyncio
from collections.abc import Callable, Collection
from contextlib import AsyncExitStack
from enum import StrEnum
from typing import Final

import structlog
from temporalio.client import Client
from temporalio.worker import Interceptor, UnsandboxedWorkflowRunner, Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from activities.relays.events import DeliveryActivities
from activities.relays.inbox import InboxActivities, PassNext
from activities.relays.mail import RelayActivities
from activities.relays.orphans import WatchActivities
from activities.relays.sign_in_links import SignInActivities
from activities.repairs.parts import RepairActivities
from activities.returns.card import CardActivities
from activities.returns.claims import ClaimActivities
from activities.returns.closing import ClosingActivities
from activities.returns.credit import CreditActivities
from activities.returns.handover_options import HandoverActivities
from activities.returns.labels import LabelActivities
from activities.returns.loss_claims import LossClaimActivities
from activities.returns.mails import MailActivities
from activities.returns.opening import OpeningActivities
from activities.returns.outbound import OutboundActivities
from activities.returns.payment import PaymentActivities
from activities.returns.stock import StockActivities
from activities.shared.attention import AttentionActivities
from activities.shared.publishing import PublishingActivities
from activities.suppliers.journey import SupplierActivities
from activities.support.cases import SupportActivities
from activities.support.start_return import SupportReturnActivities
from client.names import CARRIER_QUEUE, INVENTORY_QUEUE, MESSAGES_QUEUE, PAYMENT_QUEUE, RETURNS_QUEUE, SUPPORT_QUEUE
from client.search_attributes import shown_of
from gateways.database.engine import Database
from gateways.mail.protocol import Mailer
from gateways.mail.smtp import SmtpMailer
from gateways.orders.protocol import Orders
from gateways.payment.protocol import Payments
from gateways.sandbox.mail import SandboxMailer
from gateways.subscribers.protocol import EventSender
from lifecycle.contract.policy import Policy, Shop
from workers.adapters import Partner, carrier_of, event_sender_of, inventory_of, orders_of, payments_of
from workers.backoff import Backoff
from workers.faq_files import FaqFiles
from workers.keeping import keep_all_running, keep_running
from workers.policy_file import PolicyFile
from workers.publishing import Publishing
from workers.settings import Settings
from workers.telemetry import LogContext
from workflows.relays import EVENTS, INBOX, MAILS, RELAYS, SIGN_INS, WATCH
from workflows.repairs.workflow import RepairWorkflow
from workflows.returns.workflow import ReturnWorkflow
from workflows.suppliers.workflow import SupplierReturnWorkflow
from workflows.support.workflow import SupportCaseWorkflow

#: Checks workflow code for what would not replay, such as a clock or a random number of its own.
#: Everything below the workflows is passed through: it is pure, or runs in activities alone.
SANDBOX = SandboxedWorkflowRunner(
    SandboxRestrictions.default.with_passthrough_modules(
        "lifecycle", "gateways", "client", "activities", "pydantic", "email_validator", "idna"
    )
)


class Role(StrEnum):
    """What a worker process does."""

    RETURNS = "returns"
    CARRIER = "carrier"
    PAYMENT = "payment"
    INVENTORY = "inventory"
    MESSAGES = "messages"
    SUPPORT = "support"


_QUEUES: Final = {
    Role.RETURNS: RETURNS_QUEUE,
    Role.CARRIER: CARRIER_QUEUE,
    Role.PAYMENT: PAYMENT_QUEUE,
    Role.INVENTORY: INVENTORY_QUEUE,
    Role.MESSAGES: MESSAGES_QUEUE,
    Role.SUPPORT: SUPPORT_QUEUE,
}
#: What each role speaks to.
USES: Final[dict[Role, tuple[Partner, ...]]] = {
    Role.CARRIER: ("carrier",),
    Role.PAYMENT: ("payment",),
    Role.MESSAGES: ("carrier", "mail", "orders"),
    Role.SUPPORT: ("orders",),
}


def used_by(roles: Collection[Role]) -> frozenset[Partner]:
    """The partners that a worker of these roles speaks to."""
    return frozenset(partner for role in roles for partner in USES.get(role, ()))


def task_queue(role: Role) -> str:
    """The task queue a role polls (CONTRACT section 7)."""
    return _QUEUES[role]


async def run_workers(
    client: Client,
    settings: Settings,
    db: Database,
    roles: Collection[Role],
    stop: asyncio.Event,
    started: asyncio.Event | None = None,
    interceptors: Collection[Interceptor] = (),
    pass_next: PassNext | None = None,
) -> None:
    """Work until ``stop`` is set, then let what is under way finish.

    ``started`` is set once all workers poll; ``pass_next`` passes on what waits in the inbox. Raises
    what ends a worker for good.
    """
    log = structlog.get_logger("homeward.workers")
    async with payments_of(settings, db) as payments, AsyncExitStack() as ending:
        orders, event_sender = orders_of(settings, db), await ending.enter_async_context(event_sender_of(settings))
        ending.push_async_callback(orders.close)
        wiring = Wiring(client, settings, db, payments, orders, event_sender, interceptors, pass_next)
        workers = [wiring.worker(role) for role in roles]
        async with asyncio.TaskGroup() as running:
            for worker in workers:
                running.create_task(worker.run())
            if Role.MESSAGES in roles:
                wanted = ((MAILS, True), (EVENTS, event_sender), (INBOX, pass_next), (SIGN_INS, True), (WATCH, True))
                relays = [relay for relay, is_wanted in wanted if is_wanted]
                for relay in relays:
                    await keep_running(client, relay)
                running.create_task(keep_all_running(client, relays, stop))
            if Role.SUPPORT in roles:
                await wiring.faq.put()
            if started:
                started.set()
            log.info("workers started", roles=sorted(roles))
            await stop.wait()
            log.info("workers stopping")
            await asyncio.gather(*(worker.shutdown() for worker in workers))


class Wiring:
    """One process's gateways and activities."""

    def __init__(
        self,
        client: Client,
        settings: Settings,
        db: Database,
        payments: Payments,
        orders: Orders,
        event_sender: EventSender | None = None,
        interceptors: Collection[Interceptor] = (),
        pass_next: PassNext | None = None,
    ) -> None:
        self._client = client
        self._settings = settings
        self._db = db
        self._interceptors = interceptors
        self._backoff = Backoff(db, settings.give_up_after, settings.retry_after_longest)
        policy = PolicyFile(settings.policy)
        carrier, inventory = carrier_of(settings, db), inventory_of(settings, db)

        def shop() -> Shop:
            return policy().shop

        publishes = event_sender is not None
        claims = ClaimActivities(db)
        mails = MailActivities(db, shop, settings.front_door)
        closing = ClosingActivities(db, publishes=publishes)
        credit = CreditActivities(db, shop)
        opening = OpeningActivities(db, policy, orders, settings.step_timeout_seconds, publishes=publishes)
        stock = StockActivities(db, inventory)
        repair = RepairActivities(db, inventory)
        label = LabelActivities(db, carrier, shop)
        way = HandoverActivities(db, carrier, shop)
        outbound = OutboundActivities(db, carrier, inventory, shop)
        payment = PaymentActivities(db, payments, shop)
        card = CardActivities(db, payments)
        supplier = SupplierActivities(client, db, inventory, policy)
        self.faq = FaqFiles(db, settings.content, policy)
        support = SupportActivities(db, policy, self.faq.best, settings.front_door, orders)
        support_return = SupportReturnActivities(client, db, orders, policy)
        relay = RelayActivities(db, _mailer(settings, db, policy()), carrier, shop)
        in_stock: list[Callable[..., object]] = [stock.receive, stock.restock, repair.take_parts]
        on_records: list[Callable[..., object]] = [
            opening.open_return,
            claims.update_unit_claims,
            claims.claim_pieces,
            claims.claim_money,
            mails.write_mail,
            closing.close_return,
            closing.reopen_return,
            PublishingActivities().publish,
            AttentionActivities(db, shop).call_operations,
            credit.give_store_credit,
            credit.find_store_credit,
            opening.change_return,
            outbound.reserve,
            outbound.unreserve,
            outbound.take_from_shelves,
            supplier.plan_batch,
            supplier.write_supplier_mail,
        ]
        self._activities: dict[Role, list[Callable[..., object]]] = {
            # Steps on our own database run inside the workflow worker too, as local activities.
            Role.RETURNS: [*on_records, *in_stock],
            Role.CARRIER: [
                label.buy_return_label,
                label.void_label,
                LossClaimActivities(db, carrier).file_claim,
                way.offer_pickup,
                way.book_pickup,
                way.create_drop_off_code,
                outbound.ship,
            ],
            Role.PAYMENT: [
                payment.refund,
                payment.check_refund,
                payment.find_refund,
                card.place_hold,
                card.release_hold,
                card.capture_hold,
                card.charge,
                card.find_charge,
            ],
            Role.INVENTORY: [
                *in_stock,
                supplier.send_to_supplier,
                outbound.reserve,
                outbound.unreserve,
                outbound.take_from_shelves,
            ],
            Role.MESSAGES: [
                relay.relay_outbox,
                DeliveryActivities(db, event_sender).deliver_events,
                SignInActivities(db, orders, shop, settings.front_door).mail_sign_in_links,
                WatchActivities(client, db, shop, shown_of).watch_returns,
                *([InboxActivities(pass_next).relay_inbox] if pass_next else []),
            ],
            Role.SUPPORT: [support.open_case, support.check_address, support.save_case, support_return.start_return],
        }

    def worker(self, role: Role) -> Worker:
        """One role's worker."""
        workflows: dict[Role, list[type]] = {
            Role.RETURNS: [ReturnWorkflow, RepairWorkflow, SupplierReturnWorkflow],
            Role.MESSAGES: [relay.workflow for relay in RELAYS],
            Role.SUPPORT: [SupportCaseWorkflow],
        }
        return Worker(
            self._client,
            task_queue=task_queue(role),
            workflows=workflows.get(role, []),
            activities=self._activities[role],
            workflow_runner=SANDBOX if self._settings.workflow_sandbox else UnsandboxedWorkflowRunner(),
            interceptors=[LogContext(), self._backoff, Publishing(self._db), *self._interceptors],
            max_cached_workflows=self._settings.worker_cache,
            max_concurrent_activities=self._settings.worker_steps,
            graceful_shutdown_timeout=self._settings.shutdown,
        )


def _mailer(settings: Settings, db: Database, policy: Policy) -> Mailer:
    if settings.smtp_url:
        return SmtpMailer(settings.smtp_url, policy.shop.mail_from)
    return SandboxMailer(db)
