"""Returns that the last release opened are finished by this version, on the books and the Temporal that it has left.

The last release is the newest tag ``v*`` before this commit. As long as there is none, the commit that froze the
histories of the version at hand stands in its place: the first whose open returns this project promises to carry on.
``UPGRADE_FROM`` names any other.
"""

import asyncio
import io
import json
import os
import signal
import subprocess
import sys
import tarfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.workflows.returns.play import make_body

ROOT = Path(__file__).resolve().parents[2]
COMMAND = (sys.executable, "-c", "from starter.cli.main import main; main(prog_name='homeward')")
#: Worth more than the policy lets through by itself.
DEAR = [{"line_id": "1", "sku": "CLOCK", "title": "Clock", "quantity": 1, "unit_price": 90_000}]
FROZEN = f"tests/histories/{version('homeward')}/SHA256SUMS"
_LOOKS = 600


def git(*words: str) -> str:
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()


def last_release() -> str:
    """A tag, or the commit that stands in its place."""
    tag = os.environ.get("UPGRADE_FROM") or git("describe", "--tags", "--match", "v*", "--abbrev=0", "HEAD^")
    found = tag or git("log", "--diff-filter=A", "--format=%H", "--reverse", "--", FROZEN).partition("\n")[0]
    assert found, "neither a tag v* nor the commit that froze the histories: this needs a whole clone"
    return found


def test_no_history_of_the_last_release_is_changed_or_gone() -> None:
    def histories(commit: str) -> set[str]:
        return set(git("ls-tree", "-r", commit, "tests/histories").splitlines())

    kept = {line for line in histories(last_release()) if line.endswith(".json")}
    assert kept
    assert kept - histories("HEAD") == set()


@pytest.fixture
def before(tmp_path: Path) -> Path:
    """The last release's code, out of the repository."""
    packed = subprocess.run(["git", "archive", last_release()], cwd=ROOT, capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(tmp_path / "before", filter="data")
    return tmp_path / "before"


def environment_of(code: Path, **more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(code), **more}


@asynccontextmanager
async def up(code: Path, data: Path) -> AsyncIterator[dict[str, Any]]:
    """`homeward up` of this code on these data; what its ready line says."""
    ports = ("--temporal-port", "0", "--ui-port", "0", "--api-port", "0")
    process = await asyncio.create_subprocess_exec(
        *(*COMMAND, "up", "--data-dir", str(data), *ports),
        cwd=code,
        env=environment_of(code),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        line = (await asyncio.wait_for(process.stdout.readline(), 120)).decode()
        assert line.startswith("ready "), line
        yield json.loads(line.removeprefix("ready "))
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.wait(), 60)


class Shop:
    """A shop's calls."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def say(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = await self.http.post(f"/v1/returns{path}", json=body)
        assert answer.is_success, answer.text
        said: dict[str, Any] = answer.json()
        return said

    async def until(self, return_id: str, status: str) -> dict[str, Any]:
        for _ in range(_LOOKS):
            view: dict[str, Any] = (await self.http.get(f"/v1/returns/{return_id}")).json()
            if view.get("status") == status:
                return view
            await asyncio.sleep(0.1)
        raise TimeoutError(f"{return_id} is {view.get('status')}, not {status}")

    async def start(self, status: str, **how: Any) -> str:
        body = make_body(**how)
        await self.say("", body)
        await self.until(body["return_id"], status)
        return str(body["return_id"])

    async def receive(self, return_id: str) -> None:
        received = {"receipt_id": f"r-{return_id}", "units": [{"line_id": "1", "quantity": 1}], "complete": True}
        await self.say(f"/{return_id}/receipts", received)

    async def inspect(self, return_id: str) -> None:
        graded = {"inspection_id": f"i-{return_id}", "units": [{"unit_id": "1-1", "grade": "A"}]}
        await self.say(f"/{return_id}/inspections", graded)


@asynccontextmanager
async def shop_at(ready: dict[str, Any]) -> AsyncIterator[Shop]:
    async with httpx.AsyncClient(base_url=ready["api"], timeout=60) as http:
        yield Shop(http)


@pytest.mark.long
async def test_returns_that_the_last_release_opened_are_finished_by_this_version(before: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    async with up(before, data) as ready, shop_at(ready) as shop:
        closed, here, labelled = [await shop.start("label_sent") for _ in range(3)]
        waiting = await shop.start("in_review", lines=DEAR)
        for return_id in (closed, here):
            await shop.receive(return_id)
        await shop.inspect(closed)
        paid_before = (await shop.until(closed, "refunded"))["settlement"]["paid"]

    async with up(ROOT, data) as ready, shop_at(ready) as shop:
        checked = await asyncio.to_thread(
            subprocess.run,
            [*COMMAND, "deploy", "check", "--json"],
            env=environment_of(ROOT, TEMPORAL_ADDRESS=ready["temporal"], HOMEWARD_DATABASE_URL=ready["database"]),
            capture_output=True,
            text=True,
            check=False,
        )
        report = json.loads(checked.stdout)
        assert (checked.returncode, report["breaking"], report["open"]["ReturnWorkflow"]) == (0, [], 3)
        await shop.say(f"/{waiting}/approve", {"by": "a reviewer"})
        await shop.until(waiting, "label_sent")
        for return_id in (labelled, waiting):
            await shop.receive(return_id)
        for return_id in (here, labelled, waiting):
            await shop.inspect(return_id)
        for return_id in (here, labelled, waiting):
            [paid] = (await shop.until(return_id, "refunded"))["settlement"]["paid"]
            assert (paid["amount"], paid["state"]) == (90_000 if return_id == waiting else 4000, "succeeded")
        # What was paid before was not paid again.
        assert (await shop.until(closed, "refunded"))["settlement"]["paid"] == paid_before
