"""The table of events as docs/events.md has it; ``python -m tests.events.event_table`` prints it."""

import sys

from lifecycle.contract.events.types import EVENT_TYPES


def table() -> str:
    """One row for each type."""
    rows = [f"| `{name}` | {kind.says} | {_carried(kind.carries)} |" for name, kind in EVENT_TYPES.items()]
    return "\n".join(["| type | what has happened | carries |", "| --- | --- | --- |", *rows])


def _carried(facts: tuple[str, ...]) -> str:
    return " ".join(f"`{fact}`" for fact in facts)


if __name__ == "__main__":
    sys.stdout.write(table() + "\n")
