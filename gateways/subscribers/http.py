"""Events over HTTP: CloudEvents 1.0 as JSON, signed by Standard Webhooks."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from typing import Final

import httpx
from standardwebhooks import Webhook

from gateways import retry_after
from gateways.database.messages.events import Event
from gateways.errors import Busy, Unavailable
from gateways.subscribers.envelope import MEDIA_TYPE, cloud_event, event_id
from gateways.subscribers.protocol import Gone, subscriber_id

#: Seconds for one event, from connecting to the end of the answer.
TIMEOUT: Final = 10.0
#: Bytes of an answer that are read, so that its connection can serve the next event. Nobody looks at them.
_READ: Final = 65_536


class HttpEventSender:
    """Posts each event to its subscriber's URL; a URL that is named twice is signed for with both secrets."""

    def __init__(self, subscribers: Iterable[tuple[str, str]], address: str) -> None:
        """``subscribers`` are URLs with their secrets; ``address`` is where the outside reaches our schemas."""
        self._address = address
        self._urls: dict[str, str] = {}
        self._secrets: defaultdict[str, list[Webhook]] = defaultdict(list)
        for url, secret in subscribers:
            self._urls[subscriber_id(url)] = url
            self._secrets[subscriber_id(url)].append(Webhook(secret))
        self._client = httpx.AsyncClient(
            timeout=TIMEOUT,
            follow_redirects=False,
            headers={"User-Agent": "Homeward", "Content-Type": MEDIA_TYPE},
            # How many there are at once is decided for each subscriber, by whoever brings the events.
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=None),
        )

    @property
    def subscribers(self) -> Collection[str]:
        """See the protocol."""
        return self._urls.keys()

    async def deliver(self, subscriber: str, event: Event) -> None:
        """See the protocol. A redirect is not followed: it is an answer like any other that is no success."""
        body = json.dumps(cloud_event(event, self._address), separators=(",", ":"), ensure_ascii=False)
        headers = self._signed(subscriber, event_id(event), body, datetime.now(UTC))
        try:
            async with (
                asyncio.timeout(TIMEOUT),
                self._client.stream("POST", self._urls[subscriber], content=body.encode(), headers=headers) as answer,
            ):
                _check(answer)
                await _empty(answer)
        except TimeoutError:
            raise Unavailable(f"no answer within {TIMEOUT:g} s", "timeout") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unavailable(f"cannot be reached ({type(error).__name__})", "unreachable") from None

    async def close(self) -> None:
        """See the protocol."""
        await self._client.aclose()

    def _signed(self, subscriber: str, message_id: str, body: str, now: datetime) -> dict[str, str]:
        signatures = [secret.sign(message_id, now, body) for secret in self._secrets[subscriber]]
        return {
            "webhook-id": message_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(signatures),
        }


def _check(answer: httpx.Response) -> None:
    status = answer.status_code
    if status == httpx.codes.GONE:
        raise Gone("answered 410, it wants no more", "gone")
    if not answer.is_success:
        wait = retry_after.parse(answer.headers.get("Retry-After"))
        if wait is not None:
            raise Busy(f"answered {status}", f"answered_{status}", wait)
        raise Unavailable(f"answered {status}", f"answered_{status}")


async def _empty(answer: httpx.Response) -> None:
    """Read a short answer to its end; a long one costs the connection."""
    read = 0
    async for part in answer.aiter_raw():
        read += len(part)
        if read > _READ:
            return
