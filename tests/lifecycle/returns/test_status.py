"""The diagram in the documents is the table in the code."""

from pathlib import Path

from lifecycle.contract.statuses import Status
from lifecycle.returns.views.status import MOVES, diagram

DOCUMENT = Path(__file__).parent.parent.parent.parent / "docs" / "status.md"


def test_the_document_shows_the_table() -> None:
    assert f"```mermaid\n{diagram()}```" in DOCUMENT.read_text()


def test_the_document_explains_every_status_of_the_table() -> None:
    text = DOCUMENT.read_text()
    assert [status for status in MOVES if f"| `{status}` |" not in text] == []


def test_every_status_can_be_reached_from_the_first() -> None:
    reached, frontier = {Status.REQUESTED}, {Status.REQUESTED}
    while frontier:
        frontier = {after for before in frontier for after in MOVES[before]} - reached
        reached |= frontier
    assert reached == set(MOVES)
