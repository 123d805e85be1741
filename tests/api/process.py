"""`homeward api` as a process of its own, on the running engine."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starter.local.up import Ready

_COMMAND = (sys.executable, "-c", "from starter.cli.main import main; main()")


@asynccontextmanager
async def api_process(ready: Ready, *options: str, **environment: str) -> AsyncIterator[str]:
    """Its address, for as long as the block lasts; ``environment`` is set besides where database and Temporal are."""
    where = {"HOMEWARD_API_PORT": "0", "HOMEWARD_DATABASE_URL": ready.database, "TEMPORAL_ADDRESS": ready.temporal}
    async with serving("api", *options, **where, **environment) as address:
        yield address


@asynccontextmanager
async def serving(*words: str, **environment: str) -> AsyncIterator[str]:
    """The address that a command logs, for as long as it runs."""
    process = await asyncio.create_subprocess_exec(
        *_COMMAND, *words, stderr=asyncio.subprocess.PIPE, env={**os.environ, **environment}
    )
    assert process.stderr is not None
    reading = None
    try:
        address, said = "", list[str]()
        while not address:
            line = (await process.stderr.readline()).decode()
            said.append(line)
            assert line, "".join(said)
            address = json.loads(line).get("server", "") if line.startswith("{") else ""
        reading = asyncio.create_task(process.stderr.read())  # a full pipe would stop it
        yield address
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.wait()
        if reading is not None:
            await reading
