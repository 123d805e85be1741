"""The table of events as docs/events.md has it; ``python -m tests.events.event_table`` prints it."""

import sys

from lifecycle.events.families import FAMILIES, PREFIX, TYPES


def table() -> str:
    """One row for each type."""
    returns = FAMILIES["return"]
    rows = [
        f"| `{name.removeprefix(PREFIX)}` | {kind.says} | {_carried(kind.carries) if family is returns else ''} |"
        for name, (family, kind) in TYPES.items()
    ]
    return "\n".join(["| type | what has happened | carries |", "| --- | --- | --- |", *rows])


def _carried(facts: tuple[str, ...]) -> str:
    return " ".join(f"`{fact}`" for fact in facts)


if __name__ == "__main__":
    sys.stdout.write(table() + "\n")
