"""A shop of its own for tests of policies, and what they do with its returns."""

import os
from pathlib import Path
from typing import Any

from lifecycle.contract.grades import Grade
from starter.demo.story import Stage
from tests.workflows.returns.play import Play, make_request

TWO = [{"line_id": "1", "quantity": 2, "reason": "unwanted"}]


class Shop:
    """A shop of its own, whose policy file is written anew before a return."""

    def __init__(self, stage: Stage, path: Path) -> None:
        self.stage = stage
        self._path = path
        self._written = 0

    def write(self, text: str) -> None:
        """Change the file; two changes in one moment are two all the same."""
        self._path.write_text(text)
        self._written += 1
        at = self._path.stat().st_mtime + self._written
        os.utime(self._path, (at, at))

    def play(self, policy: str = "", **changes: Any) -> Play:
        """A return that will open under this policy, if no other is written before it starts."""
        self.write(policy)
        return Play(self.stage, make_request(**changes))


async def brought_home(story: Play, *grades: Grade) -> None:
    """Sent, received, graded and settled."""
    await story.start()
    await story.receive()
    await story.inspect(*grades)
    await story.closed()


def lines_of(story: Play) -> list[dict[str, Any]]:
    """The order's lines, for another return of it."""
    return [line.model_dump(mode="json") for line in story.request.order.lines]
