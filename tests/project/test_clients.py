"""The clients are made of the API's description, and know what the code knows."""

import json
import re
import tomllib
from pathlib import Path

from clients.generate.written import made
from homeward_client._waiting import ENDS
from lifecycle.returns.views import status

ROOT = Path(__file__).resolve().parents[2]


def test_the_clients_are_made_of_this_description() -> None:
    stale = [str(path.relative_to(ROOT)) for path, content in made().items() if path.read_text() != content]
    assert stale == [], (
        "docs/openapi.json has changed: `python -m clients.generate` makes the clients anew; commit them"
    )


def test_the_wait_for_a_settlement_ends_where_a_return_does() -> None:
    typescript = (ROOT / "clients" / "typescript" / "src" / "client.ts").read_text()
    [listed] = re.findall(r"new Set<Status>\(\[(.*?)\]\)", typescript, re.DOTALL)
    assert {str(one) for one in ENDS} == {str(one) for one in status.ENDS} == set(re.findall(r'"(\w+)"', listed))


def test_the_clients_have_the_projects_version_and_licence() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    python, typescript = ROOT / "clients" / "python", ROOT / "clients" / "typescript"
    assert tomllib.loads((python / "pyproject.toml").read_text())["project"]["version"] == version
    for name in ("package.json", "package-lock.json"):
        assert json.loads((typescript / name).read_text())["version"] == version
    assert "://" not in (typescript / "package-lock.json").read_text()
    for folder in (python, typescript):
        assert (folder / "LICENSE").read_text() == (ROOT / "LICENSE").read_text()
