"""Sends calls, again where that is safe, asynchronously."""

import asyncio
from types import TracebackType
from typing import Any, ClassVar, Self

import httpx

from homeward_client._trying import ONE_TRY, PATIENCE, Tries, headers_of, new_key, request_of


class AsyncCaller:
    """What all calls are made through."""

    dated: ClassVar[str | None] = None

    def __init__(
        self,
        url: str,
        key: str | None = None,
        *,
        patience: float = PATIENCE,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """``url`` is where the API is served, ``patience`` how many seconds a call is tried for.

        ``transport`` is httpx's, for certificates or a proxy of your own.
        """
        self._http = httpx.AsyncClient(
            base_url=url, headers=headers_of(key, self.dated), timeout=ONE_TRY, transport=transport
        )
        self._patience = patience

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def send(
        self,
        method: str,
        path: str,
        *,
        query: dict[str, Any] | None = None,
        body: Any = None,
        key: str | None = None,
        repeatable: bool = True,
    ) -> httpx.Response:
        """Call, and again while that is safe and there is time; raises a ``HomewardError`` for all but success.

        A call that changes something has an idempotency key: yours, or one made up for it and its repeats.
        """
        key = key or (new_key() if repeatable and method == "POST" else None)
        request = request_of(self._http, method, path, query, body, key)
        tries = Tries(self._patience, repeatable=repeatable)
        while True:
            outcome: httpx.Response | httpx.TransportError
            try:
                outcome = await self._http.send(request)
            except httpx.TransportError as error:
                outcome = error
            else:
                if outcome.is_success:
                    return outcome
            await asyncio.sleep(tries.wait_after(outcome))
