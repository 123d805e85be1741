"""The way to Stripe: each call is bounded in time and size, which the SDK's own clients are not."""

import asyncio
import ssl
from collections.abc import Mapping
from typing import Any, Final

import httpx
import stripe

from gateways.bounded import PLAIN, Unreadable, content_of

#: Bytes of an answer; a hundred payments with their charges take a tenth of this.
_LARGEST: Final = 5_000_000


class StripeHttp(stripe.HTTPClient):
    """Asynchronous calls alone; see the SDK."""

    name = "httpx"

    def __init__(self, timeout: float) -> None:
        """``timeout``: seconds for all of one call, however its answer comes."""
        super().__init__()
        trusted = ssl.create_default_context(cafile=stripe.ca_bundle_path)
        # As many connections as there are calls: how many steps run at once is a setting of the workers.
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=20)
        self._client = httpx.AsyncClient(verify=trusted, headers=PLAIN, timeout=None, limits=limits)  # noqa: S113  all of it is timed
        self._within = timeout

    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """See the SDK."""
        try:
            async with (
                asyncio.timeout(self._within),
                self._client.stream(method, url, headers=headers, content=post_data) as answer,
            ):
                return await content_of(answer, _LARGEST), answer.status_code, answer.headers
        except (httpx.HTTPError, TimeoutError, Unreadable) as error:
            why = f"Stripe does not answer ({type(error).__name__})"
            raise stripe.APIConnectionError(why) from error  # type: ignore[no-untyped-call]

    async def close_async(self) -> None:
        """See the SDK."""
        await self._client.aclose()
