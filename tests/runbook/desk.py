"""An operator with a page of the runbook open: its commands are taken from there, and run as they stand."""

import asyncio
import os
import re
import shlex
import subprocess
import sys
import time
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from click.testing import CliRunner, Result

from starter.cli.main import main
from starter.local.temporal_server import find_temporal
from starter.local.up import Ready

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = ROOT / "docs" / "runbook.md"
#: Commands that end with 1 where they have found something.
_LOOKS: Final = ("homeward doctor", "homeward reconcile", "homeward deploy check", "homeward db check")
_SECONDS: Final = 120


def headings() -> list[str]:
    """What the runbook has pages for."""
    return re.findall(r"^## (.+)$", PAGE.read_text(), re.MULTILINE)


def _blocks(heading: str) -> list[list[str]]:
    """The commands of a page, block by block."""
    page = PAGE.read_text().split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return [block.strip().splitlines() for block in re.findall(r"```sh\n(.*?)```", page, re.DOTALL)]


def is_well(printed: str) -> bool:
    """Whether the doctor has found nothing that failed."""
    return "FAILED" not in printed


def agrees_until(printed: str, return_id: str) -> str:
    """The event until which a return's history and the code agree, as the check of a deployment says."""
    found = re.search(rf"^BREAKS  return-{return_id} .*, agrees until event (\d+):", printed, re.MULTILINE)
    assert found, printed
    return found[1]


class Desk:
    """``names`` stand for what the page writes in capitals, such as ``ID``; ``environment`` for settings besides.

    With ``inside`` commands run by another one, which takes them to where they belong.
    """

    def __init__(
        self,
        ready: Ready,
        heading: str,
        environment: Mapping[str, str] | None = None,
        inside: Sequence[str] = (),
        **names: str,
    ) -> None:
        self.environment = {
            "TEMPORAL_ADDRESS": ready.temporal,
            "TEMPORAL_NAMESPACE": "default",
            "HOMEWARD_DATABASE_URL": ready.database,
            **(environment or {}),
        }
        self._blocks = _blocks(heading)
        self._inside = inside
        self.names = names

    async def do(self, number: int) -> str:
        """Run the page's block of that number; what it printed."""
        return "\n".join([await self.say(line) for line in self._blocks[number]])

    async def say(self, line: str) -> str:
        """Run one command; what it printed. One that is no look has to end well."""
        line = self._filled(line)
        if line.startswith("homeward ") and not self._inside:
            return await asyncio.to_thread(self._call, line)
        return await asyncio.to_thread(self._shell, line)

    def _filled(self, line: str) -> str:
        return re.sub(r"\b[A-Z]+\b", lambda found: self.names.get(found[0], found[0]), line)

    def _call(self, line: str) -> str:
        done: Result = CliRunner(env=self.environment).invoke(main, shlex.split(line)[1:])
        assert done.exit_code == 0 or line.startswith(_LOOKS), f"{line}: {done.output}"
        return done.output

    def _shell(self, line: str) -> str:
        command, environment = [*self._inside, "sh", "-c", line], self._whole_environment()
        done = subprocess.run(
            command, check=False, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=_SECONDS
        )
        assert done.returncode == 0 or line.startswith(_LOOKS), f"{line}: {done.stderr}"
        return done.stdout

    def _whole_environment(self) -> dict[str, str]:
        tools = {Path(find_temporal()).parent, Path(sys.executable).parent}
        path = ":".join([*map(str, tools), os.environ["PATH"]])
        return {**os.environ, **self.environment, "PATH": path}

    async def until(self, number: int, holds: Callable[[str], bool], within: float = 60) -> str:
        """Repeat a block until what it prints is so, for some seconds."""
        end = time.monotonic() + within
        while not holds(printed := await self.do(number)):
            assert time.monotonic() < end, printed
            await asyncio.sleep(0.2)
        return printed

    @asynccontextmanager
    async def running(self, number: int) -> AsyncIterator[Process]:
        """A block whose command runs until it is stopped."""
        [line] = self._blocks[number]
        # `env` is then the command itself, so that it is this one that is stopped.
        process = await asyncio.create_subprocess_exec(
            "env", *shlex.split(self._filled(line)), cwd=ROOT, env=self._whole_environment(), stderr=subprocess.DEVNULL
        )
        try:
            yield process
        finally:
            if process.returncode is None:
                process.terminate()
            await asyncio.wait_for(process.wait(), 30)
