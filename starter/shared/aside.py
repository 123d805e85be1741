"""Work that keeps the processor busy for long, beside the event loop: nobody else waits for it."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import Final, ParamSpec, TypeVar

P = ParamSpec("P")
Result = TypeVar("Result")

#: Units of an order that are looked through soon enough where they are asked for: nearly every order has fewer.
FEW: Final = 50
#: One piece of work at a time: Python runs no more at once, and each would only slow the event loop down.
_THREAD: Final = ThreadPoolExecutor(1, "aside")


async def aside(units: int, work: Callable[P, Result], *given: P.args, **named: P.kwargs) -> Result:
    """Do what takes the longer the more ``units`` an order has: few at once, many in their turn in a thread."""
    if units <= FEW:
        return work(*given, **named)
    run = partial(copy_context().run, work, *given, **named)
    return await asyncio.get_running_loop().run_in_executor(_THREAD, run)
