"""Orders of the shop's own service, over HTTP.

One call: ``GET {url}/orders/{order_id}`` with ``Authorization: Bearer {key}`` answers the order of
CONTRACT section 4 as JSON, or 404. A line may have ``exchanges``, what its units can be exchanged for.
The ``order_id`` of the answer is the order's id: what was asked for may be spelt otherwise.
"""

from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote

import httpx

from gateways import retry_after
from gateways.errors import Busy, Declined, Unavailable
from gateways.orders.protocol import FoundOrder, read_order
from lifecycle.errors import InvalidRequest

#: Seconds; a visitor waits for it.
_TIMEOUT: Final = 5.0
#: Bytes of an answer; an order of 500 lines takes a tenth of this.
_LARGEST: Final = 2_000_000


class HttpOrders:
    """The shop's order service."""

    def __init__(self, url: str, key: str | None, timeout: float = _TIMEOUT) -> None:
        headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {})
        self._client = httpx.AsyncClient(headers=headers, timeout=timeout, follow_redirects=False)
        self._url = url

    async def find(self, order_id: str) -> FoundOrder | None:
        """See the protocol."""
        if order_id in (".", ".."):  # would be another address
            return None
        try:
            answer = await self._client.get(f"{self._url}/orders/{quote(order_id, safe='')}")
        except httpx.HTTPError as error:
            raise Unavailable(f"the order service does not answer ({type(error).__name__})", "orders") from None
        if answer.status_code == 404:
            return None
        _check(answer)
        return _found(answer)

    async def close(self) -> None:
        """See the protocol."""
        await self._client.aclose()


def _check(answer: httpx.Response) -> None:
    status = answer.status_code
    if status == 429:
        wait = retry_after.parse(answer.headers.get("Retry-After"))
        raise Busy("the order service is busy", "orders_busy", wait)
    if status >= 500:
        raise Unavailable(f"the order service answered {status}", "orders")
    if status != 200:
        raise Declined(f"the order service answered {status}", "orders_refused")


def _found(answer: httpx.Response) -> FoundOrder:
    """Check what came; what is wrong is told by field, never by value, which may be personal."""
    try:
        return read_order(_json(answer), datetime.now(UTC))
    except InvalidRequest as error:
        raise Declined(f"the order service's order is not right: {error}", "orders_misshaped") from None


def _json(answer: httpx.Response) -> Any:
    if len(answer.content) > _LARGEST:
        raise Declined("the order service's answer is too large", "orders_misshaped")
    try:
        return answer.json()
    except (ValueError, RecursionError):
        raise Declined("the order service's answer is not JSON", "orders_misshaped") from None
