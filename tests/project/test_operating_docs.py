"""The operator's table of steps in attention names every step that can wait for an operator."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "operating.md").read_text()
#: Given by a variable where they are run.
BY_VARIABLE = {"claim", "release", "receive", "restock", "refund", "charge"}


def told() -> set[str]:
    """The steps of the table's first column."""
    table = PAGE.partition("## Steps in attention")[2].partition("\n\nBesides")[0]
    firsts = re.findall(r"^\| (`.+?) \|", table, re.MULTILINE)
    return {name for first in firsts for name in re.findall(r"`(\w+)`", first)}


def known() -> set[str]:
    """The steps that the code of a return names."""
    found = set()
    for folder in ("lifecycle", "workflows"):
        for path in (ROOT / folder).rglob("*.py"):
            found |= set(
                re.findall(
                    r"(?:runner\.(?:run|run_step|run_step_locally)|ParkedReturnStep|cls)\(\s*\"(\w+)\"",
                    path.read_text(),
                )
            )
    return found | BY_VARIABLE


def test_every_step_is_reported_and_no_other() -> None:
    assert told() == known()
