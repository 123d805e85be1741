"""What the pages of a large order cost, counted for each session: a few a second of an everyday order are free.

Counted within this process, whose processor they keep busy.
"""

import math
import time
from typing import Final

from fastapi import HTTPException, Request
from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter

from starter.portal.shared.session import session_of

#: A minute's worth for one session, in units of an order that are decided on.
A_MINUTE: Final = RateLimitItemPerMinute(100_000)
#: Showing a line costs as much as deciding on so many units.
LINE: Final = 10


def page_budget() -> FixedWindowRateLimiter:
    """What each session has asked for."""
    return FixedWindowRateLimiter(MemoryStorage())


async def spend(request: Request, *, lines: int = 0, units: int = 0) -> None:
    """Count what showing so many lines, and deciding on so many units, costs this visitor.

    429 with ``Retry-After``, and nothing counted, when it is too much for this minute.
    """
    spent: FixedWindowRateLimiter = request.app.state.page_budget
    session, cost = str(session_of(request).get("id", "")), lines * LINE + units
    if await spent.test(A_MINUTE, session, cost=cost):
        await spent.hit(A_MINUTE, session, cost=cost)
        return
    ends = (await spent.get_window_stats(A_MINUTE, session)).reset_time
    raise HTTPException(429, headers={"Retry-After": str(max(1, math.ceil(ends - time.time())))})
