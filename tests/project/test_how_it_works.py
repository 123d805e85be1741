"""The map of the code names files that there are."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

TEXT = (ROOT / "docs" / "how-it-works.md").read_text()
#: Folders and files; one named beside another is named by its end alone.
PLACES = sorted({place for place in re.findall(r"`([a-z][\w./-]*)`", TEXT) if "/" in place or place.endswith(".py")})
#: Classes that the table names within their files.
NAMES = sorted(set(re.findall(r"`([A-Z][a-z]\w+)`", TEXT.partition("## Where a change goes")[2])))
TRACKED = [
    f"/{path.relative_to(ROOT)}"
    for top in (
        "lifecycle",
        "gateways",
        "client",
        "activities",
        "workflows",
        "workers",
        "starter",
        "content",
        "ops",
        "tests",
    )
    for path in (ROOT / top).rglob("*")
]


@pytest.mark.parametrize("place", PLACES)
def test_each_place_of_the_map_is_there(place: str) -> None:
    assert any(path.endswith(f"/{place.rstrip('/')}") for path in TRACKED), place


@pytest.mark.parametrize("name", NAMES)
def test_each_class_of_the_map_is_there(name: str) -> None:
    sources = (ROOT / path[1:] for path in TRACKED if path.endswith(".py"))
    assert any(re.search(rf"^class {name}\b|^{name}\b.* = ", path.read_text(), re.MULTILINE) for path in sources), name


def test_the_map_needs_no_wildcard() -> None:
    table = TEXT.partition("## Where a change goes")[2]
    assert "*" not in table
    assert len(PLACES) > 60
