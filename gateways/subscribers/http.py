"""Events over HTTP: CloudEvents 1.0 as JSON, signed by Standard Webhooks."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import httpx
from standardwebhooks import Webhook

from gateways import retry_after
from gateways.database.messages.events import Event
from gateways.database.messages.subscriptions import Subscription
from gateways.errors import Busy, Unavailable
from gateways.subscribers.envelope import MEDIA_TYPE, cloud_event
from gateways.subscribers.protocol import Gone, subscriber_id

#: Seconds for one event, from connecting to the end of the answer.
TIMEOUT: Final = 10.0
#: Bytes of an answer that are read, so that its connection can serve the next event. Nobody looks at them.
_READ: Final = 65_536


async def _nobody() -> Sequence[Subscription]:
    return ()


class HttpEventSender:
    """Posts each event to its subscriber's URL; a URL that is named twice is signed for with both secrets."""

    def __init__(
        self,
        subscribers: Iterable[tuple[str, str]],
        address: str,
        made: Callable[[], Awaitable[Sequence[Subscription]]] = _nobody,
    ) -> None:
        """``subscribers`` are URLs with their secrets; ``made`` gives those of the API besides.

        ``address`` is where the outside reaches our schemas.
        """
        self._address, self._made = address, made
        self._urls: dict[str, str] = {}
        self._secrets: defaultdict[str, list[str]] = defaultdict(list)
        for url, secret in subscribers:
            self._urls[subscriber_id(url)] = url
            self._secrets[subscriber_id(url)].append(secret)
        self._subscriptions: dict[str, Subscription] = {}
        self._client = client()

    @property
    def subscribers(self) -> Collection[str]:
        """See the protocol."""
        return [*self._urls, *(name for name, one in self._subscriptions.items() if one.url)]

    @property
    def anybody(self) -> bool:
        """See the protocol."""
        return bool(self._urls or self._subscriptions)

    async def refresh(self) -> None:
        """See the protocol."""
        self._subscriptions = {one.subscription_id: one for one in await self._made()}

    async def deliver(self, subscriber: str, event: Event) -> None:
        """See the protocol."""
        told, now = cloud_event(event, self._address), datetime.now(UTC)
        if subscriber in self._urls:
            await post(self._client, self._urls[subscriber], self._secrets[subscriber], told)
            return
        one = self._subscriptions.get(subscriber)  # removed meanwhile, it wants nothing
        if one and one.url and (not one.types or told["type"] in one.types):
            await post(self._client, one.url, one.secrets(now), told)

    async def close(self) -> None:
        """See the protocol."""
        await self._client.aclose()


def client() -> httpx.AsyncClient:
    """Connections to subscribers. A redirect is not followed: it is an answer like any other that is no success."""
    return httpx.AsyncClient(
        timeout=TIMEOUT,
        follow_redirects=False,
        headers={"User-Agent": "Homeward", "Content-Type": MEDIA_TYPE},
        # How many there are at once is decided for each subscriber, by whoever brings the events.
        limits=httpx.Limits(max_connections=None, max_keepalive_connections=None),
    )


async def post(through: httpx.AsyncClient, url: str, secrets: Sequence[str], told: dict[str, Any]) -> None:
    """Send one event, signed with each secret. Raises ``Gone``, ``Busy``, ``Unavailable``."""
    body = json.dumps(told, separators=(",", ":"), ensure_ascii=False)
    headers = signed(secrets, told["id"], body, datetime.now(UTC))
    try:
        async with (
            asyncio.timeout(TIMEOUT),
            through.stream("POST", url, content=body.encode(), headers=headers) as answer,
        ):
            _check(answer)
            await _empty(answer)
    except TimeoutError:
        raise Unavailable(f"no answer within {TIMEOUT:g} s", "timeout") from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Unavailable(f"cannot be reached ({type(error).__name__})", "unreachable") from None


def signed(secrets: Sequence[str], message_id: str, body: str, now: datetime) -> dict[str, str]:
    """The headers of Standard Webhooks."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(Webhook(secret).sign(message_id, now, body) for secret in secrets),
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
