"""What a peer's process says and hears; runs outside Homeward's environment.

A line of JSON, the request, asks for one lifecycle. It is answered by a line: the return's id, then the seconds that
the caller waited for the decision and for the answer to each event. A failure ends the process.
"""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from typing import Any

Request = dict[str, Any]


async def serve(live: Callable[[Request], Awaitable[list[float]]]) -> None:
    """Live as many lifecycles as are asked for, until there is nobody left who could ask."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    print("ready", flush=True)

    async def one(request: Request) -> None:
        print(json.dumps([request["return_id"], *await live(request)]), flush=True)

    async with asyncio.TaskGroup() as lives:
        async for line in reader:
            lives.create_task(one(json.loads(line)))
