"""The policy file as text: where a key stands, and all keys side by side."""

import re
from collections.abc import Mapping
from typing import Any


def line_of(text: str, key: str) -> int | None:
    """The line, from 1, on which a dotted key is set; that of its table where the key is left out.

    None when neither is in the text.
    """
    path = [part for part in key.split(".") if not part.isdigit()]
    best: tuple[int, int] | None = None
    table: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        header = re.match(r"\s*\[([^\[\]]+)\]", line)
        if header:
            table = [part.strip() for part in header[1].split(".")]
            found = len(table) if path[: len(table)] == table else 0
        else:
            found = _depth(line, table, path)
        if found and (best is None or found > best[0]):
            best = (found, number)
    return best[1] if best else None


def _depth(line: str, table: list[str], path: list[str]) -> int:
    """How many parts of a key this line sets; 0 when it is about another."""
    setting = re.match(r"\s*([\w.\-]+)\s*=", line)
    if not setting:
        return 0
    parts = [*table, *setting[1].split(".")]
    return len(parts) if path[: len(parts)] == parts else 0


def flat(node: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Every value by its dotted key; lists stay whole."""
    found: dict[str, Any] = {}
    for key, value in node.items():
        if isinstance(value, Mapping):
            found |= flat(value, f"{prefix}{key}.")
        else:
            found[f"{prefix}{key}"] = value
    return found
