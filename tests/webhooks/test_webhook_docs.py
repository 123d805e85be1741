"""The page's examples for the warehouse do what it says, typed as they stand there."""

import asyncio
import os
import re
import shutil
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from lifecycle.contract.statuses import Status
from starter.shared.services import Services
from starter.web.server import WebServer
from tests.webhooks.partners import SECRETS
from tests.workflows.returns.play import Play

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "webhooks.md").read_text()
PYTHON = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
SHELL = [block for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) if "curl" in block]
PROGRAMS = ("bash", "curl", "openssl", "od")


@pytest.fixture(scope="module")
async def address(services: Services) -> AsyncIterator[str]:
    """The API on a port, as the examples call it."""
    web, stop = WebServer("127.0.0.1", 0), asyncio.Event()
    serving = asyncio.create_task(web.serve(services, stop))
    yield web.url
    stop.set()
    await serving
    web.close()


async def typed(command: list[str], script: str, address: str) -> list[str]:
    """Run an example; the lines it prints."""
    environment = os.environ | {"RETURNS_API": address, "HOMEWARD_WAREHOUSE_WEBHOOK_SECRET": SECRETS["warehouse"]}
    process = await asyncio.create_subprocess_exec(
        *command, script, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    return out.decode().splitlines()


async def test_the_python_example_brings_a_return_home(play: Callable[..., Play], address: str) -> None:
    story = play()
    await story.start()
    [example] = PYTHON
    said = await typed([sys.executable, "-c"], example.replace("R-1001", story.return_id), address)
    assert said == ['200 {"state":"passed","why":null}'] * 2
    assert f"`{said[0]}`" in PAGE
    await story.until(Status.REFUNDED)


@pytest.mark.skipif(any(shutil.which(name) is None for name in PROGRAMS), reason=f"needs {', '.join(PROGRAMS)}")
async def test_the_shell_example_receives_the_parcel(play: Callable[..., Play], address: str) -> None:
    story = play()
    await story.start()
    [example] = SHELL
    said = await typed(["bash", "-euc"], example.replace("R-1001", story.return_id), address)
    assert said == ['{"state":"passed","why":null}']
    assert (await story.view()).status is Status.RECEIVED


def test_every_answer_is_reported() -> None:
    from starter.shared.inbox import _GRAVITY

    told = re.findall(r"^\| 20[02] \| `(\w+)` \|", PAGE, re.MULTILINE)
    assert sorted(told) == sorted(_GRAVITY)
