"""How long a call waits in all, whatever it tries again meanwhile, and what its silence means."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

from temporalio.client import Client
from temporalio.service import RPCError

from client.errors import NoAnswer, OutOfReach, client_errors

#: How long Temporal may take to say that it is there.
_SOON: Final = timedelta(seconds=0.6)


@asynccontextmanager
async def within(client: Client, patience: timedelta) -> AsyncIterator[None]:
    """Give what is asked so much time, and raise Temporal's errors as ours.

    The SDK tries again for ten seconds by itself. Silence is ``OutOfReach`` when Temporal itself
    does not answer either, else ``NoAnswer``: its workers do not.
    """
    try:
        with client_errors():
            async with asyncio.timeout(patience.total_seconds()):
                yield
    except NoAnswer:
        if not await answers(client, _SOON):
            raise OutOfReach from None
        raise


async def answers(client: Client, within: timedelta) -> bool:
    """Whether Temporal itself answers."""
    try:
        async with asyncio.timeout(within.total_seconds()):
            return await client.service_client.check_health(timeout=within)
    except (RPCError, RuntimeError, TimeoutError):
        return False
