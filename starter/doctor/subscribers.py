"""Who subscribes to events: those of the settings, and those that were made by the API."""

from gateways.database.engine import Database
from gateways.database.messages import subscriptions
from gateways.database.messages.lag import Lag
from gateways.subscribers.protocol import subscriber_id
from gateways.subscribers.stream import without_user
from workers.settings import Settings


def urls_of_settings(settings: Settings) -> dict[str, str]:
    """The URLs of the settings, by the names that the database has for them."""
    streams = [without_user(settings.events_url)] if settings.events_url else []
    return {subscriber_id(url): url for url in [*(one.url for one in settings.subscribers), *streams]}


async def urls_of(db: Database, settings: Settings) -> dict[str, str]:
    """The URLs of all that events are sent to, by name."""
    made = {one.subscription_id: one.url for one in await subscriptions.all_of(db) if one.url}
    return urls_of_settings(settings) | made


async def polling(db: Database) -> list[str]:
    """Those that are not sent anything: they poll."""
    return [one.subscription_id for one in await subscriptions.all_of(db) if not one.url]


def state_of(lag: Lag, *, paused: bool = False) -> str:
    """How it takes its events, in one word."""
    if paused:
        return "paused"
    if lag.gone_at:
        return "gone"
    return "failing" if lag.failing else "well"
