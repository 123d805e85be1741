"""Every word that the portal shows stands in the catalogue, and every word of the catalogue is shown."""

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jinja2 import nodes

from gateways.language import UnknownText
from lifecycle.contract.request import Method, Reason
from lifecycle.contract.resolutions import Resolution
from lifecycle.contract.statuses import Status
from lifecycle.contract.tenders import TenderKind
from lifecycle.contract.view import RuleName
from lifecycle.shared.repair_messages import RepairState
from starter.portal.shared.pages import templates
from starter.portal.shared.texts import catalogue, t

PORTAL = Path(str(files("starter.portal")))
TEMPLATES = sorted(str(path.relative_to(PORTAL / "templates")) for path in (PORTAL / "templates").rglob("*.html"))
#: What stands for a part of a key that is only known when a page is shown.
ANY = "\N{WHITE SQUARE}"


def keys() -> Iterator[str]:
    yield from _keys(catalogue(), "")


def _keys(table: dict[str, Any], prefix: str) -> Iterator[str]:
    for name, value in table.items():
        if isinstance(value, dict) and set(value) != {"one", "other"}:
            yield from _keys(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


def used() -> set[str]:
    """Keys that templates and code ask for, with ``ANY`` for their unknown parts."""
    found: set[str] = set()
    for name in TEMPLATES:
        for call in _parsed(name).find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name == "t":
                found.update(_of_node(call.args[0]))
    for path in PORTAL.rglob("*.py"):
        found.update(_of_code(ast.parse(path.read_text())))
    return found


def _parsed(name: str) -> nodes.Template:
    return templates().parse((PORTAL / "templates" / name).read_text())


def _of_node(node: nodes.Node) -> Iterator[str]:
    if isinstance(node, nodes.CondExpr):
        yield from _of_node(node.expr1)
        if node.expr2:
            yield from _of_node(node.expr2)
    elif isinstance(node, nodes.Concat):
        options = [""]
        for part in node.nodes:
            options = [before + after for before in options for after in _of_node(part)]
        yield from options
    elif isinstance(node, nodes.Add):
        yield from (left + right for left in _of_node(node.left) for right in _of_node(node.right))
    else:
        yield str(node.value) if isinstance(node, nodes.Const) else ANY


def _of_code(tree: ast.AST) -> Iterator[str]:
    known = set(keys())
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and node.value in known:
            yield str(node.value)
        if isinstance(node, ast.JoinedStr):
            parts = (part.value if isinstance(part, ast.Constant) else ANY for part in node.values)
            yield "".join(str(part) for part in parts)


def _matches(key: str, asked: set[str]) -> bool:
    patterns = (re.escape(one).replace(re.escape(ANY), ".+") for one in asked if one.strip(f"{ANY}."))
    return any(re.fullmatch(pattern, key) for pattern in patterns)


def test_every_text_is_shown_somewhere() -> None:
    # How days are written is read by name, the events a customer sees by their table.
    asked = used() | {"base.day"}
    assert [key for key in keys() if not _matches(key, asked)] == []


def test_every_text_that_a_template_asks_for_is_there() -> None:
    known = list(keys())
    missing = []
    for name in TEMPLATES:
        for call in _parsed(name).find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name == "t":
                for key in _of_node(call.args[0]):
                    pattern = re.escape(key).replace(re.escape(ANY), ".+")
                    if not any(re.fullmatch(pattern, one) for one in known):
                        missing.append((name, key))
    assert missing == []


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("reason", Reason),
        ("resolution", Resolution),
        ("method", Method),
        ("status", Status),
        ("tender", TenderKind),
        ("unit.repair_", RepairState),
        ("step.settled_", Resolution),
        ("get", Resolution),
        ("offer", Resolution),
    ],
)
def test_every_word_of_the_engine_has_a_text(table: str, words: Any) -> None:
    wanted = [f"{table}{'' if table.endswith('_') else '.'}{word}" for word in words]
    assert [key for key in wanted if not any(one == key or one.startswith(f"{key}.") for one in keys())] == []


def test_every_rule_and_every_end_has_a_text() -> None:
    assert [rule for rule in RuleName if rule not in catalogue()["why"]] == []
    ends = {*Status} - {Status.LABEL_SENT, Status.REQUESTED, Status.IN_REVIEW, Status.SETTLING}
    ends -= {Status.IN_TRANSIT, Status.PARTIALLY_RECEIVED, Status.RECEIVED}
    assert [status for status in Status if status not in catalogue()["headline"]] == []
    assert [status for status in ends if status not in catalogue()["promise"]] == []


#: The one block that stands within a tag of the template it extends.
_CLASS_OF_BODY = re.compile(r"{% block kind %}[\w -]*{% endblock %}")
#: A macro may give a tag its attributes.
_ATTRIBUTE = re.compile(r'[\w-]+="[^"]*"')


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        words = _ATTRIBUTE.sub("", data)
        if any(letter.isalpha() for letter in words):
            self.found.append(words.strip())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("alt", "title", "placeholder", "aria-label") and any(
                letter.isalpha() for letter in value or ""
            ):
                self.found.append(f"{name}={value}")


@pytest.mark.parametrize("name", TEMPLATES)
def test_no_template_holds_words_of_its_own(name: str) -> None:
    source = _CLASS_OF_BODY.sub("", (PORTAL / "templates" / name).read_text())
    reader = _Words()
    reader.feed("".join(text for _, kind, text in templates().lex(source) if kind == "data"))
    reader.close()
    assert reader.found == []


def test_a_text_that_is_not_there_is_an_error() -> None:
    for key in ("find.nothing", "find", "nothing", "find.title.more", "order.left"):
        with pytest.raises(UnknownText):
            t(key)
    with pytest.raises(KeyError):
        t("order.title")
    assert [t("order.left", count=count) for count in (1, 2)] == ["1 can still come back", "2 can still come back"]
