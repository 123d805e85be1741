"""Records the history of every demonstration story into this folder: ``python -m tests.histories.record``.

Run before a release, so that later versions are replayed against what this one wrote. Files
of earlier releases stay. What a machine leaves behind (worker identities) is taken out.
"""

import asyncio
import json
import re
import tempfile
from pathlib import Path
from typing import Any

from temporalio.client import Client, WorkflowHandle
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from gateways.database.engine import Database
from lifecycle.messages import Disposition
from starter.client import Homeward
from starter.demo.stories import STORIES
from starter.demo.story import Stage, Story, read_example
from starter.local import Place, up
from workers.converter import CONVERTER
from workers.settings import Settings
from workers.telemetry import configure_logging
from workflows.repair_workflow import repair_id

FOLDER = Path(__file__).parent
#: What the SDK calls a process by itself: its number and its machine.
_NAME = re.compile(r"^\d+@")
_EXAMPLES = FOLDER.parent.parent / "examples"


async def record() -> None:
    """Play every story and write its history."""
    stop, announced = asyncio.Event(), asyncio.get_running_loop().create_future()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        place = Place(Path(folder), temporal_port=0, ui_port=0)
        settings = Settings(data_dir=place.data_dir, policy=_EXAMPLES / "policy.toml", workflow_sandbox=True)
        running = asyncio.create_task(up(settings, place, stop, announced.set_result))
        ready = await announced
        client = await Client.connect(ready.temporal, data_converter=CONVERTER)
        clock = TimeSkipper(client, config=TimeSkippingConfig(enabled=False))
        database = Database(ready.database)
        stage = Stage(Homeward(client, database), clock, database)
        await asyncio.gather(*(_record(stage, name) for name in STORIES))
        await database.dispose()
        stop.set()
        await running


async def _record(stage: Stage, name: str) -> None:
    story = Story(stage, read_example(_EXAMPLES / f"{name}.json"))
    await STORIES[name](story)
    await _write(name, story.handle)
    client = stage.clock.client
    for unit in (await story.view()).units:
        if unit.repair is not None:
            await _write(f"{name}.bench", client.get_workflow_handle(repair_id(story.return_id, unit.unit_id)))
        if unit.disposition is Disposition.RETURN_TO_SUPPLIER:
            supplier_id = story.request.order.line(unit.line_id).supplier_id
            await _write(f"{name}.journey", client.get_workflow_handle(f"supplier-{supplier_id}"))


async def _write(name: str, handle: WorkflowHandle[Any, Any]) -> None:
    history = json.loads((await handle.fetch_history()).to_json())
    text = json.dumps(_anonymous(history), indent=1, sort_keys=True)
    await asyncio.to_thread((FOLDER / f"{name}.json").write_text, text + "\n")


def _anonymous(node: Any) -> Any:
    """Without the names that workers and clients give themselves: they hold a machine's name or paths."""
    if isinstance(node, dict):
        return {key: _anonymous(value) for key, value in node.items() if key != "stackTrace"}
    if isinstance(node, list):
        return [_anonymous(value) for value in node]
    return "recorded" if isinstance(node, str) and _NAME.match(node) else node


if __name__ == "__main__":
    configure_logging("ERROR")
    asyncio.run(record())
