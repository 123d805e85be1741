"""`homeward staff`: let in by a link or a password, given other roles, let in no more."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from starter.cli.main import main
from starter.shared.passwords import Passwords
from tests.portal.people import CHEAP

ALEX = ("add", "alex", "--name", "Alex Doe", "--role", "clerk", "--role", "bench")
TYPED = "four words nobody says\n"


@pytest.fixture(autouse=True)
def at_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOMEWARD_DATABASE_URL", f"sqlite:///{tmp_path / 'homeward.db'}")
    monkeypatch.setenv("HOMEWARD_STAFF_URL", "https://staff.shop.example")
    monkeypatch.setattr(Passwords, "hash", lambda _, password, hashed=CHEAP.hash: hashed(password))
    assert CliRunner().invoke(main, ["db", "upgrade"]).exit_code == 0


def _run(*words: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(main, ("staff", *words), input=typed)


def _listed() -> dict[str, Any]:
    [row] = json.loads(_run("list", "--json").stdout)
    return dict(row)


def test_a_link_is_shown_once_and_alone_on_its_line() -> None:
    made = _run(*ALEX)
    assert (made.exit_code, made.stdout.count("\n")) == (0, 1)
    assert made.stdout.startswith("https://staff.shop.example/staff/link?token=")
    assert "lets alex choose a password, once, until " in made.stderr
    row = _listed()
    assert (row["login"], row["name"], row["roles"]) == ("alex", "Alex Doe", ["bench", "clerk"])
    assert (row["state"], row["signed_in_at"]) == ("waits for a password", None)
    again = json.loads(_run("password", "alex", "--json").stdout)
    assert again["link"] != made.stdout.strip()
    assert "waits for a password" in _run("list").stdout


def test_a_password_that_is_typed_is_on_no_command_line_and_in_no_answer() -> None:
    made = _run(*ALEX, "--ask", typed=TYPED * 2)
    assert (made.exit_code, made.stdout) == (0, "alex can sign in\n")
    assert TYPED.strip() not in made.output
    assert _listed()["state"] == "may sign in"
    changed = _run("password", "alex", "--ask", "--json", typed="another few words\n" * 2)
    assert json.loads(changed.stdout.splitlines()[-1] if not changed.stdout.startswith("{") else changed.stdout)


def test_nobody_is_let_in_by_hand_beside_a_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOMEWARD_OIDC_ISSUER", "https://idp.shop.example")
    monkeypatch.setenv("HOMEWARD_OIDC_CLIENT_ID", "homeward")
    for words in (ALEX, ("password", "alex")):
        result = _run(*words)
        assert (result.exit_code, result.stdout) == (2, "")
        assert "HOMEWARD_OIDC_ISSUER: expected none" in result.stderr


@pytest.mark.parametrize(
    ("issuer", "client", "told"),
    [
        (
            "http://idp.shop.example",
            "homeward",
            "HOMEWARD_OIDC_ISSUER: expected https://HOST, or http:// and a loopback",
        ),
        ("https://idp.shop.example", "", "HOMEWARD_OIDC_CLIENT_ID: expected the name that HOMEWARD_OIDC_ISSUER knows"),
    ],
)
def test_a_provider_is_reached_safely_and_knows_us(
    issuer: str, client: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOMEWARD_OIDC_ISSUER", issuer)
    monkeypatch.setenv("HOMEWARD_OIDC_CLIENT_ID", client)
    assert told in _run("list").stderr


def test_roles_and_the_end_and_the_way_back() -> None:
    _run(*ALEX, "--ask", typed=TYPED * 2)
    assert _run("roles", "alex", "--role", "auditor").stdout == "alex: auditor\n"
    assert _listed()["roles"] == ["auditor"]
    assert _run("disable", "alex").stdout == "alex: disabled, and signed out in 0 places\n"
    assert _listed()["state"] == "disabled"
    assert _run("enable", "alex").stdout == "alex: may sign in\n"
    assert _listed()["state"] == "may sign in"


@pytest.mark.parametrize(
    ("words", "typed", "told"),
    [
        (("add", "Alex D", "--name", "A", "--role", "clerk"), "", "LOGIN: expected 1 to 100 small letters"),
        (("add", "kim", "--name", "customer", "--role", "clerk"), "", "--name: expected the name of a person"),
        (("add", "kim", "--name", "Kim"), "", "Missing option '--role'"),
        (("add", "kim", "--name", "Kim", "--role", "boss"), "", "'boss' is not one of"),
        (ALEX, "", "LOGIN: expected another sign-in name than alex: somebody has it"),
        (("password", "alex", "--ask"), "short\nshort\n", "password: expected at least 12 characters"),
        (("password", "nobody"), "", "LOGIN: expected the sign-in name of somebody who was added, got nobody"),
        (("roles", "nobody", "--role", "clerk"), "", "LOGIN: expected the sign-in name of somebody"),
        (("disable", "nobody"), "", "LOGIN: expected the sign-in name of somebody"),
        (("enable", "nobody"), "", "LOGIN: expected the sign-in name of somebody"),
    ],
)
def test_what_does_not_fit_is_named(words: tuple[str, ...], typed: str, told: str) -> None:
    assert _run(*ALEX).exit_code == 0
    result = _run(*words, typed=typed)
    assert (result.exit_code, result.stdout) == (2, "")
    assert told in result.stderr
