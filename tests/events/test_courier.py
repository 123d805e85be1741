"""An event on its way to a subscriber: what it looks like there, and what follows from every kind of answer."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from gateways.database.messages.events import Event
from gateways.errors import Busy, Unavailable
from gateways.subscribers import http
from gateways.subscribers.http import HttpEventSender
from gateways.subscribers.protocol import Gone, subscriber_id
from tests.events.receiver import SECRET, Receiver, receiving

NEWER = "whsec_OjDT2EP7HwzfTlCAEMbXi9tVHOfkZF6WOjDT2EP7Hwzf"
ENTRY = {"at": "2026-11-24T15:00:00Z", "event": "received", "by": "warehouse"}
EVENT = Event(
    "R.1", 4, datetime(2026, 11, 24, 15, tzinfo=UTC), {"number": 4, "entry": ENTRY, "summary": {"return_id": "R.1"}}
)


@pytest.fixture
async def shop() -> AsyncIterator[Receiver]:
    async with receiving() as listening:
        yield listening


async def bring(receiver: Receiver, *secrets: str, times: int = 1) -> None:
    courier = HttpEventSender(((receiver.url, secret) for secret in secrets or (SECRET,)), "https://shop.example/")
    try:
        for _ in range(times):
            await courier.deliver(subscriber_id(receiver.url), EVENT)
    finally:
        await courier.close()


async def test_it_is_a_cloud_event_that_is_signed(shop: Receiver) -> None:
    await bring(shop)
    [event], [headers] = shop.taken, shop.headers
    assert event == {
        "specversion": "1.0",
        "id": "R~1:4",
        "source": "/homeward/returns",
        "type": "homeward.return.received",
        "subject": "R.1",
        "time": "2026-11-24T15:00:00Z",
        "datacontenttype": "application/json",
        "dataschema": "https://shop.example/schemas/homeward.return.received.json",
        "data": {"number": 4, "entry": ENTRY, "summary": {"return_id": "R.1"}},
    }
    assert headers["content-type"] == "application/cloudevents+json"
    assert headers["webhook-id"] == "R~1:4"


async def test_repeats_have_the_same_id_and_one_connection(shop: Receiver) -> None:
    await bring(shop, times=3)
    assert [event["id"] for event in shop.taken] == ["R~1:4"] * 3
    assert shop.connections == 1


@pytest.mark.parametrize("secret", [SECRET, NEWER])
async def test_a_url_named_twice_is_signed_for_with_both_secrets(shop: Receiver, secret: str) -> None:
    shop.secret = secret
    await bring(shop, SECRET, NEWER)
    assert len(shop.taken) == 1


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 404, 422, 500, 503])
async def test_whatever_is_no_success_is_tried_again_and_redirects_are_not_followed(
    shop: Receiver, status: int
) -> None:
    shop.answer = lambda _: (status, {"Location": f"{shop.url}/elsewhere"})
    with pytest.raises(Unavailable, match=f"^answered {status}$"):
        await bring(shop)
    assert len(shop.calls) == 1


@pytest.mark.parametrize(("status", "said"), [(429, "7"), (503, "0")])
async def test_retry_after_is_heeded(shop: Receiver, status: int, said: str) -> None:
    shop.answer = lambda _: (status, {"Retry-After": said})
    with pytest.raises(Busy) as busy:
        await bring(shop)
    assert busy.value.retry_after == timedelta(seconds=int(said))


async def test_gone_is_gone(shop: Receiver) -> None:
    shop.answer = lambda _: (410, {"Retry-After": "7"})
    with pytest.raises(Gone):
        await bring(shop)


async def test_nobody_waits_for_one_that_does_not_answer(shop: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "TIMEOUT", 0.2)
    shop.slow = 5
    began = time.monotonic()
    with pytest.raises(Unavailable, match="no answer within"):
        await bring(shop)
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("endless", [b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nX: "], ids=["body", "head"])
async def test_an_answer_without_end_is_bounded(endless: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "TIMEOUT", 0.5)

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(endless)
        try:
            while True:
                writer.write(b"x" * 1000)
                await writer.drain()
                await asyncio.sleep(0.001)
        except ConnectionError:
            writer.close()

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    try:
        began = time.monotonic()
        with suppress(Unavailable):
            await bring(Receiver(url))
        assert time.monotonic() - began < 2
    finally:
        server.close()


async def test_one_that_is_not_there_is_tried_again() -> None:
    for url in ("http://127.0.0.1:1/", "http://[::1"):
        with pytest.raises(Unavailable, match="cannot be reached"):
            await bring(Receiver(url))


def test_a_subscribers_name_gives_nothing_away_of_its_url() -> None:
    name = subscriber_id("https://shop.example/hooks?token=abc")
    assert len(name) == 32
    assert name == subscriber_id("https://shop.example/hooks?token=abc") != subscriber_id("https://shop.example/hooks")
