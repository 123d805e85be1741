"""Orders are looked up for sign-in links by workers: each request comes to one mail, or to none."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import structlog

from activities.relays.sign_in_links import SignInActivities
from gateways.database.engine import Database
from gateways.database.messages import link_requests
from gateways.database.messages.link_requests import LinkRequest
from gateways.database.messages.outbox import latest_mails
from gateways.errors import Unavailable
from gateways.orders.http import HttpOrders
from gateways.orders.protocol import FoundOrder, Orders
from lifecycle.contract.policy import Policy
from tests.gateways.orders.order_service import OrderService
from tests.gateways.orders.order_service import order as order_of
from tests.workflows.returns.play import make_request

ORDER = make_request().order
EMAIL = ORDER.customer.mailbox


class Shop:
    """The shop's orders: one, which ``find`` answers as the test says."""

    def __init__(self, before: Callable[[], Coroutine[Any, Any, None]] | None = None) -> None:
        self.before = before

    async def find(self, order_id: str) -> FoundOrder | None:
        if self.before:
            await self.before()
        return FoundOrder(ORDER) if order_id == ORDER.order_id else None

    async def close(self) -> None: ...


def worker(database: Database, orders: Orders) -> SignInActivities:
    return SignInActivities(database, orders, lambda: Policy().shop, "https://shop.example")


async def asked(database: Database, typed: str = ORDER.order_id, email: str = EMAIL, **changes: Any) -> LinkRequest:
    """Somebody has asked for a link."""
    now = datetime.now(UTC)
    request = replace(LinkRequest(f"{typed} {email}", typed, email, "192.0.2.1", now, now), **changes)
    await database.write(lambda connection: link_requests.keep(connection, request))
    return request


async def subjects(database: Database) -> list[str]:
    return [mail["subject"] for mail in await latest_mails(database, None, 100)]


async def waiting(database: Database) -> list[LinkRequest]:
    return await link_requests.next_due(database, datetime.now(UTC) + timedelta(days=1), 100)


async def test_who_knows_the_address_is_mailed_and_nobody_else(database: Database) -> None:
    await asked(database, email=EMAIL.upper())
    await asked(database, email="else@example.com")
    await asked(database, "SO-nobody-knows")
    await asked(database, "SO-later", due_at=datetime.now(UTC) + timedelta(hours=1))
    assert await worker(database, Shop()).look_up_due() == 3
    [mail] = await latest_mails(database, None, 100)
    assert (mail["to"], mail["template"]) == (EMAIL, "sign_in")
    assert "https://shop.example/sign-in?token=" in mail["text"]
    assert [request.typed for request in await waiting(database)] == ["SO-later"]


@pytest.fixture
async def service() -> AsyncIterator[OrderService]:
    """The shop's own."""
    made = OrderService()
    made.orders["WEB-99"] = order_of("WEB-99")
    with made.running():
        yield made


async def test_an_order_that_the_service_spells_otherwise_is_found(database: Database, service: OrderService) -> None:
    orders = HttpOrders(f"{service.url}/shop", "key-1")
    await asked(database, "#web-99", service.orders["WEB-99"]["customer"]["email"])
    await worker(database, orders).look_up_due()
    await orders.close()
    assert await subjects(database) == ["Your link to order WEB-99"]


async def test_two_workers_at_once_mail_one_link(database: Database, other: Database) -> None:
    both = asyncio.Barrier(2)

    async def meet() -> None:
        await both.wait()

    await asked(database)
    workers = [worker(process, Shop(meet)) for process in (database, other)]
    await asyncio.gather(*(one.look_up_due() for one in workers))
    assert len(await subjects(database)) == 1
    assert await waiting(database) == []


async def test_what_a_killed_worker_had_in_hand_is_done_by_the_next(database: Database) -> None:
    begun = asyncio.Event()

    async def hang() -> None:
        begun.set()
        await asyncio.Event().wait()

    await asked(database)
    killed = asyncio.create_task(worker(database, Shop(hang)).look_up_due())
    await begun.wait()
    killed.cancel()
    with pytest.raises(asyncio.CancelledError):
        await killed
    assert await subjects(database) == []
    await worker(database, Shop()).look_up_due()
    assert len(await subjects(database)) == 1


@pytest.mark.parametrize("error", [Unavailable("no answer", "orders"), TimeoutError(), ValueError("unforeseen")])
async def test_a_shop_that_does_not_answer_is_asked_again_for_an_hour(database: Database, error: Exception) -> None:
    async def fail() -> None:
        raise error

    now = datetime.now(UTC)
    await asked(database)
    await asked(database, "SO-old", at=now - timedelta(hours=1, seconds=1))
    failing = worker(database, Shop(fail))
    assert await failing.look_up_due() == 2
    [left] = await waiting(database)
    assert (left.typed, left.attempts) == (ORDER.order_id, 1)
    assert left.due_at > now
    await database.write(lambda connection: link_requests.drop(connection, left))
    await asked(database, attempts=1)
    await worker(database, Shop()).look_up_due()
    assert len(await subjects(database)) == 1


async def test_what_the_shop_refuses_is_not_asked_for_again_and_named_in_the_log(
    database: Database, service: OrderService, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    printed = structlog.wrap_logger(
        structlog.PrintLogger(), [structlog.processors.JSONRenderer()], structlog.BoundLogger
    )
    monkeypatch.setattr("activities.relays.sign_in_links.log", printed)
    orders = HttpOrders(f"{service.url}/shop", "key-1")
    service.orders["SO-77"] = order_of("SO-77", currency="secret")
    for typed in ("SO-77", "me@example.com 77", "#web-99"):
        service.says = b"nonsense" if "me" in typed else None
        await asked(database, typed, service.orders["WEB-99"]["customer"]["email"])
        await worker(database, orders).look_up_due()
    await orders.close()
    assert await waiting(database) == []
    assert await subjects(database) == ["Your link to order WEB-99"]
    misshaped, nonsense = [line for line in "".join(capsys.readouterr()).splitlines() if "sign_in_dropped" in line]
    assert all(word in misshaped for word in ("orders_misshaped", "SO-77", "currency"))
    assert "secret" not in misshaped
    assert "orders_misshaped" in nonsense
    assert "example" not in nonsense


async def test_one_network_has_no_more_than_twenty_look_ups_waiting(database: Database) -> None:
    for number in range(25):
        await asked(database, f"SO-{number}")
    await asked(database, network="192.0.2.9")
    networks = [request.network for request in await waiting(database)]
    assert (networks.count("192.0.2.1"), networks.count("192.0.2.9")) == (20, 1)
