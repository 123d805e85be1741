"""Each page of the runbook has a test of its name."""

import re
from pathlib import Path

from tests.runbook.desk import headings


def test_every_page_is_tried() -> None:
    text = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))
    tried = {name.replace("_", " ") for name in re.findall(r"^async def test_(\w+)", text, re.MULTILINE)}
    assert [page for page in headings() if re.sub(r"[^a-z ]", "", page.lower()) not in tried] == []
