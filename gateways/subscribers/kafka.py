"""Kafka: a record for each event, in the topic of what it is about, keyed by its subject."""

import asyncio
from contextlib import suppress
from typing import Any, Final

from aiokafka.errors import KafkaError
from faststream.kafka import KafkaBroker

from gateways.subscribers.stream import HEADERS, Refused

_SCHEME: Final = "kafka://"


class KafkaStream:
    """One producer. Records of one subject are in one partition, and so in their order."""

    def __init__(self, url: str, broker: KafkaBroker | None = None) -> None:
        """``broker`` stands in for the one that the address leads to."""
        self._servers = url.removeprefix(_SCHEME).rstrip("/").split(",")
        self._connecting = asyncio.Lock()
        self._broker = broker

    async def publish(self, told: dict[str, Any], body: bytes) -> None:
        """See the protocol: all replicas in sync have it."""
        topic, key = told["type"].rpartition(".")[0], str(told["subject"]).encode()
        try:
            broker = await self._connected()
            await broker.publish(body, topic, key=key, headers=HEADERS | {"id": told["id"]})
        except (KafkaError, OSError) as error:
            raise Refused(type(error).__name__) from error

    async def _connected(self) -> KafkaBroker:
        async with self._connecting:
            if self._broker is None:
                broker = KafkaBroker(self._servers, acks="all", enable_idempotence=True, logger=None)
                try:
                    await broker.start()
                except BaseException:
                    await broker.stop()
                    raise
                self._broker = broker
            return self._broker

    async def close(self) -> None:
        """See the protocol."""
        broker, self._broker = self._broker, None
        if broker:
            with suppress(KafkaError, OSError):
                await broker.stop()
