"""How many starts are under way at once: more than the workers get through would only make each other too late."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

from starlette.exceptions import HTTPException

#: In one process. Far from Temporal, with an answer in 150 ms, that is a hundred a second.
_AT_ONCE: Final = 16
_TURN_WITHIN: Final = timedelta(seconds=0.8)
#: Seconds after which trying again makes sense.
_RETRY_AFTER: Final = 1


class Admission:
    """Lets some in at once; the others wait for their turn, a moment each, in the order in which they came."""

    def __init__(self, at_once: int = _AT_ONCE, turn_within: timedelta = _TURN_WITHIN) -> None:
        self._free = asyncio.Semaphore(at_once)
        self._turn_within = turn_within

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[timedelta]:
        """Wait for a turn, and give how long that took; 429 with ``Retry-After`` where it does not come soon."""
        began = time.monotonic()
        try:
            async with asyncio.timeout(self._turn_within.total_seconds()):
                await self._free.acquire()
        except TimeoutError:
            raise HTTPException(429, headers={"Retry-After": str(_RETRY_AFTER)}) from None
        try:
            yield timedelta(seconds=time.monotonic() - began)
        finally:
            self._free.release()
