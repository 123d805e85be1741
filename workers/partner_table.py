"""Which partners a process works with: the live one where its key or address is set, else the built-in one.

The live ones' own libraries are loaded only here, and only when they are used: they cost half a second. What partners
tell by webhooks is read by what ``workers/webhook_table.py`` lists.
"""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Generic, Literal, TypeVar

from gateways.carrier.protocol import Carrier
from gateways.database.engine import Database
from gateways.database.messages import subscriptions
from gateways.database.stock.inventory import Inventory
from gateways.language import mail_names
from gateways.mail.protocol import Mailer
from gateways.mail.smtp import SmtpMailer
from gateways.orders.database import DatabaseOrders
from gateways.orders.protocol import KeptOrders
from gateways.payment.protocol import Payments
from gateways.sandbox.carrier import SandboxCarrier
from gateways.sandbox.inventory import SandboxInventory
from gateways.sandbox.mail import SandboxMailer
from gateways.sandbox.payment import SandboxPayments
from gateways.several_partners.carrier import RoutedCarrier
from gateways.several_partners.payment import RoutedPayments
from gateways.subscribers.protocol import EventSender
from gateways.subscribers.several import SeveralEventSenders
from lifecycle.contract.tenders import TenderKind
from workers.policy_file import PolicyFile
from workers.setting_values import Role
from workers.settings import Settings, SettingsError

SANDBOX: Final = "sandbox"
Partner = Literal["carrier", "payment", "mail", "orders", "stock"]
ALL: Final[tuple[Partner, ...]] = ("carrier", "payment", "mail", "orders", "stock")
Port = TypeVar("Port")


@dataclass(frozen=True)
class Live:
    """A partner outside: what people call it, and where the settings speak of it."""

    name: str
    #: The setting that has its key; with it the partner is in use.
    key: str
    #: The setting that may name another address than ``own_url``, such as a stand-in's.
    url: str
    #: Empty for a system of the shop's own, which has the address that the setting names.
    own_url: str = ""

    def address(self, settings: Settings) -> str | None:
        """Where it is called; None where it is not in use."""
        return str(getattr(settings, self.url) or self.own_url) if getattr(settings, self.key) else None


@dataclass(frozen=True)
class Adapter(Generic[Port]):
    """How one partner is made; a sandbox is not ``live``, and needs no setting.

    ``holds_cards``: of a payment provider, whether it sets an amount aside on a card.
    """

    make: Callable[[Settings, Database], Port]
    live: Live | None = None
    holds_cards: bool = True


def _easypost(settings: Settings, _: Database) -> Carrier:
    from gateways.carrier.easypost import EasyPostCarrier

    at_once = settings.steps_at_once(Role.CARRIER)
    return EasyPostCarrier(settings.easypost_key or "", settings.easypost_url, at_once=at_once)


@asynccontextmanager
async def _stripe(settings: Settings, _: Database) -> AsyncIterator[Payments]:
    from gateways.payment.stripe import StripePayments

    payments = StripePayments(settings.stripe_key or "", settings.stripe_url)
    try:
        yield payments
    finally:
        await payments.close()


@asynccontextmanager
async def _http_payments(settings: Settings, db: Database) -> AsyncIterator[Payments]:
    from gateways.payment.http import HttpPayments

    secrets = settings.refunds_secret.get_secret_value() if settings.refunds_secret else ""
    payments = HttpPayments(db, settings.refunds_url or "", secrets)
    try:
        yield payments
    finally:
        await payments.close()


#: Every carrier that there is an adapter for, by its name in ``HOMEWARD_CARRIER_ROUTES``. Of those whose key is set
#: the first is the default: a new one is added at the end.
CARRIERS: Final[dict[str, Adapter[Carrier]]] = {
    "easypost": Adapter(
        _easypost, Live("EasyPost", "easypost_key", url="easypost_url", own_url="https://api.easypost.com/v2")
    ),
    SANDBOX: Adapter(lambda _, db: SandboxCarrier(db)),
}
#: The same of payment providers, for ``HOMEWARD_PAYMENT_ROUTES``.
PAYMENTS: Final[dict[str, Adapter[AbstractAsyncContextManager[Payments]]]] = {
    "stripe": Adapter(_stripe, Live("Stripe", "stripe_key", url="stripe_url", own_url="https://api.stripe.com")),
    "http": Adapter(_http_payments, Live("refund service", "refunds_secret", url="refunds_url"), holds_cards=False),
    SANDBOX: Adapter(lambda _, db: nullcontext(SandboxPayments(db))),
}


#: The ports that may have several partners at once; ``HOMEWARD_{port}_ROUTES`` says which is for what.
_ROUTED: Final[dict[Partner, Mapping[str, Adapter[Any]]]] = {"carrier": CARRIERS, "payment": PAYMENTS}


def live_partners() -> list[Live]:
    """All that there is a live adapter for, in use or not."""
    return [adapter.live for port in _ROUTED.values() for adapter in port.values() if adapter.live]


def live_ports(settings: Settings) -> frozenset[str]:
    """The ports where a partner outside is in use: the sandboxes fail for one return at a time, as its words say."""
    return frozenset(port for port in _ROUTED if _live(settings, port))


def serving(settings: Settings, used: Collection[Partner] = ALL) -> dict[str, str]:
    """Which partner serves as what, of those that a process uses, for its log; several with a plus, the default first.

    Raises ``SettingsError`` where a route names none that is set up, and where a sandbox would serve beside a public
    address, unless it is allowed to.
    """
    _check_mails(settings)
    found: dict[Partner, str] = {
        "mail": "http" if settings.mails_url else "smtp" if settings.smtp_url else "database",
        "orders": "http" if settings.orders_url else "database",
        "stock": "database+http" if settings.stock_url else "database",
    }
    for port in _ROUTED:
        if port in used:
            found[port] = "+".join(_believable(settings, port))
    return {partner: found[partner] for partner in ALL if partner in used}


def _check_mails(settings: Settings) -> None:
    """One sender, and no mail switched off that there is not: a misspelt one would go out."""
    if settings.mails_url and settings.smtp_url:
        raise SettingsError("HOMEWARD_MAILS_URL: expected none, as there is HOMEWARD_SMTP_URL")
    names = mail_names()
    for place, name in enumerate(settings.mails_off):
        if name not in names:
            raise SettingsError(f"HOMEWARD_MAILS_OFF.{place}: expected one of {', '.join(sorted(names))}")


def _believable(settings: Settings, port: Partner) -> list[str]:
    """The partners of a port; a customer would take a sandbox for a real one: it "pays", or sells labels of no use."""
    usable, named = _usable(settings, port), _named(settings, port)
    for place, name in enumerate(named):
        if name not in usable:
            raise SettingsError(
                f"HOMEWARD_{port.upper()}_ROUTES.{place}.partner: expected one that is set up: {', '.join(usable)}"
            )
    names = _names(settings, port)
    if SANDBOX in names and not settings.allows_sandboxes:
        key = next(adapter.live.key for adapter in _ROUTED[port].values() if adapter.live)
        raise SettingsError(
            f"HOMEWARD_{key.upper()}: expected a key, as HOMEWARD_PUBLIC_URL is a public address; "
            f"without one the {port} sandbox would serve customers, which HOMEWARD_SANDBOX=1 allows"
        )
    return names


def _live(settings: Settings, port: Partner) -> list[str]:
    return [name for name, adapter in _ROUTED[port].items() if adapter.live and adapter.live.address(settings)]


def _usable(settings: Settings, port: Partner) -> list[str]:
    """What routes may name here: whoever's key is set, and the sandbox where it may serve."""
    live = _live(settings, port)
    return [*live, SANDBOX] if settings.allows_sandboxes or not live else live


def _named(settings: Settings, port: Partner) -> list[str]:
    return [route.partner for route in getattr(settings, f"{port}_routes")]


def _names(settings: Settings, port: Partner) -> list[str]:
    """Those whose key is set, or the sandbox where none's is, and those that routes name; the first is the default.

    A process that does not speak to a port may have its routes without its keys: there they name nobody.
    """
    usable = _usable(settings, port)
    named = [name for name in _named(settings, port) if name in usable]
    return list(dict.fromkeys([*(_live(settings, port) or [SANDBOX]), *named]))


def carrier_of(settings: Settings, db: Database) -> Carrier:
    """The carrier, or several as one."""
    routes, names = settings.carrier_routes, _names(settings, "carrier")
    carriers = {name: CARRIERS[name].make(settings, db) for name in names}

    def choose(method: str | None, country: str) -> str:
        return next((route.partner for route in routes if route.fits(method, country)), names[0])

    return RoutedCarrier(db, carriers, choose) if len(carriers) > 1 else carriers[names[0]]


@asynccontextmanager
async def payments_of(settings: Settings, db: Database) -> AsyncIterator[Payments]:
    """The payment provider, or several as one; their connections are closed at the end."""
    names = _names(settings, "payment")
    async with AsyncExitStack() as ending:
        providers = {name: await ending.enter_async_context(PAYMENTS[name].make(settings, db)) for name in names}
        choose = partial(_payments_for, settings, names)
        yield RoutedPayments(db, providers, choose) if len(providers) > 1 else providers[names[0]]


def _payments_for(settings: Settings, names: Sequence[str], kind: str | None) -> str:
    return next((route.partner for route in settings.payment_routes if kind in route.tenders), names[0])


def policy_of(settings: Settings) -> PolicyFile:
    """The policy in force, without what the payment provider of cards cannot do; raises ``SettingsError``.

    A process that does not speak to providers may have no keys: there routes alone say whose cards are.
    """
    adapter = PAYMENTS.get(_payments_for(settings, _names(settings, "payment"), TenderKind.CARD))
    return PolicyFile(settings.policy, holds_cards=adapter is None or adapter.holds_cards)


@asynccontextmanager
async def inventory_of(settings: Settings, db: Database) -> AsyncIterator[Inventory]:
    """The inventory, which tells the shop's own system, or fails on demand where the sandboxes may serve."""
    if settings.stock_url is None or settings.stock_secret is None:
        yield SandboxInventory(db) if settings.allows_sandboxes else Inventory()
        return
    from gateways.stock.http import HttpInventory

    inventory = HttpInventory(db, settings.stock_url, settings.stock_secret.get_secret_value())
    try:
        yield inventory
    finally:
        await inventory.close()


@asynccontextmanager
async def mailer_of(settings: Settings, db: Database, sender: str) -> AsyncIterator[Mailer]:
    """The shop's sender, the mail server, or the mails in the database; ``sender`` is whom they come from."""
    if settings.mails_url is None or settings.mails_secret is None:
        yield SmtpMailer(settings.smtp_url, sender) if settings.smtp_url else SandboxMailer(db)
        return
    from gateways.mail.http import HttpMailer

    mailer = HttpMailer(settings.mails_url, settings.mails_secret.get_secret_value())
    try:
        yield mailer
    finally:
        await mailer.close()


def orders_of(settings: Settings, db: Database) -> KeptOrders:
    """The shop's order service, or the orders in the database."""
    if settings.orders_url is None:
        return DatabaseOrders(db)
    from gateways.orders.http import HttpOrders

    key = settings.orders_key
    return HttpOrders(settings.orders_url, key.get_secret_value() if key else None)


def _stream(url: str, address: str) -> EventSender:
    from gateways.subscribers.stream import Stream, StreamSender

    made: Stream
    try:
        if url.startswith("kafka:"):
            from gateways.subscribers.kafka import KafkaStream

            made = KafkaStream(url)
        else:
            from gateways.subscribers.nats import NatsStream

            made = NatsStream(url)
    except ImportError:
        raise SettingsError("HOMEWARD_EVENTS_URL: expected the extra `streams` to be installed") from None
    return StreamSender(url, made, address)


@asynccontextmanager
async def event_sender_of(settings: Settings, db: Database) -> AsyncIterator[EventSender]:
    """The ways to the subscribers of events, of the settings and of the API; their connections are closed at the end.

    Raises ``SettingsError`` where they name a stream whose library is not installed.
    """
    from gateways.subscribers.http import HttpEventSender

    named = ((one.url, one.secret.get_secret_value()) for one in settings.subscribers)
    posts = HttpEventSender(named, settings.front_door, partial(subscriptions.all_of, db))
    event_sender: EventSender = posts
    if settings.events_url:
        event_sender = SeveralEventSenders([posts, _stream(settings.events_url, settings.front_door)])
    try:
        yield event_sender
    finally:
        await event_sender.close()
