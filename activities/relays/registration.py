"""The activities of relays, by task queue."""

from activities.relays.events import DeliveryActivities
from activities.relays.inbox import InboxActivities
from activities.relays.mail import RelayActivities
from activities.relays.partners import PartnerActivities
from activities.relays.sign_in_links import SignInActivities
from activities.relays.watch import WatchActivities
from activities.shared.registration import ByQueue, Dependencies
from client.names import MESSAGES_QUEUE


def activities_of(given: Dependencies) -> ByQueue:
    """All on the queue of messages; the inbox is relayed only where somebody can pass its events on."""
    database, shop = given.database, given.shop
    inbox = [InboxActivities(given.pass_next, database.changes).relay_inbox] if given.pass_next else []
    return {
        MESSAGES_QUEUE: [
            RelayActivities(database, given.mailer, given.carrier, shop, given.mails_off).relay_outbox,
            DeliveryActivities(database, given.event_sender).deliver_events,
            SignInActivities(database, given.orders, shop, given.front_door).mail_sign_in_links,
            WatchActivities(given.client, database, shop, given.kept).watch_returns,
            PartnerActivities(given.client, database).watch_partners,
            *inbox,
        ]
    }
