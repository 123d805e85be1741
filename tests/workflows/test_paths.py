"""The table of paths in the docs is what the demonstration's stories come to."""

import asyncio
import re
from pathlib import Path

from starter.demo.stories import STORIES
from starter.demo.story import Stage, read_example
from tests.workflows.paths import row_of
from tests.workflows.returns import Play

ROOT = Path(__file__).parent.parent.parent
COLUMNS = ("path", "what happens", "statuses", "mails", "money", "goods")
PAGE = (ROOT / "docs" / "paths.md").read_text().splitlines()


async def test_the_page_says_of_every_path_what_it_comes_to(stage: Stage) -> None:
    plays = {name: Play(stage, read_example(ROOT / "examples" / f"{name}.json")) for name in STORIES}
    await asyncio.gather(*(STORIES[name](play) for name, play in plays.items()))
    rows = [await row_of(name, play, stage.db) for name, play in plays.items()]
    told = [_whoever_is_first(row) for row in PAGE if row.startswith("| [")]
    assert [row for row in rows if _whoever_is_first(row) not in told] == []


def _whoever_is_first(row: str) -> dict[str, str]:
    """The row without what is left to chance.

    That is the order of mails written at the same moment, and whether the label was there before
    a replacement that goes out in advance.
    """
    cells = dict(zip(COLUMNS, (cell.strip() for cell in row.strip("|").split("|")), strict=True))
    cells["mails"] = ", ".join(sorted(cells["mails"].split(", ")))
    if "held" in cells["money"]:
        cells["statuses"] = cells["statuses"].replace("label_sent → ", "")
    return cells


def test_the_page_holds_no_other_paths() -> None:
    assert re.findall(r"^\| \[(\w+)\]\(\.\./examples/\1\.json\)", "\n".join(PAGE), re.MULTILINE) == list(STORIES)
