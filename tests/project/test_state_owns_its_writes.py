"""The parts of a return's state are changed by their own methods: nobody else assigns to their fields."""

import ast
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from lifecycle.returns.agenda import ReturnAgenda
from lifecycle.returns.aggregate.card_hold import CardHold
from lifecycle.returns.aggregate.dates import Dates
from lifecycle.returns.aggregate.parked_step import ParkedReturnStep

ROOT = Path(__file__).parents[2]
ROOMS = ("activities", "client", "gateways", "lifecycle", "starter", "workers", "workflows")
#: By what a part is called on the way to it: its class, and the file that may write it.
PARTS = {
    "agenda": (ReturnAgenda, "lifecycle/returns/agenda.py"),
    "dates": (Dates, "lifecycle/returns/aggregate/dates.py"),
    "hold": (CardHold, "lifecycle/returns/aggregate/card_hold.py"),
    "parked": (ParkedReturnStep, "lifecycle/returns/aggregate/parked_step.py"),
}
#: Fields of a return that only its own methods set or change.
WHOLE = {"agenda", "dates", "parked"}
HOME = "lifecycle/returns/state.py"
CHANGING = {"add", "append", "clear", "discard", "extend", "insert", "pop", "popleft", "remove", "setdefault", "update"}


def written(tree: ast.AST) -> Iterator[ast.expr]:
    """Whatever is assigned to, deleted, or changed by a method of a list, set or dict."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.Delete):
            yield from node.targets
        elif isinstance(node, ast.AugAssign | ast.AnnAssign):
            yield node.target
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CHANGING:
            if getattr(node.func.value, "attr", "") not in PARTS.keys() - {"parked"}:  # these are no containers
                yield node.func.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "setattr":
            yield ast.Attribute(node.args[0], "*")


def parts_by_name(tree: ast.AST) -> dict[str, str]:
    """Names that stand for a part: bound to it, or annotated with its class."""
    known = {kind.__name__: part for part, (kind, _) in PARTS.items()}
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.arg) and isinstance(node.annotation, ast.Name) and node.annotation.id in known:
            found[node.arg] = known[node.annotation.id]
        elif isinstance(node, ast.Assign):
            for target, value in pairs(node):
                if isinstance(target, ast.Name) and isinstance(value, ast.Attribute) and value.attr in PARTS:
                    found[target.id] = value.attr
        elif isinstance(node, ast.For) and getattr(node.iter, "attr", "") in ("parked", "open_steps"):
            found[getattr(node.target, "id", "")] = "parked"
    return found


def pairs(node: ast.Assign) -> Iterator[tuple[ast.expr, ast.expr]]:
    """What is bound to what."""
    for target in node.targets:
        if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            yield from zip(target.elts, node.value.elts, strict=False)
        else:
            yield target, node.value


def intrusions(path: Path) -> Iterator[str]:
    """Where a file writes a part of the state that is not its own."""
    tree, file = ast.parse(path.read_text()), path.relative_to(ROOT).as_posix()
    names = parts_by_name(tree)
    targets = [inner for target in written(tree) for inner in getattr(target, "elts", [target])]
    for target in [target for target in targets if isinstance(target, ast.Attribute)]:
        owner = target.value
        if target.attr in WHOLE and file != HOME and _is_return(owner):
            yield f"{file}: .{target.attr}"
        part = owner.attr if isinstance(owner, ast.Attribute) else names.get(getattr(owner, "id", ""))
        if part in PARTS and file != PARTS[part][1]:
            known = {field.name for field in fields(PARTS[part][0])} | {"*"}
            if target.attr in known:
                yield f"{file}: {part}.{target.attr}"


def _is_return(owner: ast.expr) -> bool:
    """A repair has parked steps of its own."""
    return getattr(owner, "attr", getattr(owner, "id", "")) in ("ret", "_ret", "_state")


@pytest.mark.parametrize("room", ROOMS)
def test_only_its_own_methods_change_a_part_of_the_state(room: str) -> None:
    found = [line for path in sorted((ROOT / room).rglob("*.py")) for line in intrusions(path)]
    assert not found


@pytest.mark.parametrize(
    ("code", "what"),
    [
        ("ret.agenda = Agenda()", ".agenda"),
        ("ret.parked.append(step)", ".parked"),
        ("ret.parked, x = [], 1", ".parked"),
        ("ret.dates.limit = None", "dates.limit"),
        ("self._ret.dates.by_hand.add('limit')", "dates.by_hand"),
        ("dates, asked = ret.dates, 1\ndates.restock = None", "dates.restock"),
        ("setattr(ret.dates, field, value)", "dates.*"),
        ("def leave(hold: CardHold) -> None:\n    hold.left = True", "hold.left"),
        ("ret.hold.state = 'held'", "hold.state"),
        ("for step in ret.open_steps:\n    step.called = True", "parked.called"),
        ("ret.agenda.queue.clear()", "agenda.queue"),
    ],
)
def test_an_intrusion_is_found(code: str, what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    (tmp_path / "intruder.py").write_text(code)
    assert list(intrusions(tmp_path / "intruder.py")) == [f"intruder.py: {what}"]
