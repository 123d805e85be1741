"""What an operator copies from a list into the next command is whole, however narrow the terminal."""

import asyncio
import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from client.ids import new_case_id, new_return_id
from lifecycle.contract.messages import ReceiptUnits
from starter.cli.shared import render
from starter.cli.shared.text_layout import laid_out
from starter.demo.story import Stage
from starter.local.up import Ready
from tests.support.cases import CasePlay, make_question
from tests.workflows.returns.play import Play, make_request

Plays = Callable[..., Play]
_words = st.text("abcXYZ-_09", min_size=1, max_size=30)
_cells = st.lists(_words, max_size=6).map(" ".join)


def _shown(ready: Ready, columns: int, *arguments: str) -> str:
    """What a command prints on a terminal of so many columns."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    environment = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES", "FORCE_COLOR")}
    environment |= {"TEMPORAL_ADDRESS": ready.temporal, "HOMEWARD_DATABASE_URL": ready.database, "TERM": "xterm"}
    command = [sys.executable, "-c", "from starter.cli.main import main; main()", *arguments]
    process = subprocess.Popen(command, stdin=follower, stdout=follower, stderr=follower, env=environment)
    os.close(follower)
    said = b""
    while True:
        try:
            said += os.read(leader, 65536)
        except OSError:  # it has ended
            break
    os.close(leader)
    assert process.wait(30) == 0, said.decode()
    return re.sub(r"\x1b\[[0-9;]*m", "", said.decode()).replace("\r\n", "\n")


async def _command(ready: Ready, columns: int, *arguments: str) -> str:
    return await asyncio.to_thread(_shown, ready, columns, *arguments)


@pytest.fixture(scope="module")
async def ids(stage: Stage) -> dict[str, list[str]]:
    """What each list has to show whole, after what everyday use makes."""
    line = {"line_id": "1", "sku": "KETTLE-WITH-A-LONG-NUMBER-1", "title": "Kettle", "quantity": 1, "unit_price": 4000}
    items = [{"line_id": "1", "quantity": 1, "reason": "defective"}]
    kettle = Play(stage, make_request(lines=[line], items=items, resolution="repair", return_id=new_return_id()))
    await kettle.start()
    await kettle.receipt(ReceiptUnits(line_id="1"))
    await kettle.on_bench("1-1")
    case = CasePlay(stage, make_question(case_id=new_case_id(), return_id=kettle.return_id))
    await case.ask()
    for _ in range(100):  # lists are a moment behind
        if kettle.return_id in [row.return_id for row in await kettle.repairs.queue()]:
            break
        await asyncio.sleep(0.1)
    return {
        "list": [kettle.return_id, kettle.request.order.order_id],
        "repair list": [kettle.return_id, "1-1", line["sku"]],  # type: ignore[list-item]
        "support list": [case.case_id, kettle.return_id],
        f"show {kettle.return_id}": [kettle.return_id, "1-1", line["sku"], "label_sent"],  # type: ignore[list-item]
        "inventory": [line["sku"]],  # type: ignore[list-item]
    }


@pytest.mark.parametrize("columns", [80, pytest.param(60, marks=pytest.mark.long)])
async def test_no_list_cuts_what_the_next_command_needs(ready: Ready, ids: dict[str, list[str]], columns: int) -> None:
    for command, expected in ids.items():
        shown = await _command(ready, columns, *command.split())
        assert [word for word in expected if word not in shown] == [], f"{command} in {columns} columns:\n{shown}"
        assert "…" not in shown


@given(st.lists(st.tuples(_words, _cells, _cells), min_size=1, max_size=4), st.integers(10, 120))
def test_every_word_of_every_cell_is_whole(rows: list[tuple[str, str, str]], width: int) -> None:
    drawn = "\n".join(line.text for line in laid_out(["thing", "said", "seen"], rows, width))
    for row in rows:
        for word in " ".join(row).split():
            assert word in drawn
    longest = max(cell_len(word) for row in rows for cell in row for word in cell.split())
    if longest + len("  thing  ") <= width:
        assert all(cell_len(line) <= width for line in drawn.splitlines())


def test_a_pipe_gets_one_line_for_each_row(monkeypatch: pytest.MonkeyPatch) -> None:
    out = StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    rows: list[tuple[Any, ...]] = [(f"R-261127-7ad087263{number}", "SO-1" * 20, "y" * 60) for number in range(3)]
    render.table("returns", ["return", "order", "status"], rows)
    assert len(out.getvalue().rstrip().splitlines()) == 5


def test_a_narrow_terminal_has_a_block_for_each_row() -> None:
    rows = [("R-261127-7ad087263e", "SO-9001", "", "needs somebody to look at it")]
    assert [line.text for line in laid_out(["return", "order", "late", "attention"], rows, 34)] == [
        "R-261127-7ad087263e",
        "  order      SO-9001",
        "  attention  needs somebody to",
        "             look at it",
    ]


def test_a_column_in_which_nothing_stands_gives_way_first() -> None:
    columns = ["return", "late", "resolve by"]
    rows = [("R-261127-7ad087263e", "", "2026-12-05 04:59 UTC")]
    assert laid_out(columns, rows, 50)[0].text.split() == ["return", "late", "resolve", "by"]
    assert [line.text for line in laid_out(columns, rows, 41)] == [
        "return               resolve by",
        "R-261127-7ad087263e  2026-12-05 04:59 UTC",
    ]
