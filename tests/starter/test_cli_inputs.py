"""Wrong input ends with 2 and names the field; no server and no database are needed to say so."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from starter.cli.main import MODULES, main

EXAMPLE = Path("examples/refund.json")


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOMEWARD_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:1")
    monkeypatch.delenv("HOMEWARD_DATABASE_URL", raising=False)


def call(*arguments: str, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(main, arguments, input=stdin)


def refused(result: Result) -> str:
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    return result.stderr


@pytest.mark.parametrize(
    "command",
    [
        ("attention", "R-1", "retry"),
        ("attention", "retry", "--step", "label"),
        ("retries", "set", "carrier", "--initial", "2s"),
        ("retries", "reset", "carrier"),
    ],
)
def test_a_reason_that_is_too_long_is_named(command: tuple[str, ...]) -> None:
    assert refused(call(*command, "--why", "x" * 5000)).startswith("Error: why: ")


GONE = "gone"


def put(body: Any, path: str, value: object) -> None:
    """Set, or take away, what a dotted path leads to."""
    *way, last = (int(part) if part.isdecimal() else part for part in path.split("."))
    for part in way:
        body = body[part]
    if value == GONE:
        del body[last]
    else:
        body[last] = value


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        ("order", GONE, "order"),
        ("order.customer", GONE, "order.customer"),
        ("order.currency", "ZZZ", "order.currency"),
        ("order.placed_at", "2999-01-01T00:00:00Z", "order.delivered_at"),
        ("order.delivered_at", "2999-01-01T00:00:00Z", "order.delivered_at"),
        ("order.delivered_at", "2026-11-06T16:40:00", "order.delivered_at"),
        ("order.lines.0.unit_price", -1, "order.lines.0.unit_price"),
        ("order.lines.0.unit_price", 40.0, "order.lines.0.unit_price"),
        ("order.lines.0.unit_price", "4000", "order.lines.0.unit_price"),
        ("order.tenders.0.captured", 1, "order.tenders"),
        ("items.0.line_id", "9", "items.0.line_id"),
        ("items.0.quantity", 99, "items.0.quantity"),
        ("items.0.reason", "bored", "items.0.reason"),
        ("return_id", "no spaces", "return_id"),
        ("chanel", "web", "chanel"),
    ],
)
def test_a_wrong_field_is_named(path: str, value: object, field: str) -> None:
    body = json.loads(EXAMPLE.read_text())
    put(body, path, value)
    assert f"{field}: " in refused(call("start", "-", stdin=json.dumps(body)))


@pytest.mark.parametrize(
    ("stdin", "told"),
    [
        ("", "body: expected JSON"),
        ("{", "body: expected JSON: Expecting property name enclosed in double quotes at line 1"),
        ("[]", "body: "),
        ('{"a": NaN}', "body: expected JSON"),
        ("[" * 100_000, "body: expected JSON"),
        ('{"a": ' + "9" * 5000 + "}", "body: expected JSON"),
        (b"\xff\xfe", "body: expected UTF-8"),
        ('"' + "x" * 5_000_000 + '"', "body: expected at most 1000000 bytes"),
    ],
)
@pytest.mark.parametrize("command", ["start", "quote"])
def test_what_is_no_request_is_refused(command: str, stdin: str | bytes, told: str) -> None:
    assert told in refused(call(command, "-", stdin=stdin))


def test_a_missing_file_is_named() -> None:
    assert "nowhere.json: No such file" in refused(call("start", "nowhere.json"))


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        (["receive", "R-1", "--unit", "1:x"], "--unit"),
        (["receive", "R-1", "--unit", "1:0"], "--unit"),
        (
            ["receive", "R-1", "--extra", "MUG:1:S1", "--extra", "MUG:1:s 1"],
            "--extra: expected each serial number once",
        ),
        (["receive", "R-1", "--unit", "1:1:S1", "--extra", "MUG:1:S1"], "--extra: expected each serial"),
        (["receive", "R-1", "--unit", "1:1:S1", "--unit", "2:1:S1"], "--unit: expected each serial"),
        (["inspect", "R-1", "--reject", ""], "--reject"),
        (["inspect", "R-1", "--grade", "A", "--reject", "1-1"], "--grade: expected no --unit and no --reject beside"),
        (["inspect", "R-1", "--grade", "B", "--unit", "1-1=A"], "--grade: expected no --unit and no --reject beside"),
        (["inspect", "R-1", "--unit", "1-1=E"], "--unit"),
        (["inspect", "R-1", "--unit", "1-1=A:moon"], "--unit"),
        (["inspect", "R-1", "--grade", "E"], "--grade"),
        (["attention", "R-1", "ignore"], "ignore"),
        (["decline", "R-1"], "--reason"),
        (["track", "R-1", "vanished"], "vanished"),
        (["track", "R-1", "lost", "--at", "yesterday"], "--at"),
        (["track", "R-1", "lost", "--at", "2026-11-10T09:00:00"], "--at"),
        (["list", "--status", "gone"], "--status"),
        (["inventory", "add", "SHOE-42", "0"], "QUANTITY"),
        (["up", "--temporal-port", "70000"], "--temporal-port"),
        (["worker", "--role", "cook"], "--role"),
        (["vanish"], "vanish"),
    ],
)
def test_a_wrong_option_is_named(arguments: list[str], field: str) -> None:
    assert field in refused(call(*arguments))


@pytest.mark.parametrize("arguments", [["list"], ["show", "R-1"], ["approve", "R-1"], ["start", str(EXAMPLE)]])
def test_nobody_there_ends_with_1(arguments: list[str]) -> None:
    result = call(*arguments)
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: Temporal does not answer at 127.0.0.1:1")


def test_a_bad_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOMEWARD_SMTP_URL", "somewhere")
    for command in (["list"], ["up"], ["worker"], ["db", "upgrade"]):
        assert "HOMEWARD_SMTP_URL: expected smtp://HOST:PORT" in refused(call(*command))


def test_a_bad_policy_stops_up_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text("[clock]\nlimit_days = 7\n")
    monkeypatch.setenv("HOMEWARD_POLICY", str(policy))
    assert "clock.limit_days" in refused(call("up", "--temporal-port", "0", "--ui-port", "0", "--api-port", "0"))
    assert "clock.limit_days" in refused(call("quote", str(EXAMPLE)))
    assert "clock.limit_days" in refused(call("policy", "check", str(policy)))


def test_a_right_policy_is_reported() -> None:
    result = call("policy", "check", "-", "--json", stdin='version = "2027"')
    assert json.loads(result.stdout) == {"valid": True, "version": "2027"}


def test_stock_is_kept_without_a_server() -> None:
    assert call("db", "upgrade").exit_code == 0
    assert call("inventory", "add", "SHOE-42", "3").exit_code == 0
    kept = json.loads(call("inventory", "--json").stdout)
    assert kept == [{"sku": "SHOE-42", "location": "main", "grade": "A", "on_hand": 3, "reserved": 0}]
    assert json.loads(call("inventory", "--sku", "NEW", "--json").stdout)[0]["on_hand"] == 0


#: Commands that have commands of their own, each with its own help.
GROUPS = {
    "staff": ["add", "list", "roles", "password", "disable", "enable"],
    "credit": ("spend", "give-back", "take-back"),
    "deploy": ("check", "status", "promote", "rollback"),
    "inventory": ("add", "check"),
    "repair": ("list", "show", "diagnose", "estimate", "record", "check", "attention"),
    "support": ("list", "show", "ask", "answer", "close", "return"),
    "supplier": ("list", "show", "authorise", "ship", "credit", "refuse"),
}


@pytest.mark.parametrize(("group", "name"), [(group, name) for group, names in GROUPS.items() for name in names])
def test_every_command_of_a_group_answers_as_json(group: str, name: str) -> None:
    result = call(group, name, "--help")
    assert result.exit_code == 0
    assert "--json" in result.stdout


@pytest.mark.parametrize("name", sorted(MODULES))
def test_every_command_explains_itself(name: str) -> None:
    result = call(name, "--help")
    assert result.exit_code == 0
    if name in GROUPS:
        return
    assert "--json" in result.stdout or name in ("api", "codec", "db", "encryption", "mcp", "policy", "worker")


def test_a_key_that_stands_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "request.json"
    path.write_text(
        Path("examples/refund.json").read_text().replace('"return_id":', '"return_id": "R-9", "return_id":')
    )
    assert "return_id stands twice in one object" in refused(call("quote", str(path)))


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        (("--from", "soon"), "from: expected a date"),
        (("--from", "2026-11-02", "--to", "2026-11-01"), "to: the last day, 2026-11-01, is before the first"),
        (("--from", "2020-01-01", "--to", "2026-11-01"), "to: more than 1098 days"),
        (("--country", "USA"), "country: expected two letters"),
        (("--period", "month", "--method", "mail", "--country", "USA"), "country: expected two letters"),
    ],
)
def test_a_period_that_is_none_is_named(arguments: tuple[str, ...], field: str) -> None:
    assert field in refused(call("report", *arguments))
