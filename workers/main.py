"""Which process polls which task queue, and what it is wired to."""

import asyncio
from collections import defaultdict
from collections.abc import Collection
from contextlib import AsyncExitStack
from functools import partial
from typing import Any, Final

import structlog
from temporalio.client import Client
from temporalio.worker import Interceptor, PollerBehaviorAutoscaling, Worker

from activities.reconciliation.registration import activities_of as of_reconciliation
from activities.relays.inbox import PassNext
from activities.relays.registration import activities_of as of_relays
from activities.repairs.registration import activities_of as of_repairs
from activities.returns.registration import activities_of as of_returns
from activities.shared.registration import ByQueue, Dependencies
from activities.shared.registration import activities_of as of_shared
from activities.suppliers.registration import activities_of as of_suppliers
from activities.support.registration import activities_of as of_support
from client.names import CARRIER_QUEUE, INVENTORY_QUEUE, MESSAGES_QUEUE, PAYMENT_QUEUE, RETURNS_QUEUE, SUPPORT_QUEUE
from client.returns import Homeward
from gateways.database.engine import Database
from gateways.database.messages.retention import Kept
from gateways.database.stock.inventory import Inventory
from gateways.mail.protocol import Mailer
from gateways.orders.protocol import Orders
from gateways.payment.protocol import Payments
from gateways.subscribers.protocol import EventSender
from workers.backoff import Backoff
from workers.daily import keep_scheduled
from workers.deployment.build import Build, unversioned
from workers.deployment.gate import checked
from workers.deployment.workflow_code import runner_of
from workers.details import Details
from workers.faq_files import FaqFiles
from workers.interceptors.cache_watch import CacheWatch
from workers.nexus.service import PATIENCE, ReturnsHandler
from workers.partner_table import (
    Partner,
    carrier_of,
    event_sender_of,
    inventory_of,
    live_ports,
    mailer_of,
    orders_of,
    payments_of,
    policy_of,
)
from workers.policy_file import PolicyFile
from workers.publishing import Publishing
from workers.relay_keeper import keep_all_running, keep_running, relays_kept
from workers.setting_values import Role
from workers.settings import Settings
from workers.telemetry import LogContext
from workflows.reconciliation import ReconciliationWorkflow
from workflows.relays import RELAYS
from workflows.repairs.workflow import RepairWorkflow
from workflows.returns.settlement_wait import SettlementWorkflow
from workflows.returns.workflow import ReturnWorkflow
from workflows.rollout_gate import RolloutGate
from workflows.suppliers.workflow import SupplierReturnWorkflow
from workflows.support.workflow import SupportCaseWorkflow

_QUEUES: Final = {
    Role.RETURNS: RETURNS_QUEUE,
    Role.CARRIER: CARRIER_QUEUE,
    Role.PAYMENT: PAYMENT_QUEUE,
    Role.INVENTORY: INVENTORY_QUEUE,
    Role.MESSAGES: MESSAGES_QUEUE,
    Role.SUPPORT: SUPPORT_QUEUE,
}
#: The other roles do steps alone.
WORKFLOWS: Final[dict[Role, list[type]]] = {
    Role.RETURNS: [ReturnWorkflow, RepairWorkflow, SupplierReturnWorkflow, SettlementWorkflow, RolloutGate],
    Role.MESSAGES: [*(relay.workflow for relay in RELAYS), ReconciliationWorkflow, RolloutGate],
    Role.SUPPORT: [SupportCaseWorkflow, RolloutGate],
}
#: Each room lists its own activities.
_ROOMS: Final = (of_returns, of_repairs, of_suppliers, of_support, of_relays, of_reconciliation, of_shared)
#: What each role speaks to.
USES: Final[dict[Role, tuple[Partner, ...]]] = {
    Role.RETURNS: ("stock",),
    Role.CARRIER: ("carrier",),
    Role.PAYMENT: ("payment",),
    Role.INVENTORY: ("stock",),
    Role.MESSAGES: ("carrier", "payment", "mail", "orders"),
    Role.SUPPORT: ("orders",),
}


def used_by(roles: Collection[Role]) -> frozenset[Partner]:
    """The partners that a worker of these roles speaks to."""
    return frozenset(partner for role in roles for partner in USES.get(role, ()))


def task_queue(role: Role) -> str:
    """The task queue a role polls (CONTRACT section 7)."""
    return _QUEUES[role]


def slots(settings: Settings, role: Role) -> int:
    """How many activities a worker of the role has room for: its steps, and the relays, which never end, besides."""
    return settings.steps_at_once(role) + (len(RELAYS) if role is Role.MESSAGES else 0)


async def run_workers(  # noqa: PLR0913, PLR0917 (all that a process is made of)
    client: Client,
    settings: Settings,
    db: Database,
    roles: Collection[Role],
    stop: asyncio.Event,
    started: asyncio.Event | None = None,
    interceptors: Collection[Interceptor] = (),
    pass_next: PassNext | None = None,
    build: Build | None = None,
) -> None:
    """Work until ``stop`` is set, then let what is under way finish.

    ``started`` is set once all workers poll; ``pass_next`` passes on what waits in the inbox; without a ``build``
    the workers are part of no deployment. Raises what ends a worker for good.
    """
    log = structlog.get_logger("homeward.workers")
    async with payments_of(settings, db) as payments, AsyncExitStack() as ending:
        orders, event_sender = orders_of(settings, db), await ending.enter_async_context(event_sender_of(settings, db))
        ending.push_async_callback(orders.close)
        policy = policy_of(settings)
        mailer = await ending.enter_async_context(mailer_of(settings, db, policy().shop.mail_from))
        inventory = await ending.enter_async_context(inventory_of(settings, db))
        given = (policy, payments, orders, mailer, inventory, event_sender)
        wiring = Wiring(client, settings, db, *given, interceptors, pass_next, build)
        workers = [wiring.worker(role) for role in roles]
        async with asyncio.TaskGroup() as running:
            for worker in workers:
                running.create_task(worker.run())
            if Role.MESSAGES in roles:
                wanted = partial(relays_kept, settings, db, passes=pass_next is not None)
                for relay in await wanted():
                    await keep_running(client, relay)
                await keep_scheduled(client)
                running.create_task(keep_all_running(client, wanted, stop))
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

    def __init__(  # noqa: PLR0913, PLR0917 (all that a process is made of)
        self,
        client: Client,
        settings: Settings,
        db: Database,
        policy: PolicyFile,
        payments: Payments,
        orders: Orders,
        mailer: Mailer,
        inventory: Inventory,
        event_sender: EventSender | None = None,
        interceptors: Collection[Interceptor] = (),
        pass_next: PassNext | None = None,
        build: Build | None = None,
    ) -> None:
        self._build = build or unversioned()
        self._client = client
        self._settings = settings
        self._db = db
        self._interceptors = interceptors
        self._backoff = Backoff(
            db, settings.give_up_after, settings.retry_after_longest, with_breakers=live_ports(settings)
        )
        self.faq = FaqFiles(db, settings.content, policy)
        given = Dependencies(
            client=client,
            database=db,
            policy=policy,
            carrier=carrier_of(settings, db),
            payments=payments,
            inventory=inventory,
            orders=orders,
            mailer=mailer,
            best_answers=self.faq.best,
            front_door=settings.front_door,
            check_open=partial(checked, client, sandbox=settings.workflow_sandbox),
            step_timeout=settings.step_timeout_seconds,
            mails_off=frozenset(settings.mails_off),
            itemizes=settings.refunds_url is not None,
            event_sender=event_sender,
            pass_next=pass_next,
            kept=Kept(*settings.messages_kept),
        )
        self._activities: ByQueue = defaultdict(list)
        for activities_of in _ROOMS:
            for queue, activities in activities_of(given).items():
                self._activities[queue] += activities

    def worker(self, role: Role) -> Worker:
        """One role's worker."""
        watch = CacheWatch(task_queue(role), self._settings.worker_cache)
        return Worker(
            self._client,
            task_queue=task_queue(role),
            workflows=WORKFLOWS.get(role, []),
            activities=self._activities[task_queue(role)],
            workflow_runner=runner_of(sandbox=self._settings.workflow_sandbox),
            interceptors=self._around(watch),
            max_cached_workflows=self._settings.worker_cache,
            max_concurrent_activities=slots(self._settings, role),
            graceful_shutdown_timeout=self._settings.shutdown,
            **self._build.versioning(has_workflows=role in WORKFLOWS),
            workflow_task_poller_behavior=PollerBehaviorAutoscaling(),
            activity_task_poller_behavior=PollerBehaviorAutoscaling(),
            nexus_service_handlers=self._services(role),
            nexus_task_poller_behavior=PollerBehaviorAutoscaling(),
        )

    def _services(self, role: Role) -> list[Any]:
        """The Nexus services of a role. With encryption on there is none: callers elsewhere have no keys."""
        if role is not Role.RETURNS or self._settings.encryption_keys is not None:
            return []
        return [ReturnsHandler(Homeward(self._client, self._db, PATIENCE))]

    def _around(self, watch: CacheWatch) -> list[Interceptor]:
        ours = [LogContext(), self._backoff, Publishing(self._db), Details(), watch, *self._refusing()]
        return [*ours, *self._interceptors]

    def _refusing(self) -> list[Interceptor]:
        """With encryption on, who starts a workflow has to have a key."""
        if not self._settings.refuses_plain_starts:
            return []
        from workers.codec import plain_starts_of

        return plain_starts_of(self._client.config()["data_converter"])
