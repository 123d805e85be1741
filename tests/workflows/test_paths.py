"""The table of paths in the docs is what the demonstration's stories come to."""

import asyncio
import re
from pathlib import Path

from starter.demo.stories import STORIES
from starter.demo.story import Stage, read_example
from tests.workflows.paths import comparable, row_of, told_rows
from tests.workflows.returns.play import Play

ROOT = Path(__file__).parent.parent.parent


async def test_the_page_says_of_every_path_what_it_comes_to(stage: Stage) -> None:
    plays = {name: Play(stage, read_example(ROOT / "examples" / f"{name}.json")) for name in STORIES}
    await asyncio.gather(*(STORIES[name](play) for name, play in plays.items()))
    rows = [await row_of(name, play, stage.db) for name, play in plays.items()]
    told = [comparable(row) for row in told_rows()]
    untold = [row for row in rows if comparable(row) not in told]
    assert not untold, "the page has to say:\n" + "\n".join(untold)


def test_the_page_holds_no_other_paths() -> None:
    assert re.findall(r"^\| \[(\w+)\]\(\.\./examples/\1\.json\)", "\n".join(told_rows()), re.MULTILINE) == list(STORIES)
