"""Events into NATS, on a real server that is killed on the way, and Kafka, up to the records that are handed over."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import pytest
from faststream.kafka import KafkaBroker, KafkaMessage, TestKafkaBroker
from nats.js.errors import NotFoundError, ServiceUnavailableError
from pydantic import ValidationError

from activities.relays.events import Deliveries
from gateways.database.engine import Database
from gateways.database.messages.lag import lags
from gateways.database.messages.replay import replay
from gateways.errors import Unavailable
from gateways.subscribers.envelope import MEDIA_TYPE
from gateways.subscribers.kafka import KafkaStream
from gateways.subscribers.nats import NatsStream
from gateways.subscribers.protocol import subscriber_id
from gateways.subscribers.stream import StreamSender
from starter.doctor.subscribers import urls_of_settings
from tests.events.nats_server import PROGRAM, nats_server
from tests.events.test_courier import EVENT
from tests.gateways.test_event_delivery import later, news, write
from workers.partner_table import event_sender_of
from workers.settings import Settings

FRONT_DOOR = "https://returns.shop.example"


async def test_kafka_is_handed_records_that_keep_each_subject_in_order() -> None:
    broker, taken = KafkaBroker(), list[KafkaMessage]()

    @broker.subscriber("homeward.return")
    async def take(body: Any, message: KafkaMessage) -> None:
        taken.append(message)

    async with TestKafkaBroker(broker) as known:
        sender = StreamSender("kafka://one:9092,two:9092", KafkaStream("kafka://one:9092,two:9092", known), FRONT_DOOR)
        await sender.deliver("", EVENT)
    [record] = taken
    assert not isinstance(record.raw_message, tuple)
    assert record.raw_message.key == b"R.1"
    assert (record.headers["content-type"], record.headers["id"]) == (MEDIA_TYPE, "R~1:4")
    told = json.loads(record.body)
    assert (told["specversion"], told["type"], told["subject"]) == ("1.0", "homeward.return.received", "R.1")
    assert told["data"] == EVENT.data


class StubBroker:
    """A connection to a server whose stream cannot be found, for ``error``, or only after a long time."""

    open: ClassVar[set["StubBroker"]] = set()
    error: ClassVar[Exception | None] = None

    def __init__(self, url: str, **_: Any) -> None:
        self.url = url

    async def connect(self) -> "StubBroker":
        self.open.add(self)
        return self

    async def stop(self) -> None:
        self.open.remove(self)

    def jetstream(self) -> "StubBroker":
        return self

    async def find_stream_name_by_subject(self, _: str) -> str:
        if self.error:
            raise self.error
        await asyncio.sleep(60)
        return ""

    async def add_stream(self, **_: Any) -> None:
        raise ServiceUnavailableError


@pytest.mark.parametrize("error", [ServiceUnavailableError(), NotFoundError(), None], ids=["finds", "makes", "waits"])
async def test_a_connection_to_nats_without_its_stream_is_closed_again(
    error: Exception | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateways.subscribers.nats.NatsBroker", StubBroker)
    monkeypatch.setattr("gateways.subscribers.stream.TIMEOUT", 0.05)
    monkeypatch.setattr(StubBroker, "error", error)
    url = "nats://nats.example:4222"
    sender = StreamSender(url, NatsStream(url), FRONT_DOOR)
    for _ in range(2):
        with pytest.raises(Unavailable):
            await sender.deliver("", EVENT)
    assert StubBroker.open == set()


# A producer that never reached its broker cannot be closed from outside.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("url", ["nats://127.0.0.1:9", "kafka://127.0.0.1:9"])
async def test_one_that_is_not_there_is_tried_again(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateways.subscribers.stream.TIMEOUT", 0.3)
    db = Database(f"sqlite:///{tmp_path / 'homeward.db'}")
    async with event_sender_of(Settings(events_url=url), db) as sender:
        with pytest.raises(Unavailable):
            await sender.deliver(subscriber_id(url), EVENT)
    await db.dispose()


def test_its_name_has_no_password() -> None:
    settings = Settings(events_url="nats://till:word@nats.example:4222")
    assert urls_of_settings(settings) == {subscriber_id("nats://nats.example:4222"): "nats://nats.example:4222"}
    assert "word" not in repr(settings)


@pytest.mark.parametrize(
    "url", ["http://nats.example", "nats://", "kafka://one", "kafka://one:9092,two", "amqp://one:5"]
)
def test_another_address_is_refused(url: str) -> None:
    with pytest.raises(ValidationError, match="expected nats://HOST:PORT, tls://HOST:PORT or kafka://"):
        Settings(events_url=url)


async def bring(under_way: Deliveries) -> None:
    """Until nothing is due."""
    while await under_way.advance():
        pass
    await under_way.end()


@pytest.mark.long
@pytest.mark.skipif(PROGRAM is None, reason="needs nats-server: `make nats` installs it")
async def test_nothing_is_lost_and_order_is_kept_while_the_server_is_killed(
    tmp_path: Path,
) -> None:
    db = Database(f"sqlite:///{tmp_path / 'homeward.db'}")
    await db.upgrade()
    async with nats_server(tmp_path / "streams") as server:
        settings = Settings(events_url=server.url)
        [name] = urls_of_settings(settings)
        async with event_sender_of(settings, db) as sender:
            under_way = Deliveries(db, sender)
            await write(db, *(news(f"R-{number}", 1, 2) for number in range(3)))
            await bring(under_way)
            await server.kill()
            await write(db, *(news(f"R-{number}", 3, 4) for number in range(3)))
            await bring(under_way)
            behind = (await lags(db, [name]))[name]
            assert (behind.waiting, behind.failing > 0, behind.error is None) == (6, True, False)
            await server.start()
            while (await lags(db, [name]))[name].waiting:
                await later(db)
                await bring(under_way)
            # Repeats of the last two minutes are dropped by their ids.
            assert await replay(db, [name], datetime(2000, 1, 1, tzinfo=UTC), datetime.now(UTC)) == 12
            await bring(under_way)
        in_order(await server.stored(12))
    await db.dispose()


def in_order(stored: list[tuple[str, dict[str, str], dict[str, Any]]]) -> None:
    for number in range(3):
        mine = [event for _, _, event in stored if event["subject"] == f"R-{number}"]
        assert [event["data"]["number"] for event in mine] == [1, 2, 3, 4]
    assert {subject for subject, _, _ in stored} == {"homeward.return.received"}
    assert all(headers["Nats-Msg-Id"] == event["id"] for _, headers, event in stored)
    assert {headers["content-type"] for _, headers, _ in stored} == {MEDIA_TYPE}
