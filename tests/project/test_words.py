"""Public docstrings say things in the words of the glossary, and in none of those that it retires."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("lifecycle", "gateways", "client", "activities", "workflows", "workers", "starter")
PAGE = (ROOT / "docs" / "glossary.md").read_text()
RETIRED = [
    word.strip()
    for row in re.findall(r"^\| (.+?) \| .+ \|$", PAGE.partition("## Words that we do not use")[2], re.MULTILINE)
    for word in row.split(",")
    if word.strip(" -") and word != "not"
]


def docstrings() -> Iterator[tuple[str, bool, str]]:
    """Where each public docstring stands, whether it is a function's, and what it says."""
    for folder in PACKAGES:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" in path.parts:
                continue  # what a schema was when it was made
            yield from of_node(ast.parse(path.read_text()), str(path.relative_to(ROOT)))


def of_node(node: ast.AST, where: str) -> Iterator[tuple[str, bool, str]]:
    if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        yield where, function, " ".join((ast.get_docstring(node) or "").split())
        for child in node.body:
            if not getattr(child, "name", "_").startswith("_"):
                yield from of_node(child, f"{where} {getattr(child, 'name', '')}")


@pytest.mark.parametrize("word", RETIRED)
def test_no_public_docstring_uses_a_retired_word(word: str) -> None:
    pattern = re.compile(rf"\b{re.escape(word)}\b", re.IGNORECASE)
    assert [where for where, _, text in docstrings() if pattern.search(text)] == []


def test_a_function_gives_none_rather_than_null() -> None:
    """What is JSON is null; what a function takes or gives is None."""
    assert [
        where for where, function, text in docstrings() if function and re.search(r"\bnull\b", text, re.IGNORECASE)
    ] == []
