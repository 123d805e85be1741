"""A server and a stage of their own for recording, and how a history is written."""

import asyncio
import json
import re
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

from temporalio.client import WorkflowHandle

from starter.demo.story import Stage, stage_at
from starter.local.up import Place, running
from workers.setting_values import Subscriber
from workers.settings import Settings

#: The histories of the release that is being made; those of each release stand in a folder of its name.
RELEASE = Path(__file__).parent / version("homeward")
SUMS = "SHA256SUMS"
EXAMPLES = Path(__file__).parent.parent.parent / "examples"
#: What the SDK calls a process by itself: its number and its machine.
_NAME = re.compile(r"^\d+@")


@asynccontextmanager
async def recording_stage(*subscribers: Subscriber) -> AsyncIterator[Stage]:
    """`homeward up` in an empty folder, with the demonstration's policy."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        place = Place(Path(folder), temporal_port=0, ui_port=0, api_port=0)
        settings = Settings(
            data_dir=place.data_dir,
            policy=EXAMPLES / "policy.toml",
            workflow_sandbox=True,
            subscribers=list(subscribers),
        )
        async with running(settings, place) as ready, stage_at(ready) as stage:
            yield stage


async def write_history(file: Path, handle: WorkflowHandle[Any, Any]) -> None:
    """Write a workflow's history, without what a machine leaves behind in it; one that is there already stays."""
    if await asyncio.to_thread(file.exists):
        return
    await asyncio.to_thread(file.parent.mkdir, parents=True, exist_ok=True)
    history = json.loads((await handle.fetch_history()).to_json())
    text = json.dumps(_anonymous(history), indent=1, sort_keys=True)
    await asyncio.to_thread(file.write_text, text + "\n")


def sums_of(release: Path) -> str:
    """A line for each history of a release, as ``sha256sum`` writes and checks them."""
    files = sorted(path.relative_to(release).as_posix() for path in release.rglob("*.json"))
    return "".join(f"{sha256((release / name).read_bytes()).hexdigest()}  {name}\n" for name in files)


def keep_sums() -> None:
    """Write down what this release's histories are."""
    (RELEASE / SUMS).write_text(sums_of(RELEASE))


def _anonymous(node: Any) -> Any:
    """Without the names that workers and clients give themselves: they hold a machine's name or paths."""
    if isinstance(node, dict):
        return {key: _anonymous(value) for key, value in node.items() if key != "stackTrace"}
    if isinstance(node, list):
        return [_anonymous(value) for value in node]
    return "recorded" if isinstance(node, str) and _NAME.match(node) else node
