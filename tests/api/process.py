"""`homeward api` as a process of its own, on the running engine."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starter.local.up import Ready

_COMMAND = (sys.executable, "-c", "from starter.cli.main import main; main()", "api")


@asynccontextmanager
async def api_process(ready: Ready, *options: str, **environment: str) -> AsyncIterator[str]:
    """Its address, for as long as the block lasts; ``environment`` is set besides where database and Temporal are."""
    where = {"HOMEWARD_API_PORT": "0", "HOMEWARD_DATABASE_URL": ready.database, "TEMPORAL_ADDRESS": ready.temporal}
    process = await asyncio.create_subprocess_exec(
        *_COMMAND, *options, stderr=asyncio.subprocess.PIPE, env={**os.environ, **where, **environment}
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
