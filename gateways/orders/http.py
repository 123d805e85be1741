"""Orders of the shop's own service, over HTTP.

One call: ``GET {url}/orders/{order_id}`` with ``Authorization: Bearer {key}`` answers the order of
CONTRACT section 4 as JSON, or 404. A line may have ``exchanges``, what its units can be exchanged for.
The ``order_id`` of the answer is the order's id: what was asked for may be spelt otherwise.
"""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote

import httpx

from gateways import retry_after
from gateways.bounded import PLAIN, Unreadable, content_of
from gateways.errors import Busy, Unavailable
from gateways.orders.protocol import FoundOrder, OrderRefused, read_order
from lifecycle.contract.errors import InvalidRequest
from lifecycle.shared.json_keys import once

#: Seconds for all of an answer, however it comes; a visitor waits for it.
_TIMEOUT: Final = 5.0
_MISSHAPED: Final = "orders_misshaped"
#: Bytes of an answer; an order of 500 lines takes a tenth of this.
_LARGEST: Final = 2_000_000


class HttpOrders:
    """The shop's order service."""

    def __init__(self, url: str, key: str | None, timeout: float = _TIMEOUT) -> None:
        headers = {"Accept": "application/json"} | PLAIN | ({"Authorization": f"Bearer {key}"} if key else {})
        self._client = httpx.AsyncClient(headers=headers, timeout=None, follow_redirects=False)  # noqa: S113  all of it is timed
        self._url = url
        self._within = timeout

    async def find(self, order_id: str) -> FoundOrder | None:
        """See the protocol."""
        came = await self.ask(order_id)
        try:
            return None if came is None else read_order(came, datetime.now(UTC))
        except InvalidRequest as error:
            raise OrderRefused("the order service's order is not right", _MISSHAPED, order_id, error) from None

    async def ask(self, order_id: str) -> Any | None:
        """See the protocol."""
        if order_id in (".", ".."):  # would be another address
            return None
        try:
            async with asyncio.timeout(self._within):
                return await self._ask(order_id, f"{self._url}/orders/{quote(order_id, safe='')}")
        except TimeoutError:
            raise Unavailable(f"the order service did not answer within {self._within:g} s", "orders") from None
        except httpx.HTTPError as error:
            raise Unavailable(f"the order service does not answer ({type(error).__name__})", "orders") from None

    async def _ask(self, order_id: str, address: str) -> Any | None:
        async with self._client.stream("GET", address) as answer:
            if answer.status_code == 404:
                return None
            _check(answer, order_id)
            try:
                return _json(await content_of(answer, _LARGEST))
            except Unreadable as error:
                raise OrderRefused(f"the order service's answer {error}", _MISSHAPED, order_id) from None
            except (ValueError, RecursionError):
                raise OrderRefused("the order service's answer is not JSON", _MISSHAPED, order_id) from None

    async def close(self) -> None:
        """See the protocol."""
        await self._client.aclose()


def _check(answer: httpx.Response, order_id: str) -> None:
    status = answer.status_code
    if status == 429:
        wait = retry_after.parse(answer.headers.get("Retry-After"))
        raise Busy("the order service is busy", "orders_busy", wait)
    if status >= 500:
        raise Unavailable(f"the order service answered {status}", "orders")
    if status != 200:
        raise OrderRefused(f"the order service answered {status}", "orders_refused", order_id)


def _json(content: bytes) -> Any:
    found = json.loads(content, object_pairs_hook=once)
    if not isinstance(found, dict):  # null would be no order
        raise ValueError("no object")  # noqa: TRY004 - of JSON, not of a caller
    return found
