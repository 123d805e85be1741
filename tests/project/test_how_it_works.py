"""The map of the code names files that there are."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

TEXT = (ROOT / "docs" / "how-it-works.md").read_text()
#: Folders and files; one named beside another is named by its end alone.
PLACES = sorted({place for place in re.findall(r"`([a-z][\w./-]*)`", TEXT) if "/" in place or place.endswith(".py")})
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


def test_the_map_needs_no_wildcard() -> None:
    table = TEXT.partition("## Where a change goes")[2]
    assert "*" not in table
    assert len(PLACES) > 60
