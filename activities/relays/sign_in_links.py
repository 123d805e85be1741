"""Sign-in links: looks up the orders that visitors named, and mails a link to those who know their address.

That is done here, a moment after the page has answered, so that the answer cannot tell what is found.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import IPv6Network
from types import MappingProxyType
from typing import Any, Final

import structlog
from sqlalchemy import Connection
from temporalio import activity

from activities.relays.polling import poll
from activities.shared.mails import Recipient, compose
from gateways.database.engine import Database
from gateways.database.messages import link_requests
from gateways.database.messages.link_requests import LinkRequest
from gateways.database.messages.outbox import OutboxMail, put
from gateways.database.messages.signed_links import SIGN_IN_HOURS, sign_in_link
from gateways.database.rates import Limit, count
from gateways.errors import Declined, GatewayError
from gateways.orders.protocol import Orders, search
from lifecycle.contract.mailboxes import same_mailbox, untagged
from lifecycle.contract.policy import Shop
from lifecycle.contract.request import Order
from lifecycle.shared.waits import doubled

#: Links that are mailed to one mailbox for those who ask from one network, and for one order.
FOR_ONE_NETWORK: Final = Limit("sign-in links", 5, timedelta(hours=1))
FOR_ONE_ORDER: Final = Limit("sign-in links for an order", 10, timedelta(hours=1))
#: Beyond the order's limit each network still gets its first, out of a reserve: others do not lock the customer out.
_FIRST: Final = Limit("first sign-in link", 1, timedelta(hours=1))
RESERVE: Final = Limit("sign-in links in reserve", 40, timedelta(days=1))
#: A provider gives that much of IPv6 to whoever asks for it: a /64 alone is no bound here.
_PREFIX: Final = 48
#: How many orders are looked up at once, and how long that may take.
_AT_ONCE: Final = 10
_WITHIN: Final = timedelta(seconds=8)
_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=1), timedelta(minutes=1)
#: How long an order is looked up that nobody answers for: whoever asked has asked again by then.
_LOOKED_UP_FOR: Final = timedelta(hours=1)

log = structlog.get_logger("homeward.sign_in")


class SignInActivities:
    """One of these at a time serves all visitors; a workflow of its own keeps it alive."""

    def __init__(self, database: Database, orders: Orders, shop: Callable[[], Shop], front_door: str) -> None:
        """``front_door`` is where customers reach the portal."""
        self._database = database
        self._orders = orders
        self._shop = shop
        self._front_door = front_door

    @activity.defn
    async def mail_sign_in_links(self) -> None:
        """Look up what is due until the run ends or the worker stops."""
        await poll(self.look_up_due, self._database.changes)

    async def look_up_due(self) -> int:
        """Look up the next few that are due; returns how many. Raises ``Unavailable``."""
        due = await link_requests.next_due(self._database, datetime.now(UTC), _AT_ONCE)
        ended = await asyncio.gather(*(self._look_up(request) for request in due), return_exceptions=True)
        for error in ended:
            if error is not None:
                raise error
        return len(due)

    async def _look_up(self, request: LinkRequest) -> None:
        try:
            async with asyncio.timeout(_WITHIN.total_seconds()):
                order = await self._matching(request)
        except GatewayError as error:
            await self._later(request, error.code, error.facts, final=isinstance(error, Declined))
        except TimeoutError:
            await self._later(request, "timeout")
        except Exception:
            # One that cannot be looked up must not keep the others.
            log.exception("sign_in_failed")
            await self._later(request, "unforeseen")
        else:
            await self._answer(request, order)

    async def _matching(self, request: LinkRequest) -> Order | None:
        async for found in search(self._orders, request.typed):
            if (email := found.order.customer.email) and same_mailbox(email, request.email):
                return found.order
        return None

    async def _later(
        self, request: LinkRequest, code: str, facts: Mapping[str, Any] = MappingProxyType({}), *, final: bool = False
    ) -> None:
        now = datetime.now(UTC)
        if final or now - request.at > _LOOKED_UP_FOR:
            log.error("sign_in_dropped", code=code, **facts)
            await self._answer(request, None)
            return
        log.warning("sign_in_delayed", code=code, **facts)
        wait = doubled(_FIRST_WAIT, _LONGEST_WAIT, request.attempts)
        await link_requests.later(self._database, request, now + wait)

    async def _answer(self, request: LinkRequest, order: Order | None) -> None:
        """Drop the request, with a mail where an order fits, in one transaction: asked once, mailed once."""
        mail = await self._mail(request, order) if order else None

        def settle(connection: Connection) -> None:
            if link_requests.drop(connection, request) and mail and order and _is_allowed(connection, request, order):
                put(connection, mail)

        await self._database.write(settle)

    async def _mail(self, request: LinkRequest, order: Order) -> OutboxMail:
        link = await sign_in_link(self._database, self._front_door, order.order_id)
        values = {
            "name": order.customer.name,
            "order_id": order.order_id,
            "link": link,
            "hours": SIGN_IN_HOURS,
            "shop_name": self._shop().name,
        }
        to = Recipient(order.customer.mailbox, order.customer.name)
        # Each in a row of its own: one that cannot be delivered holds no other up.
        name = f"sign-in-{request.request_id}"
        return compose("sign_in", values, to, record=name, key=name, at=datetime.now(UTC))


def _is_allowed(connection: Connection, request: LinkRequest, order: Order) -> bool:
    """Count what is really mailed: who does not know the order uses up nothing that its customer needs."""
    now, mailbox = datetime.now(UTC), untagged(order.customer.mailbox)
    source, wanted = (_wide(request.network), mailbox), (mailbox, order.order_id)
    is_first = count(connection, _FIRST, source, now) is None
    allowed = count(connection, FOR_ONE_NETWORK, source, now) is None
    if allowed and count(connection, FOR_ONE_ORDER, wanted, now):
        allowed = is_first and count(connection, RESERVE, wanted, now) is None
    if not allowed:
        log.info("sign_in_limited")
    return allowed


def _wide(network: str) -> str:
    """The /48 of an IPv6 network; any other as it is."""
    with suppress(ValueError):
        return str(IPv6Network(network).supernet(new_prefix=_PREFIX))
    return network
