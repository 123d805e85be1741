"""`homeward keys`: made and shown once, listed, rotated, revoked."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from starter.cli.main import main


@pytest.fixture(autouse=True)
def at_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOMEWARD_DATABASE_URL", f"sqlite:///{tmp_path / 'homeward.db'}")
    assert _run("db", "upgrade").exit_code == 0


def _run(*words: str) -> Result:
    return CliRunner().invoke(main, words)


def _listed() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(_run("keys", "--json").stdout)
    return found


def test_a_key_is_shown_once_and_alone_on_its_line() -> None:
    made = _run("keys", "create", "till", "--scope", "read", "--scope", "operate", "--expires", "90d")
    assert (made.exit_code, made.stdout.count("\n"), made.stdout[:4]) == (0, 1, "hwk_")
    assert "key till opens operate, read, until " in made.stderr
    [row] = _listed()
    assert (row["name"], row["number"], row["state"], row["scopes"]) == ("till", 1, "in force", ["operate", "read"])
    assert row["ends_at"] > row["made_at"]
    assert row["used_at"] is None
    assert made.stdout.strip() not in _run("keys").stdout


def test_a_rotation_and_its_end() -> None:
    first = json.loads(_run("keys", "create", "till", "--scope", "read", "--json").stdout)
    second = json.loads(_run("keys", "rotate", "till", "--overlap", "1h", "--json").stdout)
    assert (second["scopes"], second["key"] != first["key"]) == (["read"], True)
    assert [(row["number"], row["state"], bool(row["ends_at"])) for row in _listed()] == [
        (1, "in force", True),
        (2, "in force", False),
    ]
    assert _run("keys", "revoke", "till").stdout == "2 keys called till open nothing any more\n"
    assert [row["state"] for row in _listed()] == ["revoked", "revoked"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("create", "till (1)", "--scope", "read"), "NAME: expected 1 to 40 letters"),
        (("create", "shop", "--scope", "read"), "NAME: expected another name than shop, which a key of HOMEWARD_API"),
        (("create", "till", "--scope", "reed"), "'reed' is not one of"),
        (("create", "till"), "Missing option '--scope'"),
        (("create", "till", "--scope", "read", "--expires", "soon"), "expected a length of time"),
        (("rotate", "nobody"), "NAME: expected the name of a key in force, got nobody"),
        (("revoke", "nobody"), "NAME: expected the name of a key in force, got nobody"),
        (("create", "taken", "--scope", "read"), "NAME: expected another name than taken: a key in force has it"),
    ],
)
def test_wrong_input_is_named(monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], told: str) -> None:
    monkeypatch.setenv("HOMEWARD_API_KEYS", '[{"key": "0123456789abcdef", "scopes": ["read"], "name": "shop"}]')
    assert _run("keys", "create", "taken", "--scope", "read").exit_code == 0
    refused = _run("keys", *words)
    assert (refused.exit_code, told in refused.stderr) == (2, True), refused.stderr


@pytest.mark.parametrize("words", [("api", "--without-keys")])
def test_with_stored_keys_nobody_is_let_in_without_one(monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]) -> None:
    monkeypatch.setenv("HOMEWARD_STORED_KEYS", "on")
    refused = _run(*words)
    assert refused.exit_code == 2
    assert "HOMEWARD_API_KEYS: expected none beside --without-keys" in refused.stderr
