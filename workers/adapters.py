"""Which partners a process works with: the live one where its key or address is set, else the built-in one.

The live ones' own libraries are loaded only here, and only when they are used: they cost half a second.
"""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import Final, Literal

from gateways.carrier.protocol import Carrier
from gateways.database.engine import Database
from gateways.database.stock.inventory import Inventory
from gateways.mail.protocol import Mailer
from gateways.mail.smtp import SmtpMailer
from gateways.orders.database import DatabaseOrders
from gateways.orders.protocol import Orders
from gateways.payment.protocol import Payments
from gateways.sandbox.carrier import SandboxCarrier
from gateways.sandbox.inventory import SandboxInventory
from gateways.sandbox.mail import SandboxMailer
from gateways.sandbox.payment import SandboxPayments
from gateways.subscribers.protocol import EventSender
from workers.settings import Settings, SettingsError

SANDBOX: Final = "sandbox"
Partner = Literal["carrier", "payment", "mail", "orders"]
ALL: Final[tuple[Partner, ...]] = ("carrier", "payment", "mail", "orders")
#: Whose sandbox a customer would take for the real one: it "pays", or gives a label that no carrier takes.
_BELIEVED: Final[tuple[tuple[Partner, str], ...]] = (("payment", "STRIPE_KEY"), ("carrier", "EASYPOST_KEY"))


def serving(settings: Settings, used: Collection[Partner] = ALL) -> dict[str, str]:
    """Which partner serves as what, of those that a process uses, for its log.

    Raises ``SettingsError`` where a sandbox would serve beside a public address, unless it is allowed to.
    """
    found: dict[Partner, str] = {
        "carrier": "easypost" if settings.easypost_key else SANDBOX,
        "payment": "stripe" if settings.stripe_key else SANDBOX,
        "mail": "smtp" if settings.smtp_url else "database",
        "orders": "http" if settings.orders_url else "database",
    }
    for partner, key in _BELIEVED:
        if partner in used and found[partner] == SANDBOX and not settings.allows_sandboxes:
            raise SettingsError(
                f"HOMEWARD_{key}: expected a key, as HOMEWARD_PUBLIC_URL is a public address; "
                f"without one the {partner} sandbox would serve customers, which HOMEWARD_SANDBOX=1 allows"
            )
    return {partner: found[partner] for partner in ALL if partner in used}


def carrier_of(settings: Settings, db: Database) -> Carrier:
    """EasyPost, or the built-in carrier."""
    if settings.easypost_key is None:
        return SandboxCarrier(db)
    from gateways.carrier.easypost import EasyPostCarrier

    return EasyPostCarrier(settings.easypost_key, settings.easypost_url)


@asynccontextmanager
async def payments_of(settings: Settings, db: Database) -> AsyncIterator[Payments]:
    """Stripe, or the built-in payment provider; its connections are closed at the end."""
    if settings.stripe_key is None:
        yield SandboxPayments(db)
        return
    from gateways.payment.stripe import StripePayments

    payments = StripePayments(settings.stripe_key, settings.stripe_url)
    try:
        yield payments
    finally:
        await payments.close()


def inventory_of(settings: Settings, db: Database) -> Inventory:
    """The inventory, which fails on demand where the sandboxes may serve."""
    return SandboxInventory(db) if settings.allows_sandboxes else Inventory()


def mailer_of(settings: Settings, db: Database, sender: str) -> Mailer:
    """The mail server, or the mails in the database; ``sender`` is the address that mails come from."""
    return SmtpMailer(settings.smtp_url, sender) if settings.smtp_url else SandboxMailer(db)


def orders_of(settings: Settings, db: Database) -> Orders:
    """The shop's order service, or the orders in the database."""
    if settings.orders_url is None:
        return DatabaseOrders(db)
    from gateways.orders.http import HttpOrders

    key = settings.orders_key
    return HttpOrders(settings.orders_url, key.get_secret_value() if key else None)


@asynccontextmanager
async def event_sender_of(settings: Settings) -> AsyncIterator[EventSender | None]:
    """The way to the subscribers of events, None without any; its connections are closed at the end."""
    if not settings.subscribers:
        yield None
        return
    from gateways.subscribers.http import HttpEventSender

    event_sender = HttpEventSender((one.url, one.secret.get_secret_value()) for one in settings.subscribers)
    try:
        yield event_sender
    finally:
        await event_sender.close()
