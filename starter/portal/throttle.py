"""How often something may be asked for, within this process."""

import time
from typing import Final

from fastapi import HTTPException, Request
from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

#: Sign-in links from one network address, and to one mail address.
FROM_ONE_ADDRESS: Final = RateLimitItemPerMinute(60)
TO_ONE_MAILBOX: Final = RateLimitItemPerHour(5)


class Throttle:
    """Counts what was asked for."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    async def hit(self, limit: RateLimitItem, *who: str) -> None:
        """Count one; 429 with ``Retry-After`` when it is one too many."""
        if await self._limiter.hit(limit, *who):
            return
        window = await self._limiter.get_window_stats(limit, *who)
        wait = max(1, round(window.reset_time - time.time()))
        raise HTTPException(429, headers={"Retry-After": str(wait)})


def throttle_of(request: Request) -> Throttle:
    """The one of this process."""
    found: Throttle = request.app.state.throttle
    return found


def network_address(request: Request) -> str:
    """Where the visitor comes from, as far as the server knows."""
    return request.client.host if request.client else ""
