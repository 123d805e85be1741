"""Whoever asks in somebody's name locks nobody out, floods nobody, and learns nothing."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select

from client.errors import NotAllowed
from gateways.database.engine import Database
from gateways.database.messages.outbox import latest_mails
from gateways.database.tables.messages import link_requests
from lifecycle.contract.messages import Cancel, ChangeRequest
from lifecycle.contract.statuses import Status
from starter.demo.story import Stage
from starter.local.up import Ready
from starter.shared.services import services_of
from tests.api.conftest import calling, settings_of
from tests.portal.visits import Caller, CountedOrders, hidden, keep_order, mail_to, somewhere, visitor

#: Out of its time for returns: a repair is what there is.
_OLD_RADIO: dict[str, Any] = {
    "line_id": "1", "sku": "RADIO", "title": "Kitchen radio", "quantity": 1, "unit_price": 6000,
    "warranty_until": "2099-09-01",
}  # fmt: skip


async def ask(ready: Ready, order: str, email: str, times: int = 1, address: str | None = None) -> None:
    """Ask for a link, from a network of its own unless told; the answer is always the same."""
    async with visitor(ready, address) as caller:
        for _ in range(times):
            answer = await caller.post("/", order=order, email=email)
            assert (answer.status_code, answer.headers.get("location")) == (303, "/link-sent")


async def until_looked_up(stage: Stage) -> None:
    """Wait until nobody's link is waited for."""
    count = select(func.count()).select_from(link_requests)
    for _ in range(300):
        if not await stage.db.read(lambda connection: connection.execute(count).scalar_one()):
            return
        await asyncio.sleep(0.1)
    raise TimeoutError("links are waited for")


async def mailed(stage: Stage, address: str) -> int:
    """How many links have been mailed."""
    await until_looked_up(stage)
    return len(await latest_mails(stage.db, address, 100))


@pytest.mark.parametrize("elsewhere", [True, False])
async def test_strangers_who_ask_in_a_customers_name_do_not_lock_them_out(
    ready: Ready, stage: Stage, elsewhere: bool
) -> None:
    email = f"victim-{elsewhere}@example.com"
    home = somewhere()
    order = await keep_order(stage, email=email)
    await ask(ready, "SO-nobody-knows", email, times=8, address=somewhere() if elsewhere else home)
    await ask(ready, order.order_id, email, address=home)
    assert order.order_id in (await mail_to(stage, email))["subject"]


@pytest.mark.long
async def test_each_network_gets_five_links_an_hour_and_each_order_ten_and_the_first_of_others(
    ready: Ready, stage: Stage
) -> None:
    order = await keep_order(stage, email="flooded@example.com")
    await ask(ready, order.order_id, "flooded@example.com", times=7)
    assert await mailed(stage, "flooded@example.com") == 5
    await ask(ready, f"#{order.order_id}", "Flooded@Example.com", times=4)
    assert await mailed(stage, "flooded@example.com") == 9
    await ask(ready, order.order_id, "flooded@example.com", times=3)
    assert await mailed(stage, "flooded@example.com") == 10
    await ask(ready, order.order_id, "flooded@example.com", times=3)
    assert await mailed(stage, "flooded@example.com") == 11, "the customer's own network gets its first"
    await asyncio.gather(*(ask(ready, order.order_id, "flooded@example.com") for _ in range(45)))
    assert await mailed(stage, "flooded@example.com") == 10 + 40


async def test_whoever_has_an_order_of_their_own_for_a_tagged_address_locks_nobody_out(
    ready: Ready, stage: Stage
) -> None:
    theirs = await keep_order(stage, email="vic+shop@example.com")
    order = await keep_order(stage, email="vic@example.com")
    for _ in range(6):
        await ask(ready, theirs.order_id, "vic+shop@example.com", times=5)
    await asyncio.gather(*(ask(ready, theirs.order_id, "vic+shop@example.com") for _ in range(40)))
    await until_looked_up(stage)
    await ask(ready, order.order_id, "vic@example.com")
    assert order.order_id in (await mail_to(stage, "vic@example.com"))["subject"]


async def test_all_addresses_of_one_ipv6_network_are_one_visitor(ready: Ready, stage: Stage) -> None:
    order = await keep_order(stage, email="six@example.com")
    for number in range(4):
        await ask(ready, order.order_id, "six@example.com", address=f"2001:db8:0:1:{number}::1")
    for number in range(4):
        await ask(ready, order.order_id, "six@example.com", address=f"2001:db8:0:{number + 2}::1")
    assert await mailed(stage, "six@example.com") == 5
    await ask(ready, order.order_id, "six@example.com", address="2001:db8:1:2::1")
    assert await mailed(stage, "six@example.com") == 6


async def test_tags_make_no_other_mailbox_of_an_address(ready: Ready, stage: Stage) -> None:
    home = somewhere()
    for number in range(7):
        order = await keep_order(stage, email=f"tagged+{number}@example.com")
        await ask(ready, order.order_id, f"Tagged+{number}@example.com", address=home)
    found = [await mailed(stage, f"tagged+{number}@example.com") for number in range(7)]
    assert sum(found) == 5


@pytest.fixture
async def database(ready: Ready) -> AsyncIterator[Database]:
    """Another process's way to the running server's database."""
    made = Database(ready.database)
    yield made
    await made.dispose()


async def test_whoever_answers_looks_no_order_up(stage: Stage, database: Database) -> None:
    order = await keep_order(stage, email="untimed@example.com")
    orders = CountedOrders(order)
    services = replace(services_of(settings_of(), stage.clock.client, database), orders=orders)
    async with Caller("") as caller, calling(services) as http:
        await caller.http.aclose()
        caller.http = http
        for number in (order.order_id, "SO-nobody-knows"):
            assert (await caller.post("/", order=number, email="untimed@example.com")).status_code == 303
    assert orders.times == 0
    assert order.order_id in (await mail_to(stage, "untimed@example.com"))["subject"], "a worker has looked"


async def test_a_return_changed_too_often_takes_no_more_of_it_and_still_listens_to_staff(
    ready: Ready, stage: Stage
) -> None:
    order = await keep_order(stage, lines=[_OLD_RADIO], placed_at="2026-01-01T10:00Z", delivered_at="2026-01-05T10:00Z")
    async with Caller(ready.api) as caller:
        await caller.sign_in(stage, order.order_id)
        return_id = await caller.begin(order.order_id, reason="defective", resolution="repair")
        form = await caller.text(f"/returns/{return_id}/change")
        declined = 0
        for number in range(30):
            wanted = {"method": "pickup" if number % 4 else "drop_off"} if number % 2 else {"resolution": "refund"}
            try:
                await stage.homeward.change_request(return_id, ChangeRequest.model_validate({"by": "c"} | wanted))
            except NotAllowed:  # it is too late for money, and that was an update as well
                declined += 1
        assert declined == 15
        fields = {name: hidden(form, name) for name in ("csrf", "request_id")}
        answer = await caller.http.post(f"/returns/{return_id}/change", data=fields | {"method": "mail"})
        assert (answer.status_code, "has been changed 30 times" in answer.text) == (409, True)
        over_http = await caller.http.post(f"/v1/returns/{return_id}/change", json={"by": "c", "method": "mail"})
        assert (over_http.status_code, over_http.json()["type"]) == (409, "/docs#not-allowed")
        assert "this return has been changed 30 times; ask the shop" in over_http.text
    assert (await stage.homeward.view(return_id)).handover.method == "pickup"
    assert (await stage.homeward.cancel(return_id, Cancel(by="staff"))).status is Status.CANCELLED


async def test_forms_about_returns_are_taken_at_a_hands_pace(ready: Ready, stage: Stage) -> None:
    order = await keep_order(stage)
    async with Caller(ready.api) as caller, Caller(ready.api) as other:
        await caller.sign_in(stage, order.order_id)
        return_id = await caller.begin(order.order_id)
        form, path = {"csrf": await caller.csrf(), "method": "mail"}, f"/returns/{return_id}/change"
        answers = [await caller.http.post(path, data=form) for _ in range(31)]
        assert [answer.status_code for answer in answers] == [303] * 30 + [429]
        assert 0 < int(answers[-1].headers["retry-after"]) <= 60
        assert (await caller.http.get(f"/returns/{return_id}")).status_code == 200
        await other.sign_in(stage, order.order_id)
        again = {"csrf": await other.csrf(), "method": "mail"}
        assert (await other.http.post(path, data=again)).status_code == 303
