"""Tables for a terminal: no word of a cell is ever cut, for an id that is cut cannot be typed into the next command."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from rich.cells import cell_len

#: Between two columns.
_GAP: Final = "  "


@dataclass(frozen=True)
class Drawn:
    """One line; ``head`` names what stands below it, ``row`` is the number of the row that it is of."""

    text: str
    head: bool = False
    row: int | None = None


def laid_out(columns: Sequence[str], rows: Sequence[Sequence[str]], width: int | None) -> list[Drawn]:
    """Lines of a table, its head first; ``width`` in cells of the terminal, None where lines may be of any length.

    Where it does not fit, columns in which nothing stands give way, then the widest are wrapped between words;
    where that is not enough, there is no head and each row is a block of lines.
    """
    if width is not None and _needs(columns, rows) > width:
        kept = [number for number in range(len(columns)) if number == 0 or any(row[number] for row in rows)]
        columns, rows = [columns[number] for number in kept], [[row[number] for number in kept] for row in rows]
    natural = [max(map(_width, column)) for column in _columns(columns, rows)]
    least = [max(map(_longest_word, column)) for column in _columns(columns, rows)]
    room = None if width is None else width - len(_GAP) * (len(columns) - 1)
    if room is not None and sum(least) > room:
        blocks = ((number, line) for number, row in enumerate(rows) for line in _block(columns, row, width or 0))
        return [replace(line, row=number) for number, line in blocks]
    widths = natural if room is None else _narrowed(natural, least, room)
    head = [Drawn(text, head=True) for text in _lines(columns, widths)]
    return [*head, *(Drawn(text, row=number) for number, row in enumerate(rows) for text in _lines(row, widths))]


def _needs(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    """The width without any wrapping."""
    return sum(max(map(_width, column)) for column in _columns(columns, rows)) + len(_GAP) * (len(columns) - 1)


def _columns(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[tuple[str, ...]]:
    return zip(columns, *rows, strict=True)


def _width(cell: str) -> int:
    return max(map(cell_len, cell.split("\n")))


def _longest_word(cell: str) -> int:
    return max(map(cell_len, cell.split()), default=0)


def _narrowed(natural: Sequence[int], least: Sequence[int], room: int) -> list[int]:
    """The widest give way first, none below its longest word."""
    widths = list(natural)
    for _ in range(sum(widths) - room):
        widest = max(range(len(widths)), key=lambda number: (widths[number] > least[number], widths[number]))
        widths[widest] -= 1
    return widths


def _lines(row: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    cells = [_wrapped(cell, width) for cell, width in zip(row, widths, strict=True)]
    for number in range(max(map(len, cells))):
        parts = [cell[number] if number < len(cell) else "" for cell in cells]
        yield _GAP.join(_padded(part, width) for part, width in zip(parts, widths, strict=True)).rstrip()


def _block(columns: Sequence[str], row: Sequence[str], width: int) -> Iterator[Drawn]:
    """The first cell, then what else is known, each under its name."""
    yield Drawn(row[0], head=True)
    names = max(map(cell_len, columns[1:]), default=0)
    for name, cell in zip(columns[1:], row[1:], strict=True):
        for number, part in enumerate(_wrapped(cell, width - names - 2 * len(_GAP)) if cell else []):
            yield Drawn(f"{_GAP}{_padded('' if number else name, names)}{_GAP}{part}".rstrip())


def _padded(text: str, width: int) -> str:
    return text + " " * (width - cell_len(text))


def _wrapped(cell: str, width: int) -> list[str]:
    return [line for text in cell.split("\n") for line in _wrapped_line(text, width)]


def _wrapped_line(text: str, width: int) -> list[str]:
    if cell_len(text) <= width:
        return [text]
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".lstrip()
        if lines[-1] and cell_len(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines
