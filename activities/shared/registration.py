"""What activities are given to work with, and how a room lists its own for the workers."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass

from temporalio.client import Client

from activities.shared.attention import AttentionActivities
from activities.shared.publishing import PublishingActivities
from activities.shared.rollout import Check, RolloutActivities
from client.names import RETURNS_QUEUE
from gateways.carrier.protocol import Carrier
from gateways.database.engine import Database
from gateways.database.messages.retention import Kept
from gateways.database.stock.inventory import Inventory
from gateways.mail.protocol import Mailer
from gateways.orders.protocol import Orders
from gateways.payment.protocol import Payments
from gateways.subscribers.protocol import EventSender
from lifecycle.contract.policy import Policy, Shop
from lifecycle.support.faq import FaqAnswer

Activities = list[Callable[..., object]]
#: A room's activities by the task queue that they are polled from. Those that begin as local activities stand on the
#: workflows' own queue as well.
ByQueue = dict[str, Activities]


@dataclass(frozen=True)
class Dependencies:
    """One process's partners and settings."""

    client: Client
    database: Database
    policy: Callable[[], Policy]
    carrier: Carrier
    payments: Payments
    inventory: Inventory
    orders: Orders
    mailer: Mailer
    #: The FAQ's answers that fit a question best.
    best_answers: Callable[[str], Awaitable[Sequence[FaqAnswer]]]
    #: Where customers reach the portal.
    front_door: str
    #: Replays open workflows on the code of this process.
    check_open: Check
    #: Seconds that one attempt of a partner's step may take; the usual time of its kind when None.
    step_timeout: float | None = None
    #: Whether a payment provider is told what each refund pays for.
    itemizes: bool = False
    #: Mails, by template, that are not sent.
    mails_off: Collection[str] = ()
    #: None where nothing is sent.
    event_sender: EventSender | None = None
    #: Forwards the oldest webhook event that is due; returns how many that were.
    pass_next: Callable[[], Awaitable[int]] | None = None
    #: How long messages are kept.
    kept: Kept = Kept()  # noqa: RUF009 (frozen)

    def shop(self) -> Shop:
        """The shop, by the policy in force."""
        return self.policy().shop

    @property
    def publishes(self) -> bool:
        """Whether the settings name subscribers of events; those of the API are looked up for each return."""
        return self.event_sender is not None and bool(self.event_sender.subscribers)


def activities_of(given: Dependencies) -> ByQueue:
    """What every journey uses, and what is asked of a version before it serves."""
    return {
        RETURNS_QUEUE: [
            PublishingActivities().publish,
            AttentionActivities(given.database, given.shop).call_operations,
            RolloutActivities(given.check_open).check_open_workflows,
        ]
    }
